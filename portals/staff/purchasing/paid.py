"""What items cost before, beside what they are to cost now: at the line being keyed, on the order, on a page (PUR-07)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.catalog.models import Item, LastPrice
from backend.catalog.services.pricing import PaidLast, ResolvedPrice, paid_last
from backend.kernel.currency import HOME
from backend.parties.models import Party
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.selectors.prices import recent_purchases
from backend.purchasing.services.lines import price_of
from backend.purchasing.services.prices import FirstPrice, first_prices, in_mode, tolerance
from portals.staff.shared.words import price_source
from portals.ui import formats
from portals.ui.components import Action, Rung, Why


@dataclass(frozen=True)
class PaidPrices:
    """Last prices and the newest purchases of some items, two statements for all of them."""

    last: Mapping[UUID, PaidLast]
    recent: Mapping[UUID, Sequence[PurchaseOrderLine]]
    most: Decimal

    @classmethod
    def of(cls, supplier: Party | None, item_ids: Collection[UUID]) -> "PaidPrices":
        currency = supplier.currency if supplier else HOME
        party_id = supplier.pk if supplier else None
        last = paid_last(kind="purchase", party_id=party_id, currency=currency, item_ids=item_ids)
        return cls(last, recent_purchases(item_ids), tolerance())

    def answer(
        self,
        item: Item,
        price: Decimal | None,
        *,
        asked: ResolvedPrice,
        includes_tax: bool,
        tax_rate: Decimal,
        holds: Decimal,
    ) -> dict[str, Any]:
        """For the grid: the last price in the order's way and in the unit that is keyed, which ``holds`` so many own ones;
        marked when the new one lies too far above it; and what was bought before. Of an item that was never bought that is
        said, with what is ``asked`` for it by the list or by the item.
        """
        paid = self.last.get(item.pk, PaidLast())
        words, before = "", None
        if paid.standing is not None:
            before = holds * in_mode(paid.standing, includes_tax=includes_tax, tax_rate=tax_rate)
            words = formats.price(before)
            words += "" if paid.own else f" · {paid.standing.party.label}"
        elif item.pk not in self.recent:
            words = _("never bought")
            own = asked.in_mode(includes_tax=includes_tax, tax_rate=tax_rate)
            if own:
                before = holds * own
                words = f"{formats.price(before)} · {words}"
        short = ["last"] if before and price is not None and price > before * self.most else []
        return {"last": words, "_short": short, "_notes": self._notes(item, paid, includes_tax, tax_rate)}

    def _notes(self, item: Item, paid: PaidLast, includes_tax: bool, tax_rate: Decimal) -> dict[str, Any] | None:
        rows = [_row(line) for line in self.recent.get(item.pk, ())]
        known = {line.document.number for line in self.recent.get(item.pk, ())}
        for last in (paid.own, paid.other):
            if last is not None and last.doc_number not in known:
                rows.append(_last_row(last, in_mode(last, includes_tax=includes_tax, tax_rate=tax_rate)))
        if not rows:
            return None
        url = reverse("staff:purchase_prices", kwargs={"pk": item.pk})
        return {"title": _("%(item)s: bought before") % {"item": item.name}, "rows": rows, "url": url}


def _row(line: PurchaseOrderLine) -> list[str]:
    order = line.document
    way = _("incl. tax") if order.price_includes_tax else _("without tax")
    return [
        f"{formats.price(price_of(line, order))} {order.currency} {way}",
        f"{formats.qty(line.wanted_qty)} {line.item.unit}",
        formats.day(order.doc_date),
        f"{order.supplier.label} · {order.number}",
    ]


def _last_row(last: LastPrice, price: Decimal) -> list[str]:
    return [formats.price(price), formats.day(last.doc_date), f"{last.party.label} · {last.doc_number}"]


# --- on the page of an order -----------------------------------------------------------------------------------
def prices_before(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> dict[UUID, list[PurchaseOrderLine]]:
    """What the items of an order cost when they were bought before it, in one statement."""
    return recent_purchases({line.item_id for line in lines}, before=order)


def prices_of_new(
    order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], earlier: Mapping[UUID, Sequence[PurchaseOrderLine]]
) -> dict[UUID, FirstPrice]:
    """By line: what items that were never bought should cost; one statement, none where all were."""
    new = [line for line in lines if not earlier.get(line.item_id)]
    return first_prices(order, new) if new else {}


def price_words(
    line: PurchaseOrderLine,
    order: PurchaseOrder,
    earlier: Sequence[PurchaseOrderLine],
    first: FirstPrice | None = None,
) -> str:
    """How the price stands beside the last one, and why it is higher; of a first purchase that it is the first."""
    words = [] if earlier else [_("never bought before")]
    if first is not None and abs(first.percent) >= Decimal("0.05"):
        words.append(
            _("%(percent)s on %(source)s")
            % {"percent": formats.change(first.percent), "source": price_source(first.source)}
        )
    last = standing(order, earlier)
    before = _in_this_way(last, line, order) if last else None
    if before:
        change = 100 * (price_of(line, order) / before - 1)
        if abs(change) >= Decimal("0.05"):
            words.append(_("%(percent)s on last time") % {"percent": formats.change(change)})
    return " · ".join([*words, *([line.price_reason] if line.price_reason else [])])


def standing(order: PurchaseOrder, earlier: Sequence[PurchaseOrderLine]) -> PurchaseOrderLine | None:
    """The purchase that a price is held against: the supplier's own newest, else the newest in this currency."""
    comparable = [line for line in earlier if line.document.currency == order.currency]
    own = [line for line in comparable if line.document.supplier_id == order.supplier_id]
    return next(iter(own or comparable), None)


def _in_this_way(last: PurchaseOrderLine, line: PurchaseOrderLine, order: PurchaseOrder) -> Decimal:
    seen = LastPrice(price=price_of(last, last.document), includes_tax=last.document.price_includes_tax)
    return in_mode(seen, includes_tax=order.price_includes_tax, tax_rate=line.tax_rate)


def price_why(
    line: PurchaseOrderLine,
    order: PurchaseOrder,
    earlier: Sequence[PurchaseOrderLine],
    first: FirstPrice | None = None,
) -> Why | None:
    """The newest purchases before this one, with a way to all of them; for a first purchase what is asked for the item."""
    if not earlier and not line.price_reason and first is None:
        return None
    rungs = [Rung(_("This order"), formats.price(price_of(line, order)), note=line.price_reason, result=True)]
    if first is not None:
        rungs.append(Rung(str(price_source(first.source)), formats.price(first.asked), note=first.reference))
        rungs.append(Rung(_("It was never bought before."), info=True))
    rungs += [
        Rung(
            f"{formats.day(past.document.doc_date)} · {past.document.supplier.label}",
            f"{formats.price(_in_this_way(past, line, order))}",
            note=f"{formats.qty(past.wanted_qty)} {past.item.unit}",
            url=reverse("staff:purchase_order_detail", kwargs={"number": past.document.number}),
            url_text=past.document.number,
        )
        for past in earlier
        if past.document.currency == order.currency
    ]
    everything = Action(_("All prices"), reverse("staff:purchase_prices", kwargs={"pk": line.item_id}), look="soft")
    return Why(_("What line %(no)s cost before") % {"no": line.line_no}, rungs, [everything])
