"""What is made of material of ours, by a processor or in our own workshop: the shape of its components and of the lines
that move them. Both keep tables of their own; the rules are here and in ``services.making`` and ``services.material``.

What of a component is held where its order is made is issued − returned − used − lost.
"""

from decimal import Decimal

from django.db import models

from backend.kernel import fields
from backend.kernel.document import DocumentLine
from backend.kernel.ids import uuid7
from backend.kernel.money import HUNDRED, round_qty

ISSUE, RETURN, LOSS = "issue", "return", "loss"  # what a paper of material does


class MakingComponent(models.Model):
    """So much of an item goes into one unit of what is made, with so much lost on top."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    line_no = models.PositiveIntegerField()
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    qty_per = fields.qty()
    scrap_pct = fields.rate()
    issued_qty = fields.qty()
    returned_qty = fields.qty()
    used_qty = fields.qty()
    lost_qty = fields.qty()

    class Meta:
        abstract = True

    def needed(self, made: Decimal) -> Decimal:
        """What so many finished units take, in whole steps of the component's unit."""
        return round_qty(round(self.qty_per * made * (1 + self.scrap_pct / HUNDRED), self.item.unit.decimals))

    @property
    def held_qty(self) -> Decimal:
        """What of this order lies where it is made."""
        return self.issued_qty - self.returned_qty - self.used_qty - self.lost_qty


def component_is_sound() -> models.Q:
    """The condition of a component's row."""
    return models.Q(
        qty_per__gt=0,
        scrap_pct__gte=0,
        scrap_pct__lt=100,
        issued_qty__gte=0,
        returned_qty__gte=0,
        used_qty__gte=0,
        lost_qty__gte=0,
    )


class MaterialLine(DocumentLine):
    """So much of a component is moved. A lot is named, or those that expire first go."""

    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    qty = fields.qty()
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, related_name="+")
    value = fields.money()

    class Meta:
        abstract = True
