"""Documents that change what stock is worth: cost adjustments, and the costing run of a month."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class AdjustmentReason(models.TextChoices):
    """Where the difference goes: the role of the account beside inventory."""

    COGS = "cogs", _("Cost of sales")
    OVERHEAD = "mfg_overhead", _("Production overhead")
    EXPENSE = "admin_expense", _("Administrative expenses")
    PENDING = "pending_loss_gain", _("Gains and losses pending")
    SUPPLIER = "ap_trade", _("Payable to a supplier")


class CostAdjustment(Document):
    """Goods are worth more, or less, than stock says; quantities stay. ``supplier`` is whom we owe the difference then."""

    DOC_TYPE = "inventory.cost_adjustment"

    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    reason = models.CharField(max_length=20, choices=AdjustmentReason, default=AdjustmentReason.COGS)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    total_amount = fields.money()

    class Meta:
        db_table = "inventory_cost_adjustment"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="cost_adjustment_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason="ap_trade", supplier__isnull=False)
                | (~models.Q(reason="ap_trade") & models.Q(supplier__isnull=True)),
                name="cost_adjustment_owed_to_somebody",
            )
        ]


class CostAdjustmentLine(DocumentLine):
    """An item with its new unit cost, or with the difference itself. What was there is noted when it is booked."""

    document = models.ForeignKey(CostAdjustment, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    unit_cost = fields.price(null=True, default=None)
    amount = fields.money(null=True, default=None)
    qty_before = fields.qty(null=True, default=None)
    value_before = fields.money(null=True, default=None)
    note = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        db_table = "inventory_cost_adjustment_line"
        constraints = [models.UniqueConstraint(fields=["document", "line_no"], name="cost_adjustment_line_once")]


class CostingRun(Document):
    """The costing of a month: issues of monthly-average items at the average of the whole month. May be run again."""

    DOC_TYPE = "inventory.costing_run"

    month = models.DateField()
    item_count = models.PositiveIntegerField(default=0)
    issue_count = models.PositiveIntegerField(default=0)
    issued_value = fields.money()
    difference = fields.money()

    class Meta:
        db_table = "inventory_costing_run"
        indexes = [models.Index(fields=["month", "id"], name="costing_run_of_month")]
