"""Serial numbers: single pieces of an item, each in one place at most.

A move of an item that is kept by serial number names the pieces it moves (``StockMove.serial_ids``); a trigger carries
that into the whereabouts of each piece. Nobody else writes them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from backend.kernel.ids import uuid7


class Serial(models.Model):
    """One piece. ``warehouse`` is where it lies, nothing while it is with a partner or gone; ``last_move`` says with whom.

    ``bin`` is its place in a warehouse that has bins: the moves' trigger and moves between bins keep it, so that the pieces
    in a bin are as many as the bin holds.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    serial_no = models.CharField(max_length=60, db_collation="C")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, null=True, db_index=False)
    bin = models.ForeignKey("inventory.Bin", models.PROTECT, null=True, db_index=False, related_name="+")
    last_move = models.ForeignKey("inventory.StockMove", models.PROTECT, null=True, db_index=False, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "inventory_serial"
        constraints = [models.UniqueConstraint(fields=["item", "serial_no"], name="serial_once_per_item")]
        indexes = [
            models.Index(fields=["serial_no"], name="serial_by_number"),
            models.Index(
                fields=["warehouse", "item"], condition=models.Q(warehouse__isnull=False), name="serial_that_lies"
            ),
        ]

    def __str__(self) -> str:
        return self.serial_no


class SerialHold(models.Model):
    """A piece is kept for a line of an order, for no other one (``services.holding``)."""

    serial = models.OneToOneField(Serial, models.CASCADE, primary_key=True, related_name="hold")
    line_id = models.UUIDField(db_index=True)
    doc_id = models.UUIDField(db_index=True)
    doc_type = models.CharField(max_length=40)
    doc_number = models.CharField(max_length=40)
    by_name = models.CharField(max_length=120, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "inventory_serial_hold"

    def __str__(self) -> str:
        return self.doc_number


class LineSerials(models.Model):
    """The serial numbers that somebody named for a line of a document before it is booked; booking reads them.

    ``line_id`` is the document itself where it moves an item without a line (what an assembly makes). ``kept_nos`` are the
    pieces that were kept for the order until this line left: taken back, they are kept again.
    """

    line_id = models.UUIDField(primary_key=True)
    doc_id = models.UUIDField()
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    serial_nos = ArrayField(models.CharField(max_length=60))
    kept_nos = ArrayField(models.CharField(max_length=60), default=list, db_default=[])

    class Meta:
        db_table = "inventory_line_serials"
        indexes = [models.Index(fields=["doc_id"], name="line_serials_of_document")]
