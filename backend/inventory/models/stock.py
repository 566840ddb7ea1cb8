"""Warehouses, balances and the append-only ledger of moves."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.ids import uuid7


class WarehouseKind(models.TextChoices):
    """Where goods lie. What is under way lies in the one of kind transit, our material at a processor in his location, what
    is issued to production in the one of kind workshop."""

    STOCK = "stock", _("Warehouse")
    TRANSIT = "transit", _("Under way between warehouses")
    SUPPLIER = "supplier", _("At a supplier")
    CUSTOMER = "customer", _("On consignment")
    WORKSHOP = "workshop", _("In the workshop")


SUBCONTRACT_ROLE, WORKSHOP_ROLE = "subcontract_material", "wip_material"
# The account of everything that lies in such a place; anywhere else it is that of the item's category.
PLACE_ROLES = {str(WarehouseKind.SUPPLIER): SUBCONTRACT_ROLE, str(WarehouseKind.WORKSHOP): WORKSHOP_ROLE}


def role_expression(place: str, category: str) -> str:
    """The role of the inventory account of what lies in a place, for a statement that names both tables so."""
    cases = " ".join(f"WHEN '{kind}' THEN '{role}'" for kind, role in sorted(PLACE_ROLES.items()))
    return f"CASE {place}.kind {cases} ELSE {category}.inventory_role END"


class Warehouse(models.Model):
    """A place where stock lies. Only active ones are offered for orders; transit, workshop and partners' locations never are."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True, db_collation="C")
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=200, blank=True, default="")
    is_default = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    allow_negative = models.BooleanField(default=False, db_default=False)
    kind = models.CharField(
        max_length=10, choices=WarehouseKind, default=WarehouseKind.STOCK, db_default=WarehouseKind.STOCK
    )
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "inventory_warehouse"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="warehouse_one_default"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="transit"), name="warehouse_one_for_transit"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="workshop"), name="warehouse_one_for_the_workshop"
            ),
            models.UniqueConstraint(
                fields=["party"], condition=models.Q(kind="supplier"), name="warehouse_one_for_a_supplier"
            ),
            models.UniqueConstraint(
                fields=["party"], condition=models.Q(kind="customer"), name="warehouse_one_for_a_customer"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["supplier", "customer"], party__isnull=False)
                | (~models.Q(kind__in=["supplier", "customer"]) & models.Q(party__isnull=True)),
                name="warehouse_of_a_partner",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StockBalance(models.Model):
    """One row per item and warehouse: the row that reservations lock.

    ``available`` = on_hand − reserved − blocked. Triggers alone move these columns: ``on_hand`` and ``value`` follow
    the moves, ``reserved`` the reservations, ``blocked`` the quantities of lots that are not released,
    ``allow_negative`` the warehouse. Less than nothing lies there only where that is allowed, at a provisional value,
    and never under a reservation.
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, db_index=False)
    on_hand = fields.qty()
    reserved = fields.qty()
    blocked = fields.qty()
    value = fields.money()
    allow_negative = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "inventory_stock_balance"
        constraints = [
            models.UniqueConstraint(fields=["item", "warehouse"], name="stock_balance_once"),
            models.CheckConstraint(
                condition=models.Q(on_hand__gte=0) | models.Q(allow_negative=True), name="stock_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, blocked__gte=0)
                & (
                    models.Q(on_hand__gte=models.F("reserved") + models.F("blocked"))
                    | models.Q(allow_negative=True, reserved=0, blocked=0)
                ),
                name="stock_not_oversold",
            ),
            models.CheckConstraint(
                condition=models.Q(value__gte=0) | models.Q(on_hand__lt=0), name="stock_value_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(value__lte=0) | models.Q(on_hand__gte=0), name="missing_stock_has_no_value"
            ),
            models.CheckConstraint(condition=~models.Q(on_hand=0) | models.Q(value=0), name="no_stock_no_value"),
        ]

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved - self.blocked

    @property
    def unit_cost(self) -> Decimal | None:
        return self.value / self.on_hand if self.on_hand else None


class LotBalance(models.Model):
    """How much of a lot lies in a warehouse. ``reserved`` are hard reservations of this very lot."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, db_index=False)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, related_name="balances")
    on_hand = fields.qty()
    reserved = fields.qty()

    class Meta:
        db_table = "inventory_lot_balance"
        constraints = [
            models.UniqueConstraint(fields=["item", "warehouse", "lot"], name="lot_balance_once"),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, on_hand__gte=models.F("reserved")),
                name="lot_not_oversold",
            ),
        ]


class MoveKind(models.TextChoices):
    OPENING = "opening", _("Opening stock")
    PURCHASE_RECEIPT = "purchase_receipt", _("Purchase receipt")
    SALES_DELIVERY = "sales_delivery", _("Sales delivery")
    PURCHASE_RETURN = "purchase_return", _("Purchase return")
    SALES_RETURN = "sales_return", _("Sales return")
    REVALUATION = "revaluation", _("Cost adjustment")
    CORRECTION = "correction", _("Recalculated cost")
    REVERSAL = "reversal", _("Reversal")
    LOT_SPLIT = "lot_split", _("Lot split")
    OTHER_RECEIPT = "other_receipt", _("Other receipt")
    OTHER_ISSUE = "other_issue", _("Other issue")
    SCRAP = "scrap", _("Scrapped")
    TRANSFER_OUT = "transfer_out", _("Transfer out")
    TRANSIT = "transit", pgettext_lazy("stock move", "Under way")
    TRANSFER_IN = "transfer_in", _("Transfer in")
    TRANSFER_LOSS = "transfer_loss", _("Lost on the way")
    COUNT_GAIN = "count_gain", _("Count gain")
    COUNT_LOSS = "count_loss", _("Count loss")
    ASSEMBLY_OUT = "assembly_out", _("Taken for assembly")
    ASSEMBLY_IN = "assembly_in", _("Made by assembly")
    CONSIGN_OUT = "consign_out", _("Consignment out")
    CONSIGN_IN = "consign_in", _("Consignment in")
    CONSIGN_BACK = "consign_back", _("Back from the agent")
    CONSIGN_SOLD = "consign_sold", _("Sold on consignment")
    SUBCONTRACT_OUT = "subcontract_out", _("Material sent on")
    SUBCONTRACT_IN = "subcontract_in", _("Material taken in")
    SUBCONTRACT_USED = "subcontract_used", _("Used in processing")
    SUBCONTRACT_LOSS = "subcontract_loss", _("Lost in processing")
    PRODUCTION_IN = "production_in", _("Made in production")


# Moves inside the company, and losses: they may take a named lot whatever its state.
WHATEVER_LOT = frozenset(
    {
        MoveKind.PURCHASE_RETURN,
        MoveKind.SCRAP,
        MoveKind.TRANSFER_OUT,
        MoveKind.TRANSIT,
        MoveKind.TRANSFER_LOSS,
        MoveKind.COUNT_LOSS,
        MoveKind.CONSIGN_BACK,
        MoveKind.SUBCONTRACT_LOSS,
    }
)


class StockMove(models.Model):
    """A fact: so much went in or out, at this value. In and out are separate columns; a revaluation moves value alone.

    ``origin`` is the move whose goods these are: the delivery of what a customer returns, the receipt of what goes back
    to the supplier, the arrival whose cost is corrected. A correction is the work of the costing itself.
    ``serial_ids`` are the pieces of an item that is kept by serial number, one for each (trigger).
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, db_index=False)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True)
    kind = models.CharField(max_length=20, choices=MoveKind)
    qty_in = fields.qty()
    qty_out = fields.qty()
    value_in = fields.money()
    value_out = fields.money()
    move_date = models.DateField()
    moved_at = models.DateTimeField()
    doc_type = models.CharField(max_length=40)
    doc_id = models.UUIDField()
    doc_number = models.CharField(max_length=40)
    doc_line_id = models.UUIDField(null=True)
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    order_id = models.UUIDField(null=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    origin = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="returns")
    serial_ids = ArrayField(models.UUIDField(), null=True)

    class Meta:
        db_table = "inventory_stock_move"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(qty_in__gte=0, qty_out__gte=0, value_in__gte=0, value_out__gte=0)
                & (models.Q(qty_in=0) | models.Q(qty_out=0))
                & (models.Q(value_in=0) | models.Q(value_out=0)),
                name="move_one_direction",
            )
        ]
        indexes = [
            models.Index(fields=["item", "warehouse", "id"], name="move_item"),
            models.Index(fields=["doc_id"], name="move_document"),
            models.Index(fields=["doc_line_id"], condition=models.Q(doc_line_id__isnull=False), name="move_line"),
            models.Index(fields=["origin"], condition=models.Q(origin__isnull=False), name="move_origin"),
            BrinIndex(fields=["move_date"], name="move_day"),
            GinIndex(fields=["serial_ids"], condition=models.Q(serial_ids__isnull=False), name="move_serials"),
        ]
