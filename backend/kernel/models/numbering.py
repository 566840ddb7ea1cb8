"""Rules and counters of document numbers."""

from django.db import models


class NumberingRule(models.Model):
    """``pattern`` knows {prefix}, {date} (by ``date_format``) and {serial}; the counter restarts per ``reset``."""

    doc_type = models.CharField(max_length=40, primary_key=True)
    prefix = models.CharField(max_length=12)
    date_format = models.CharField(max_length=12, default="%Y%m%d", blank=True)
    separator = models.CharField(max_length=2, default="-", blank=True)
    digits = models.PositiveSmallIntegerField(default=5)
    reset = models.CharField(
        max_length=5, default="day", choices=[("day", "day"), ("month", "month"), ("year", "year"), ("never", "never")]
    )

    class Meta:
        db_table = "kernel_numbering_rule"


class NumberCounter(models.Model):
    """The last serial used for a document type in one stretch of time."""

    id = models.BigAutoField(primary_key=True)
    doc_type = models.CharField(max_length=40)
    stretch = models.CharField(max_length=10)
    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "kernel_number_counter"
        constraints = [models.UniqueConstraint(fields=["doc_type", "stretch"], name="number_counter_once")]
