"""A list on its way in, and its rows with what is wrong about each."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel.ids import uuid7


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting for its check")
    CHECKED = "checked", pgettext_lazy("import", "Checked")
    ASKED = "asked", _("Waiting to be saved")
    SAVED = "saved", pgettext_lazy("import", "Saved")
    DROPPED = "dropped", _("Dropped")


class RowAction(models.TextChoices):
    NEW = "new", pgettext_lazy("row", "New")
    CHANGE = "change", pgettext_lazy("row", "Changes")
    SAME = "same", pgettext_lazy("row", "As it is")


class ImportRun(models.Model):
    """``columns`` are the keys that the list has, ``unread`` the headings that mean nothing here; ``made`` says what came
    of it: [{label, doc_type, number}]."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING)
    columns = models.JSONField(default=list)
    unread = models.JSONField(default=list)
    make_missing = models.BooleanField(default=False)
    only_good = models.BooleanField(default=False)
    rows_count = models.PositiveIntegerField(default=0)
    good_count = models.PositiveIntegerField(default=0)
    faulty_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    made = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    created_at = models.DateTimeField()
    created_by_id = models.UUIDField(null=True)
    created_by_name = models.CharField(max_length=60, blank=True, default="")
    asked_by_id = models.UUIDField(null=True)
    saved_at = models.DateTimeField(null=True)
    saved_by_name = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        db_table = "imports_run"
        indexes = [
            models.Index(fields=["id"], name="import_run_to_do", condition=models.Q(state__in=["waiting", "asked"]))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def same_count(self) -> int:
        """Good rows that say what is there already."""
        return self.good_count - self.new_count - self.changed_count

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has, or is to have, its hands on it."""
        return self.state in {RunState.WAITING, RunState.ASKED}


class ImportRow(models.Model):
    """A row of the sheet: its number there, the texts of its cells by column, and its faults: [{column, message}]."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    texts = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    is_faulty = models.BooleanField(default=False)
    action = models.CharField(max_length=8, choices=RowAction, blank=True, default="")

    class Meta:
        db_table = "imports_row"
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_row_once")]
