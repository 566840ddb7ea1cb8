"""The kinds of lists that can be imported."""

from backend.imports.kinds.base import ListKind, Reader, Row
from backend.imports.kinds.items import ItemKind
from backend.imports.kinds.opening_stock import OpeningStockKind
from backend.imports.kinds.parties import CustomerKind, SupplierKind
from backend.imports.kinds.prices import PriceKindOfList
from backend.imports.kinds.purchase_orders import PurchaseOrderKind
from backend.imports.kinds.variants import VariantKind
from backend.kernel.actor import Actor

KINDS: dict[str, ListKind] = {
    kind.key: kind
    for kind in (
        ItemKind(),
        VariantKind(),
        PriceKindOfList(),
        CustomerKind(),
        SupplierKind(),
        OpeningStockKind(),
        PurchaseOrderKind(),
    )
}


def kinds_for(actor: Actor) -> list[ListKind]:
    """What this actor may import."""
    return [kind for kind in KINDS.values() if actor.may(kind.permission)]


__all__ = ["KINDS", "ListKind", "Reader", "Row", "kinds_for"]
