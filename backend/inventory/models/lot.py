"""Lots and the lot graph (inputs → activity → outputs), written by every receipt and delivery."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class LotState(models.TextChoices):
    QUARANTINE = "quarantine", _("In inspection")
    RELEASED = "released", _("Released")
    HELD = "held", _("On hold")
    EXPIRED = "expired", _("Expired")
    SCRAPPED = "scrapped", _("Scrapped")


class Lot(models.Model):
    """A batch of an item. The supplier's own lot number is kept beside ours.

    Only a released lot may leave for a customer (trigger); the others count as blocked on the stock balance (trigger).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    lot_no = models.CharField(max_length=40, db_collation="C")
    supplier_lot_no = models.CharField(max_length=40, blank=True, default="")
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, blank=True)
    mfg_date = models.DateField(null=True, blank=True)
    expiry_date = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=LotState, default=LotState.RELEASED)
    hold_reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()

    is_new = False  # whether ``ensure_lots`` has just made it

    class Meta:
        db_table = "inventory_lot"
        constraints = [models.UniqueConstraint(fields=["item", "lot_no"], name="lot_no_once_per_item")]

    def __str__(self) -> str:
        return self.lot_no

    def state_label(self, axis: str) -> str:
        """The state in the reader's language, as the life cycle asks for it."""
        return str(getattr(self, f"get_{axis}_display")())


# Activities that pass nothing on: what they take in stays with a partner, what comes out of them begins there.
CONSIGNED = "sales.consignment"  # goods lie at an agent or were sold by him
SHIPPING = ("sales.delivery", "sales.return")
RECEIPT = "purchasing.receipt"  # an end, unless a processor used material of ours for what came
GRAPH_ENDS = (*SHIPPING, RECEIPT, "inventory.opening_stock")


class LotEdge(models.Model):
    """A lot that went into an activity (``direction`` in) or came out of it (out): receipt, delivery, production."""

    id = models.BigAutoField(primary_key=True)
    activity_type = models.CharField(max_length=40)
    activity_id = models.UUIDField()
    activity_number = models.CharField(max_length=40)
    direction = models.CharField(max_length=3, choices=[("in", "in"), ("out", "out")])
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="edges")
    qty = fields.qty()
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "inventory_lot_edge"
        indexes = [
            models.Index(fields=["activity_id"], name="lot_edge_activity"),
            models.Index(
                fields=["lot", "activity_id"],
                include=["direction", "qty"],
                condition=~models.Q(activity_type__in=GRAPH_ENDS),
                name="lot_edge_passes_on",
            ),
            models.Index(
                fields=["activity_id", "lot"],
                include=["direction", "qty"],
                condition=~models.Q(activity_type__in=GRAPH_ENDS),
                name="lot_edge_comes_from",
            ),
            models.Index(
                fields=["lot", "activity_id"],
                condition=models.Q(activity_type=RECEIPT, direction="in"),
                name="lot_edge_used_for_goods",
            ),
            models.Index(
                fields=["lot", "activity_id"],
                condition=models.Q(activity_type=CONSIGNED),
                name="lot_edge_consigned",
            ),
            models.Index(
                fields=["lot", "party"],
                include=["direction", "qty", "at", "activity_number"],
                condition=models.Q(activity_type__in=SHIPPING),
                name="lot_edge_shipped",
            ),
        ]
