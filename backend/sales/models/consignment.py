"""Goods on consignment (委托代销): they lie at an agent, stay ours, and are sold when he says what he sold.

One location for each agent; what lies there is the sum of these documents and worth what it was when it left.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class ConsignmentKind(models.TextChoices):
    OUT = "out", _("Sent on consignment")
    BACK = "back", _("Returned from consignment")
    SOLD = "sold", _("Consignment settled")


class Consignment(Document):
    """What goes to the agent, comes back unsold, or was sold by him: then it is a receivable with its tax.

    ``warehouse`` is ours, from which or to which goods go; ``cost_amount`` what they are worth. ``reported`` when the
    agent said himself what he sold.
    """

    DOC_TYPE = "sales.consignment"

    kind = models.CharField(max_length=4, choices=ConsignmentKind)
    customer = models.ForeignKey("parties.Party", models.PROTECT)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    reported = models.BooleanField(default=False, db_default=False)
    cost_amount = fields.money()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()

    class Meta:
        db_table = "sales_consignment"


class ConsignmentLine(DocumentLine):
    """So many pieces; ``tax_incl_price`` and the amounts only where they were sold."""

    document = models.ForeignKey(Consignment, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, blank=True)
    qty = fields.qty()
    tax_incl_price = fields.price()
    tax_rate = fields.rate()
    cost_amount = fields.money()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()

    class Meta:
        db_table = "sales_consignment_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="consignment_line_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, tax_incl_price__gte=0, cost_amount__gte=0), name="consignment_line_sound"
            ),
        ]
