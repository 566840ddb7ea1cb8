"""The papers by which material goes to the workshop, comes back unused, or is lost there."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.inventory.models import MaterialLine
from backend.kernel import fields
from backend.kernel.document import Document
from backend.production.models.order import ProductionComponent, ProductionOrder


class MaterialKind(models.TextChoices):
    ISSUE = "issue", _("Issue to the workshop")
    RETURN = "return", _("Return from the workshop")
    LOSS = "loss", _("Lost in the workshop")


class ProductionMaterial(Document):
    """Material goes to the workshop for an order, comes back unused, or is lost there."""

    DOC_TYPE = "production.material"

    kind = models.CharField(max_length=10, choices=MaterialKind, default=MaterialKind.ISSUE)
    order = models.ForeignKey(ProductionOrder, models.PROTECT, related_name="materials")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+")
    total_value = fields.money()

    class Meta:
        db_table = "production_material"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="production_material_newest")]


class ProductionMaterialLine(MaterialLine):
    """So much of a component of the order."""

    document = models.ForeignKey(ProductionMaterial, models.CASCADE, related_name="lines", db_index=False)
    component = models.ForeignKey(ProductionComponent, models.PROTECT, related_name="moves")

    class Meta:
        db_table = "production_material_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="production_material_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="production_material_line_positive"),
        ]
