"""What a supplier may know of our stock: items we share with it and buy from it, nothing of who wants them (SRM-14)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from backend.availability.models import SupplyLine
from backend.availability.selectors import Availability, availability_by_item, demand_by_week
from backend.catalog.models import Item
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import ZERO
from backend.purchasing.models import PurchaseOrderLine, Sending


@dataclass(frozen=True)
class SharedItem:
    """An item as its supplier sees it. ``coming`` is what comes from this supplier alone."""

    item: Item
    stock: Availability
    coming: Decimal
    weeks: list[tuple[date, Decimal]]

    @property
    def wanted(self) -> Decimal:
        return sum((qty for _week, qty in self.weeks), ZERO)

    @property
    def short(self) -> Decimal:
        """What neither stock nor this supplier's deliveries cover, the safety stock included."""
        return max(self.wanted + self.item.safety_stock - self.stock.on_hand + self.stock.blocked - self.coming, ZERO)


def items_shared_with(actor: Actor) -> QuerySet[Item]:
    """Items flagged for sharing whose supplier this is, or that were ordered from it; nothing for anybody else."""
    if actor.kind != "supplier" or actor.party_id is None:
        return Item.objects.none()
    ordered = PurchaseOrderLine.objects.filter(
        item=OuterRef("pk"), document__supplier=actor.party_id, document__approval=Approval.APPROVED
    ).exclude(document__sending=Sending.NOT_SENT)
    found = Item.objects.select_related("unit").filter(active=True, share_with_supplier=True, item_type="goods")
    return found.filter(Q(supplier=actor.party_id) | Exists(ordered)).order_by("sort_key", "id")


def shared_stock(actor: Actor, items: Any) -> list[SharedItem]:
    """Stock, what comes from this supplier and what is wanted by week; three statements beside the items."""
    found = list(items)
    ids: list[UUID] = [item.pk for item in found]
    if not ids:
        return []
    stock, weeks = availability_by_item(ids), demand_by_week(ids)
    own = SupplyLine.objects.filter(item_id__in=ids, party_id=actor.party_id, open_qty__gt=0)  # type: ignore[misc]
    coming = dict(own.values_list("item").annotate(qty=Sum("open_qty")))
    return [
        SharedItem(item, stock.get(item.pk, Availability()), coming.get(item.pk, ZERO), weeks[item.pk])
        for item in found
    ]


def shared_item(actor: Actor, pk: UUID) -> SharedItem:
    """One of them; raises NotFoundRefused for any other item, whatever the reason."""
    found = shared_stock(actor, items_shared_with(actor).filter(pk=pk))
    if not found:
        raise NotFoundRefused(_("There is no such item."), value=pk)
    return found[0]
