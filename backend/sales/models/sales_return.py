"""Sales returns (RMA): asked for, authorised, received into inspection, decided: restock or scrap, credit or exchange."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.document import Document
from backend.sales.models.order import PricedLine


class ReturnState(models.TextChoices):
    REQUESTED = "requested", _("Asked for")
    AUTHORISED = "authorised", _("Authorised")
    RECEIVED = "received", _("In inspection")
    DONE = "done", _("Decided")
    REFUSED = "refused", _("Refused")


class ReturnOutcome(models.TextChoices):
    CREDIT = "credit", pgettext_lazy("return", "Credit")
    EXCHANGE = "exchange", _("Exchange")


class ReturnReason(models.TextChoices):
    DAMAGED = "damaged", _("Damaged")
    QUALITY = "quality", _("Quality")
    WRONG = "wrong", _("Wrong goods")
    SURPLUS = "surplus", _("Too much")
    CHANGED_MIND = "changed_mind", _("Not needed any more")
    OTHER = "other", _("Other")


class SalesReturn(Document):
    """Goods of deliveries that come back. ``approval`` becomes approved when what came is decided."""

    DOC_TYPE = "sales.return"

    customer = models.ForeignKey("parties.Party", models.PROTECT, related_name="sales_returns")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    state = models.CharField(max_length=12, choices=ReturnState, default=ReturnState.REQUESTED)
    outcome = models.CharField(max_length=12, choices=ReturnOutcome, default=ReturnOutcome.CREDIT)
    asked_by_customer = models.BooleanField(default=False)
    decision_note = models.CharField(max_length=300, blank=True, default="")
    currency = models.CharField(max_length=3, default="CNY")
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    cost_amount = fields.money()
    scrap_amount = fields.money()
    replaced_by_id = models.UUIDField(null=True)

    class Meta:
        db_table = "sales_return"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="sales_return_newest")]


class SalesReturnLine(PricedLine):
    """So much of a delivery's line: ``qty`` allowed, ``received_qty`` came, of which so much is restocked or scrapped.

    ``cost_amount`` is the share of what left with the delivery, ``scrap_amount`` the part of it that is lost;
    ``credit_qty`` was invoiced already and needs a credit note.
    """

    document = models.ForeignKey(SalesReturn, models.CASCADE, related_name="lines", db_index=False)
    delivery_line = models.ForeignKey("sales.SalesDeliveryLine", models.PROTECT, related_name="return_lines")
    delivery_number = models.CharField(max_length=40)
    order_number = models.CharField(max_length=40)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True)
    reason = models.CharField(max_length=12, choices=ReturnReason, default=ReturnReason.QUALITY)
    note = models.CharField(max_length=200, blank=True, default="")
    received_qty = fields.qty()
    restock_qty = fields.qty()
    scrap_qty = fields.qty()
    credit_qty = fields.qty()
    cost_amount = fields.money()
    scrap_amount = fields.money()

    class Meta:
        db_table = "sales_return_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="sales_return_line_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, received_qty__gte=0, restock_qty__gte=0, scrap_qty__gte=0)
                & models.Q(received_qty__lte=models.F("qty"))
                & models.Q(received_qty__gte=models.F("restock_qty") + models.F("scrap_qty")),
                name="sales_return_line_quantities",
            ),
        ]
