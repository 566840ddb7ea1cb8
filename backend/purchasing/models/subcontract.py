"""Subcontracting (委外): what a processor gets from us for the goods he makes, and the papers that move it.

The order is a purchase order of kind subcontract: its price is the fee. What of a component lies at the processor for an
order is issued − returned − used − lost; what lies there in all is the stock of his location.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.inventory.models import MakingComponent, MaterialLine, component_is_sound
from backend.kernel import fields
from backend.kernel.document import Document


class SubcontractComponent(MakingComponent):
    """So much of an item goes into one unit of an order line, with so much lost on top."""

    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", models.CASCADE, related_name="components")

    class Meta:
        db_table = "purchasing_subcontract_component"
        constraints = [
            models.UniqueConstraint(fields=["order_line", "item"], name="subcontract_component_once"),
            models.CheckConstraint(condition=component_is_sound(), name="subcontract_component_sound"),
        ]


class MaterialKind(models.TextChoices):
    ISSUE = "issue", _("Issue to the processor")
    RETURN = "return", _("Return from the processor")
    LOSS = "loss", _("Lost at the processor")


class LossBearer(models.TextChoices):
    """Who pays for what is lost beyond the scrap that was planned."""

    US = "us", _("We do")
    SUPPLIER = "supplier", _("The processor does")


class MaterialMove(Document):
    """Material goes to a processor, comes back unused, or is lost there."""

    DOC_TYPE = "purchasing.material"

    kind = models.CharField(max_length=10, choices=MaterialKind, default=MaterialKind.ISSUE)
    order = models.ForeignKey("purchasing.PurchaseOrder", models.PROTECT, related_name="material_moves")
    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="+")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+")
    bearer = models.CharField(max_length=10, choices=LossBearer, default=LossBearer.US)
    total_value = fields.money()

    class Meta:
        db_table = "purchasing_material"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="material_newest")]


class MaterialMoveLine(MaterialLine):
    """So much of a component. A lot is named, or those that expire first go."""

    document = models.ForeignKey(MaterialMove, models.CASCADE, related_name="lines", db_index=False)
    component = models.ForeignKey(SubcontractComponent, models.PROTECT, related_name="moves")

    class Meta:
        db_table = "purchasing_material_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="material_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="material_line_positive"),
        ]
