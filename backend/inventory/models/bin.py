"""Bins: the places inside a warehouse, for warehouses that have them.

A warehouse has bins from the moment it has a default one; what it holds lies there until it is put away. From then on the
bins of a warehouse hold exactly what its balance says, lot by lot: a trigger gives every move its bins (those that are
named for its line, else the proposal), and moving goods between bins changes no balance.
"""

from django.db import models

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine
from backend.kernel.ids import uuid7


class Bin(models.Model):
    """A place with a code. ``sequence`` is the order in which people walk past; goods without a place lie in the default."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, db_index=False, related_name="bins")
    code = models.CharField(max_length=30, db_collation="C")
    zone = models.CharField(max_length=30, blank=True, default="")
    sequence = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        db_table = "inventory_bin"
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "code"], name="bin_once_per_warehouse"),
            models.UniqueConstraint(
                fields=["warehouse"], condition=models.Q(is_default=True), name="bin_one_default_per_warehouse"
            ),
            models.CheckConstraint(
                condition=models.Q(is_default=False) | models.Q(active=True), name="default_bin_used"
            ),
        ]
        indexes = [models.Index(fields=["warehouse", "sequence", "code"], name="bin_walk")]

    def __str__(self) -> str:
        return self.code


class BinBalance(models.Model):
    """How much of an item (of a lot) lies in a bin; follows the entries."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, db_index=False)
    bin = models.ForeignKey(Bin, models.PROTECT, related_name="balances")
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, db_index=False)
    on_hand = fields.qty()

    class Meta:
        db_table = "inventory_bin_balance"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "warehouse", "bin", "lot"], nulls_distinct=False, name="bin_balance_once"
            ),
            models.CheckConstraint(condition=models.Q(on_hand__gte=0), name="bin_not_overdrawn"),
        ]


class BinEntry(models.Model):
    """A fact: a move, or goods put elsewhere (``doc_id``), brought so much into a bin or took it; signed."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, db_index=False)
    bin = models.ForeignKey(Bin, models.PROTECT, related_name="entries")
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, db_index=False)
    qty = fields.qty()
    move = models.ForeignKey("inventory.StockMove", models.PROTECT, null=True, db_index=False, related_name="places")
    doc_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "inventory_bin_entry"
        constraints = [models.CheckConstraint(condition=~models.Q(qty=0), name="bin_entry_moves_something")]
        indexes = [
            models.Index(fields=["move"], condition=models.Q(move__isnull=False), name="bin_entry_of_move"),
            models.Index(fields=["item", "warehouse", "id"], name="bin_entry_item"),
        ]


class FixedBin(models.Model):
    """Where an item has its place in a warehouse: what comes is put there."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("catalog.Item", models.CASCADE, db_index=False)
    warehouse = models.ForeignKey("inventory.Warehouse", models.CASCADE, db_index=False)
    bin = models.ForeignKey(Bin, models.CASCADE, related_name="fixed")

    class Meta:
        db_table = "inventory_fixed_bin"
        constraints = [models.UniqueConstraint(fields=["item", "warehouse"], name="fixed_bin_once")]


class LineBin(models.Model):
    """A bin that somebody named for a line of a document before it is booked; the trigger prefers it to its proposal."""

    id = models.BigAutoField(primary_key=True)
    line_id = models.UUIDField()
    doc_id = models.UUIDField()
    bin = models.ForeignKey(Bin, models.PROTECT, db_index=False)
    qty = fields.qty()

    class Meta:
        db_table = "inventory_line_bin"
        constraints = [
            models.UniqueConstraint(fields=["line_id", "bin"], name="line_bin_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="line_bin_positive"),
        ]
        indexes = [models.Index(fields=["doc_id"], name="line_bins_of_document")]


class BinMove(Document):
    """Goods put from bins into other bins of one warehouse; nothing changes but where they lie."""

    DOC_TYPE = "inventory.bin_move"

    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)

    class Meta:
        db_table = "inventory_bin_move"


class BinMoveLine(DocumentLine):
    """So much of an item (of a lot) from one bin to the other."""

    document = models.ForeignKey(BinMove, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, blank=True)
    qty = fields.qty()
    source = models.ForeignKey(Bin, models.PROTECT, related_name="+")
    destination = models.ForeignKey(Bin, models.PROTECT, related_name="+")

    class Meta:
        db_table = "inventory_bin_move_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="bin_move_line_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0) & ~models.Q(source=models.F("destination")), name="bin_move_line_sound"
            ),
        ]
