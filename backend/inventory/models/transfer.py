"""Transfers between warehouses: what was sent lies in the transit warehouse until it is received."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine, Progress


class UrgentCause(models.TextChoices):
    """Why goods had to be moved in a hurry: what is counted can be avoided."""

    FORECAST = "forecast", _("Demand was underestimated")
    LATE_SUPPLIER = "late_supplier", _("A supplier was late")
    WRONG_PLACE = "wrong_place", _("Goods lay in the wrong warehouse")
    STOCK_ERROR = "stock_error", _("The stock record was wrong")
    RUSH_ORDER = "rush_order", _("A customer's rush order")
    OTHER = "other", _("Another cause")


class Transfer(Document):
    """Submitted: goods are set aside at the source and announced at the destination. Approved: they left.

    ``one_step`` transfers arrive in the moment they leave.
    """

    DOC_TYPE = "inventory.transfer"

    source = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+")
    destination = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+")
    expected_date = models.DateField()
    one_step = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    urgent_cause = models.CharField(max_length=16, choices=UrgentCause, blank=True, default="")
    freight_amount = fields.money()
    total_value = fields.money()
    received = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)

    class Meta:
        db_table = "inventory_transfer"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(source=models.F("destination")), name="transfer_between_two_places"
            ),
            models.CheckConstraint(
                condition=models.Q(urgent=False) | ~models.Q(urgent_cause=""), name="urgent_transfer_has_a_cause"
            ),
        ]


class TransferLine(DocumentLine):
    """``value`` is what left; ``received_qty`` and ``lost_qty`` add up to ``qty`` when the line is done."""

    document = models.ForeignKey(Transfer, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, blank=True)
    value = fields.money()
    received_qty = fields.qty()
    lost_qty = fields.qty()
    suggestion_id = models.UUIDField(null=True)

    class Meta:
        db_table = "inventory_transfer_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="transfer_line_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, value__gte=0, received_qty__gte=0, lost_qty__gte=0)
                & models.Q(qty__gte=models.F("received_qty") + models.F("lost_qty")),
                name="transfer_line_within_bounds",
            ),
        ]


class TransferReceipt(Document):
    """What arrived of a transfer, and what is given up as lost on the way."""

    DOC_TYPE = "inventory.transfer_receipt"

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="receipts")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    total_value = fields.money()
    lost_value = fields.money()

    class Meta:
        db_table = "inventory_transfer_receipt"


class TransferReceiptLine(DocumentLine):
    document = models.ForeignKey(TransferReceipt, models.CASCADE, related_name="lines", db_index=False)
    transfer_line = models.ForeignKey(TransferLine, models.PROTECT, related_name="receipt_lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    lost_qty = fields.qty()
    value = fields.money()
    lost_value = fields.money()

    class Meta:
        db_table = "inventory_transfer_receipt_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="transfer_receipt_line_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gte=0, lost_qty__gte=0) & ~models.Q(qty=0, lost_qty=0),
                name="transfer_receipt_line_positive",
            ),
        ]
