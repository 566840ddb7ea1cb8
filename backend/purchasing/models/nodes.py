"""Production nodes: what a line passes through at the supplier, planned by a template, reported as it happens."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.ids import uuid7

STANDARD = "Standard"  # the template every company begins with


class Node(models.TextChoices):
    """In the order in which a line passes them."""

    MATERIAL_READY = "material_ready", _("Material ready")
    IN_PRODUCTION = "in_production", _("In production")
    QUALITY_CHECK = "quality_check", _("Quality check")
    PACKED = "packed", _("Packed")


class NodeTemplate(models.Model):
    """Which nodes are planned how many days before a line is due; laid by itself on items of its categories."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60, unique=True)
    active = models.BooleanField(default=True)
    categories = models.ManyToManyField(
        "catalog.ItemCategory", db_table="purchasing_node_template_category", related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "purchasing_node_template"

    def __str__(self) -> str:
        return str(_("Standard")) if self.name == STANDARD else self.name


class NodeTemplateStep(models.Model):
    """A node of a template."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(NodeTemplate, models.CASCADE, related_name="steps", db_index=False)
    node = models.CharField(max_length=20, choices=Node)
    days_before = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "purchasing_node_template_step"
        constraints = [models.UniqueConstraint(fields=["template", "node"], name="node_template_step_once")]


class ProductionNode(models.Model):
    """A node of an order line: when it is planned, and the day it was reported as passed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", models.CASCADE, related_name="nodes", db_index=False)
    node = models.CharField(max_length=20, choices=Node)
    planned_date = models.DateField()
    actual_date = models.DateField(null=True)

    class Meta:
        db_table = "purchasing_production_node"
        constraints = [models.UniqueConstraint(fields=["order_line", "node"], name="production_node_once")]
        indexes = [
            models.Index(
                fields=["planned_date"], name="production_node_waiting", condition=models.Q(actual_date__isnull=True)
            )
        ]

    @property
    def place(self) -> int:
        """Where the node stands in the order of all."""
        return Node.values.index(self.node)
