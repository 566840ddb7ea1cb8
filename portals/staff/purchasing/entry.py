"""Entering purchase lines: the grid, reading what was keyed, and the live answer with prices and stock.

The server prices lines with the arithmetic of the services; what the grid shows is what saving will make of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.availability import selectors as availability
from backend.catalog.models import Item, ItemUnit
from backend.catalog.services import pricing
from backend.catalog.services.units import units_of
from backend.inventory.models import Warehouse
from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO, AmountTooLarge, line_amounts, total
from backend.parties.models import Party
from backend.purchasing.services.inputs import LineInput
from portals.staff.purchasing.paid import PaidPrices
from portals.staff.sales.entry import day_of, items_of, uuid_of
from portals.staff.shared.quantities import keyed_words, number_of, typed_quantity, unit_words
from portals.staff.shared.words import price_source
from portals.ui import formats
from portals.ui.counted import unit_price
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid, read_lines

COLUMNS = (
    GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("Quantity"), "qty", required=True, strong=True),
    GridColumn("price", gettext_lazy("Unit price"), "price"),
    GridColumn("source", gettext_lazy("Price source"), out=True),
    GridColumn("last", gettext_lazy("Last price"), out=True, numeric=True),
    GridColumn("discount_pct", gettext_lazy("Discount %"), "percent"),
    GridColumn("tax_rate", gettext_lazy("Tax %"), "percent"),
    GridColumn("gross", gettext_lazy("Total incl. tax"), out=True, numeric=True, strong=True),
    GridColumn("requested_date", gettext_lazy("Wanted on"), "date"),
    GridColumn("stock", gettext_lazy("Available / coming"), out=True, numeric=True),
    GridColumn("price_reason", gettext_lazy("Why dearer"), size="w-l"),
)


def empty_grid() -> LineGrid:
    """A grid without lines."""
    return LineGrid(
        COLUMNS,
        pick_url=reverse("staff:purchase_pick"),
        recalculate_url=reverse("staff:purchase_recalculate"),
        new_item_url=reverse("staff:item_new"),
        price_label=_("Price incl. tax"),
        totals={"qty": "", "gross": ""},
    )


def grid_of(lines: Sequence[Any], *, includes_tax: bool) -> LineGrid:
    """The grid of a saved order; prices that were keyed by hand stay keyed."""
    return replace(empty_grid(), rows=[_row_of(line, includes_tax) for line in lines])


def _row_of(line: Any, includes_tax: bool) -> GridRow:
    touched = ["tax_rate"] + (["price"] if line.price_source == "manual" else [])
    price = line.tax_incl_price if includes_tax else line.unit_price
    keyed = keyed_words(line, line.wanted_qty)
    values = {
        "id": str(line.pk),
        "item_id": str(line.item_id),
        "item_id_code": line.item.code,
        "name": f"{line.item.name} {line.item.spec}".strip(),
        "unit": str(line.item.unit),
        "qty": keyed or line.wanted_qty,
        "price": unit_price(line, price) if keyed else price,
        "source": price_source(line.price_source),
        "discount_pct": line.discount_pct or "",
        "tax_rate": line.tax_rate,
        "gross": formats.money(line.gross_amount),
        "requested_date": line.requested_date.isoformat(),
        "price_reason": line.price_reason,
        "touched": ",".join(touched),
    }
    return GridRow(values)


def read_inputs(post: QueryDict) -> tuple[LineInput, ...]:
    """The lines for the service; raises one refusal naming every cell that cannot be read."""
    lines = read_lines(post, COLUMNS)
    items = items_of(lines)
    units = units_of(item.pk for item in items.values())
    problems: list[Refusal] = []
    found = []
    for line in lines:
        item = items.get(line.index)
        if item is None:
            where = {"line": line.no, "code": line.text("item_id_code")[:40]}
            words = _("Line %(line)s: there is no item “%(code)s”.") % where
            way = _("Pick one from the list.")
            problems.append(ValidationRefused(words, line=line.no, field="item_id", way_out=way))
            continue
        found.append(_input(line, item, units[item.pk], problems))
    if problems:
        raise Refusal.many(problems)
    return tuple(found)


def _input(line: EntryLine, item: Item, units: Sequence[ItemUnit], problems: list[Refusal]) -> LineInput:
    numbers = {key: number_of(line, key, problems) for key in ("price", "discount_pct", "tax_rate")}
    typed = typed_quantity(line, item, units, problems)
    return LineInput(
        id=uuid_of(line.text("id")),
        item_id=item.pk,
        qty=typed.qty,
        unit_id=typed.unit.unit_id if typed.unit else None,
        factor=typed.holds if typed.unit and typed.unit.floating else None,
        price=numbers["price"] if "price" in line.touched else None,
        discount_pct=numbers["discount_pct"] or ZERO,
        tax_rate=numbers["tax_rate"] if "tax_rate" in line.touched else None,
        requested_date=day_of(line.text("requested_date")),
        price_reason=line.text("price_reason")[:200],
    )


# --- the live answer -------------------------------------------------------------------------------------
def supplier_of(text: str) -> Party | None:
    """The supplier with that id."""
    picked = uuid_of(text)
    return Party.objects.select_related("supplier").filter(pk=picked, is_supplier=True).first() if picked else None


def _warehouse_of(text: str) -> Warehouse | None:
    picked = uuid_of(text)
    rows = Warehouse.objects.filter(active=True).order_by("-is_default", "code")
    return (rows.filter(pk=picked).first() if picked else None) or rows.first()


def prices_for(supplier: Party | None, pairs: Sequence[tuple[Item, Decimal]], day: date) -> list[pricing.ResolvedPrice]:
    """What each item costs from this supplier, with the source; the item's own price when no supplier is chosen."""
    if supplier is not None:
        return pricing.resolve_lines(kind="purchase", party=supplier, lines=list(pairs), at_date=day)
    return [
        pricing.ResolvedPrice(item.purchase_price, True, pricing.ITEM)
        if item.purchase_price is not None
        else pricing.NO_PRICE
        for item, _qty in pairs
    ]


def recalculate(post: QueryDict, *, prices: bool = True) -> dict[str, Any]:
    """Names, prices with their source and what was paid last, amounts and stock of the lines being keyed.

    Nothing is written; without ``prices`` nothing is said of what was paid before.
    """
    lines = read_lines(post, COLUMNS)
    items = items_of(lines)
    known = [line for line in lines if line.index in items]
    supplier = supplier_of(post.get("supplier", ""))
    warehouse = _warehouse_of(post.get("warehouse_id", ""))
    includes_tax = post.get("price_includes_tax", "1") != "0"
    units = units_of(item.pk for item in items.values())
    typed = {line.index: typed_quantity(line, items[line.index], units[items[line.index].pk], []) for line in known}
    qtys = {index: quantity.own for index, quantity in typed.items()}
    pairs = [(items[line.index], qtys[line.index]) for line in known]
    resolved = prices_for(supplier, pairs, day_of(post.get("doc_date", "")) or clock.today())
    stock = availability.availability_by_item(
        [item.pk for item, _qty in pairs], warehouse_id=warehouse.pk if warehouse else None
    )
    paid = PaidPrices.of(supplier, [item.pk for item, _qty in pairs]) if prices else None
    answers: dict[str, Any] = {}
    gross = net = ZERO
    for line, price in zip(known, resolved, strict=True):
        item = items[line.index]
        answer, amounts = _answer(line, item, units[item.pk], price, includes_tax, stock)
        if paid is not None:
            own = amounts and (amounts.tax_incl_price if includes_tax else amounts.unit_price)
            rate, holds = _rate_of(line, item), typed[line.index].holds
            answer |= paid.answer(item, own, asked=price, includes_tax=includes_tax, tax_rate=rate, holds=holds)
        answers[str(line.index)] = answer
        if amounts is not None:
            gross, net = gross + amounts.gross_amount, net + amounts.net_amount
    for line in lines:
        if line.index not in items:
            words = _("There is no item “%(code)s”.") % {"code": line.text("item_id_code")[:40]}
            answers[str(line.index)] = {"_errors": {"item_id": words}, "name": "", "gross": "", "stock": ""}
    summary = _("Net %(net)s · tax %(tax)s") % {"net": formats.money(net), "tax": formats.money(gross - net)}
    totals = {"qty": formats.qty(total(qtys.values())), "gross": formats.money(gross)}
    return {"lines": answers, "totals": totals, "summary": summary if known else ""}


def _rate_of(line: EntryLine, item: Item) -> Decimal:
    keyed = number_of(line, "tax_rate", []) if "tax_rate" in line.touched else None
    return item.tax_code.rate if keyed is None else keyed


def _answer(
    line: EntryLine,
    item: Item,
    units: Sequence[ItemUnit],
    resolved: pricing.ResolvedPrice,
    includes_tax: bool,
    stock: Any,
) -> tuple[dict[str, Any], Any]:
    problems: list[Refusal] = []
    quantity = typed_quantity(line, item, units, problems)
    typed = number_of(line, "price", problems) if "price" in line.touched else None
    discount = number_of(line, "discount_pct", problems) or ZERO
    keyed_rate = number_of(line, "tax_rate", problems) if "tax_rate" in line.touched else None
    rate = item.tax_code.rate if keyed_rate is None else keyed_rate
    own = resolved.in_mode(includes_tax=includes_tax, tax_rate=rate)
    price = typed if typed is not None else None if own is None else own * quantity.holds
    source = "manual" if typed is not None else resolved.source
    errors = {str(problem.field): problem.message for problem in problems}
    amounts = None
    if price is not None and not errors:
        try:
            amounts = line_amounts(
                qty=quantity.qty, price=price, price_includes_tax=includes_tax, tax_rate=rate, discount_pct=discount
            )
        except AmountTooLarge as problem:
            errors[str(problem.field)] = problem.message
    seen = stock.get(item.pk)
    words = f"{formats.qty(seen.available)} / {formats.qty(seen.incoming)}" if seen and item.is_stocked else ""
    return {
        "item_id": str(item.pk),
        "item_id_code": item.code,
        "name": f"{item.name} {item.spec}".strip(),
        "unit": unit_words(item, units),
        "price": formats.plain(price),
        "source": price_source(source),
        "tax_rate": formats.plain(rate),
        "gross": formats.money(amounts.gross_amount) if amounts and quantity.qty else "",
        "stock": words,
        "_errors": errors,
    }, amounts
