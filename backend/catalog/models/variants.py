"""Styles: what exists in several colours and sizes. Each variant is an item like any other.

An attribute (colour) has values (red, blue); a style chooses some of them; a variant is the item of a style with one
value of each attribute. ``Item.variant_key`` names them, so that no combination exists twice.
"""

from django.db import models

from backend.kernel import fields
from backend.kernel.ids import uuid7


class Attribute(models.Model):
    """Colour, size, … in the order in which codes name them; the last of a style's attributes makes the columns."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True, db_collation="C")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "catalog_attribute"

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    """Red, XL. ``code`` is the part of the variant's code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    attribute = models.ForeignKey(Attribute, models.CASCADE, related_name="values", db_index=False)
    code = models.CharField(max_length=20, db_collation="C")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "catalog_attribute_value"
        constraints = [models.UniqueConstraint(fields=["attribute", "code"], name="attribute_value_once")]

    def __str__(self) -> str:
        return self.name


class Style(models.Model):
    """What its variants have in common. A variant that says something else keeps it when the style changes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=30, unique=True, db_collation="C")
    name = models.CharField(max_length=120)
    mnemonic = models.CharField(max_length=60, blank=True, default="")
    sort_key = models.CharField(max_length=200, blank=True, default="", db_collation="C")
    category = models.ForeignKey("catalog.ItemCategory", models.PROTECT)
    unit = models.ForeignKey("catalog.Unit", models.PROTECT, related_name="+")
    tax_code = models.ForeignKey("catalog.TaxCode", models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, blank=True, related_name="+")
    lead_days = models.PositiveSmallIntegerField(null=True, blank=True)
    sale_price = fields.price(null=True, blank=True, default=None)
    purchase_price = fields.price(null=True, blank=True, default=None)
    min_sale_price = fields.price(null=True, blank=True, default=None)
    active = models.BooleanField(default=True)
    remark = models.TextField(blank=True, default="")
    values = models.ManyToManyField(AttributeValue, through="catalog.StyleValue", related_name="styles")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_style"
        indexes = [models.Index(fields=["sort_key", "id"], name="style_sort")]

    def __str__(self) -> str:
        return self.name


class StyleValue(models.Model):
    """A style exists in this value."""

    id = models.BigAutoField(primary_key=True)
    style = models.ForeignKey(Style, models.CASCADE, related_name="chosen", db_index=False)
    value = models.ForeignKey(AttributeValue, models.PROTECT, related_name="+")

    class Meta:
        db_table = "catalog_style_value"
        constraints = [models.UniqueConstraint(fields=["style", "value"], name="style_value_once")]


class ItemValue(models.Model):
    """A variant's value of an attribute."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("catalog.Item", models.CASCADE, related_name="variant_values", db_index=False)
    attribute = models.ForeignKey(Attribute, models.PROTECT, related_name="+", db_index=False)
    value = models.ForeignKey(AttributeValue, models.PROTECT, related_name="+")

    class Meta:
        db_table = "catalog_item_value"
        constraints = [models.UniqueConstraint(fields=["item", "attribute"], name="item_value_once")]
