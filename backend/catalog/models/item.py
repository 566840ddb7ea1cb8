"""Items with their units, tax codes and categories."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class Unit(models.Model):
    """A unit of measure; quantities in it have at most ``decimals`` decimals."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=12, unique=True, db_collation="C")
    name = models.CharField(max_length=30)
    name_en = models.CharField(max_length=30, blank=True, default="")
    decimals = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "catalog_unit"

    def __str__(self) -> str:
        return self.name


class TaxCode(models.Model):
    """A VAT rate with the time it holds; ``rate`` is a percentage."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True, db_collation="C")
    name = models.CharField(max_length=60)
    rate = fields.rate()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "catalog_tax_code"

    def __str__(self) -> str:
        return self.name


class CostMethod(models.TextChoices):
    MOVING_AVG = "moving_avg", _("Moving average")
    FIFO = "fifo", _("FIFO")
    MONTH_AVG = "month_avg", _("Monthly average")
    SPECIFIC = "specific", _("Specific cost")


class ItemCategory(models.Model):
    """A category carries the costing method and the role of the inventory account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=30, unique=True, db_collation="C")
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    cost_method = models.CharField(max_length=12, choices=CostMethod, default=CostMethod.MOVING_AVG)
    inventory_role = models.CharField(max_length=30, default="inventory")

    class Meta:
        db_table = "catalog_item_category"

    def __str__(self) -> str:
        return self.name


class ItemType(models.TextChoices):
    GOODS = "goods", _("Goods")
    SERVICE = "service", _("Service")


class InspectionPlan(models.TextChoices):
    NONE = "none", _("Not inspected")
    SAMPLE = "sample", _("By sample (GB/T 2828.1, level II)")
    FULL = "full", _("Every piece")


class Item(models.Model):
    """Something with a code. Quantities are in ``unit``; ``pack_qty`` rounds purchases up to whole packs (AMB-2).

    A variant belongs to a ``style``; ``variant_key`` names its values: ``RED-M``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True, db_collation="C")
    name = models.CharField(max_length=120)
    spec = models.CharField(max_length=120, blank=True, default="")
    mnemonic = models.CharField(max_length=60, blank=True, default="")
    sort_key = models.CharField(max_length=200, blank=True, default="", db_collation="C")
    barcode = models.CharField(max_length=40, blank=True, default="")
    category = models.ForeignKey(ItemCategory, models.PROTECT)
    item_type = models.CharField(max_length=10, choices=ItemType, default=ItemType.GOODS)
    unit = models.ForeignKey(Unit, models.PROTECT)
    tax_code = models.ForeignKey(TaxCode, models.PROTECT)
    purchasable = models.BooleanField(default=True)
    sellable = models.BooleanField(default=True)
    lot_tracked = models.BooleanField(default=False)
    expiry_tracked = models.BooleanField(default=False)
    serial_tracked = models.BooleanField(default=False, db_default=False)
    shelf_life_days = models.PositiveIntegerField(null=True, blank=True)
    inspection = models.CharField(
        max_length=8, choices=InspectionPlan, default=InspectionPlan.NONE, db_default=InspectionPlan.NONE
    )
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, blank=True, related_name="+")
    lead_days = models.PositiveSmallIntegerField(null=True, blank=True)
    pack_qty = fields.qty(default=1)
    min_order_qty = fields.qty()
    safety_stock = fields.qty()
    share_with_supplier = models.BooleanField(default=False)
    sale_price = fields.price(null=True, blank=True, default=None)
    purchase_price = fields.price(null=True, blank=True, default=None)
    min_sale_price = fields.price(null=True, blank=True, default=None)
    active = models.BooleanField(default=True)
    remark = models.TextField(blank=True, default="")
    style = models.ForeignKey("catalog.Style", models.PROTECT, null=True, blank=True, related_name="variants")
    variant_key = models.CharField(max_length=70, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_item"
        constraints = [
            models.UniqueConstraint(fields=["barcode"], condition=~models.Q(barcode=""), name="item_barcode_once"),
            models.UniqueConstraint(
                fields=["style", "variant_key"], condition=models.Q(style__isnull=False), name="variant_once"
            ),
            models.CheckConstraint(condition=models.Q(pack_qty__gt=0), name="item_pack_positive"),
            models.CheckConstraint(
                condition=models.Q(min_order_qty__gte=0, safety_stock__gte=0), name="item_quantities_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["sort_key", "id"], name="item_sort")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stocked(self) -> bool:
        return self.item_type == ItemType.GOODS

    @property
    def is_inspected(self) -> bool:
        """Whether what comes in waits for an inspection before it is sold."""
        return self.inspection != InspectionPlan.NONE
