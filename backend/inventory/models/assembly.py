"""Kits: what they are made of, and their assembly and disassembly."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine
from backend.kernel.ids import uuid7


class KitLine(models.Model):
    """So much of a component goes into one kit; ``ratio`` shares the cost when the kit is taken apart.

    ``scrap_pct`` is what is lost on top when somebody else makes it (subcontracting).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kit = models.ForeignKey("catalog.Item", models.CASCADE, related_name="+")
    line_no = models.PositiveIntegerField()
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    qty = fields.qty()
    ratio = fields.rate()
    scrap_pct = fields.rate(db_default=0)

    class Meta:
        db_table = "inventory_kit_line"
        constraints = [
            models.UniqueConstraint(fields=["kit", "item"], name="kit_component_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, ratio__gte=0) & ~models.Q(kit=models.F("item")), name="kit_line_sound"
            ),
        ]


class AssemblyKind(models.TextChoices):
    ASSEMBLE = "assemble", _("Assembly")
    TAKE_APART = "take_apart", _("Disassembly")
    CONVERT = "convert", _("Conversion")


class Assembly(Document):
    """Components become a kit at what they cost, or a kit becomes components that share its cost by ratio.

    A conversion (形态转换) makes one item of one other: cut, repacked, regraded. A ``fee`` that we owe a supplier for the
    work is part of what the product costs.
    """

    DOC_TYPE = "inventory.assembly"

    kind = models.CharField(max_length=10, choices=AssemblyKind, default=AssemblyKind.ASSEMBLE)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    lot_no = models.CharField(max_length=40, blank=True, default="")
    expiry_date = models.DateField(null=True, blank=True)
    fee = fields.money(db_default=0)
    fee_supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    total_value = fields.money()

    class Meta:
        db_table = "inventory_assembly"
        constraints = [
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="assembly_positive"),
            models.CheckConstraint(
                condition=models.Q(fee=0, fee_supplier__isnull=True) | models.Q(fee__gt=0, fee_supplier__isnull=False),
                name="assembly_fee_owed_to_somebody",
            ),
        ]


class AssemblyLine(DocumentLine):
    """A component: ``qty`` in all. A lot number names the lot it is taken from, or the one it becomes."""

    document = models.ForeignKey(Assembly, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    ratio = fields.rate()
    lot_no = models.CharField(max_length=40, blank=True, default="")
    value = fields.money()

    class Meta:
        db_table = "inventory_assembly_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="assembly_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0, ratio__gte=0), name="assembly_line_positive"),
        ]
