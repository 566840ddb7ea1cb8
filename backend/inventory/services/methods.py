"""How the items of a category are costed: chosen while nothing of them lies anywhere, and kept from then on.

Layers, averages and the accounts of stock hang on it, so neither a category's method nor an item's category changes
under goods; the refusal names them.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backend.catalog.events import ItemSaved
from backend.catalog.models import CostMethod, ItemCategory
from backend.inventory.errors import CannotChangeCostMethod
from backend.inventory.models import StockBalance
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, WayOut
from backend.kernel.events import subscribe


def set_cost_method(*, category_id: UUID, cost_method: str, actor: Actor, at: datetime) -> ItemCategory:
    """Choose how the items of a category are costed; raises CannotChangeCostMethod while there is stock of them."""
    with transaction.atomic():
        category = ItemCategory.objects.select_for_update().filter(pk=category_id).first()
        if category is None:
            raise NotFoundRefused(_("There is no such category."), value=category_id)
        if cost_method not in CostMethod.values:
            raise CannotChangeCostMethod(
                _("There is no such costing method."), field="cost_method", value=cost_method, code="cost_method"
            )
        before = category.cost_method
        if before == cost_method:
            return category
        _require_no_stock(Q(item__category=category), str(category))
        category.cost_method = cost_method
        category.save(update_fields=["cost_method"])
        audit.record(category, "change", actor=actor, at=at, changes={"cost_method": [before, cost_method]})
    return category


@subscribe(ItemSaved, when="now")
def keep_costing(event: ItemSaved, actor: Actor) -> None:
    """An item with stock goes only to a category that is costed and booked like its own."""
    if "category_id" not in event.changed or event.is_new or event.category_before is None:
        return
    before = ItemCategory.objects.get(pk=event.category_before)
    require_same_costing(event.aggregate_id, before, ItemCategory.objects.get(item__pk=event.aggregate_id))


def require_same_costing(item_id: UUID, before: ItemCategory, after: ItemCategory) -> None:
    """Raise CannotChangeCostMethod when the item has stock and the categories are costed or booked differently."""
    if (before.cost_method, before.inventory_role) != (after.cost_method, after.inventory_role):
        _require_no_stock(Q(item_id=item_id), str(before))


def _require_no_stock(which: Q, category: str) -> None:
    lying = StockBalance.objects.filter(which).exclude(on_hand=0).select_related("item").order_by("item__code")[:3]
    if not lying:
        return
    first = lying[0].item
    raise CannotChangeCostMethod(
        _("There is stock of %(items)s: it stays costed and booked as in %(category)s.")
        % {"items": ", ".join(f"{row.item.name} ({row.item.code})" for row in lying), "category": category},
        document=first.code,
        field="category",
        value=first.code,
        way_out=_("Issue the stock first, or make a new category or item for what comes."),
        links=[WayOut(first.code, doc_type="catalog.item", number=str(first.pk))],
    )
