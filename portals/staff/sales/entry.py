"""Entering sales lines: the grid's columns, reading what was keyed, and the live answer with prices, stock and promise.

The server prices the lines with the same arithmetic as the services; what the grid shows is what saving will make of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.models import Item, ItemUnit
from backend.catalog.services import pricing
from backend.catalog.services.units import units_of
from backend.inventory.models import Warehouse
from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO, AmountTooLarge, LineAmounts, line_amounts, round_price, total
from backend.parties.models import Party
from backend.sales.services.inputs import LineInput
from portals.staff.sales import preview
from portals.staff.shared.quantities import keyed_words, number_of, typed_quantity, unit_words
from portals.staff.shared.words import price_source
from portals.ui import formats
from portals.ui.counted import shown_price, unit_price
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid, read_lines
from portals.ui.typed import EARLIEST, LATEST

COLUMNS = (
    GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("Quantity"), "qty", required=True, strong=True),
    GridColumn("price", gettext_lazy("Unit price"), "price"),
    GridColumn("source", gettext_lazy("Price source"), out=True),
    GridColumn("discount_pct", gettext_lazy("Discount %"), "percent"),
    GridColumn("tax_rate", gettext_lazy("Tax %"), "percent"),
    GridColumn("gross", gettext_lazy("Total incl. tax"), out=True, numeric=True, strong=True),
    GridColumn("available", gettext_lazy("Available"), out=True, numeric=True),
    GridColumn("promise", gettext_lazy("Promised"), out=True, size="w-l"),
)


def empty_grid() -> LineGrid:
    """A grid without lines, ready to be filled or given rows."""
    try:
        new_item = reverse("staff:item_new")
    except NoReverseMatch:
        new_item = ""
    return LineGrid(
        COLUMNS,
        pick_url=reverse("staff:sales_pick"),
        recalculate_url=reverse("staff:sales_recalculate"),
        new_item_url=new_item,
        price_label=_("Price incl. tax"),
        totals={"qty": "", "gross": ""},
    )


def grid_of(lines: Sequence[Any], *, includes_tax: bool) -> LineGrid:
    """The grid of a saved document; prices that were keyed by hand stay keyed."""
    return replace(empty_grid(), rows=[_row_of(line, includes_tax) for line in lines])


def _row_of(line: Any, includes_tax: bool) -> GridRow:
    price = line.tax_incl_price if includes_tax else line.unit_price
    keyed = keyed_words(line, line.qty)
    touched = ["tax_rate"] + (["price"] if line.price_source == "manual" else [])
    values = {
        "id": str(line.pk),
        "item_id": str(line.item_id),
        "item_id_code": line.item.code,
        "name": f"{line.item.name} {line.item.spec}".strip(),
        "unit": str(line.item.unit),
        "qty": keyed or line.qty,
        "price": unit_price(line, price) if keyed else price,
        "source": price_source(line.price_source),
        "discount_pct": line.discount_pct or "",
        "tax_rate": line.tax_rate,
        "gross": formats.money(line.gross_amount),
        "touched": ",".join(touched),
    }
    return GridRow(values)


# --- reading what was keyed ------------------------------------------------------------------------------
def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def items_of(lines: Sequence[EntryLine]) -> dict[int, Item]:
    """The item of each line by its index: the picked one, or the one whose code or barcode was typed. One statement."""
    ids = {found for line in lines if (found := uuid_of(line.text("item_id")))}
    codes = {line.text("item_id_code") for line in lines if not line.text("item_id") and line.text("item_id_code")}
    wanted = Q(pk__in=ids) | Q(code__in=codes) | (Q(barcode__in=codes) if codes else Q(pk=None))
    rows = list(Item.objects.filter(wanted, active=True).select_related("unit", "tax_code"))
    by_id = {row.pk: row for row in rows}
    by_code = {code: row for row in rows for code in (row.code, row.barcode) if code}
    items: dict[int, Item] = {}
    for line in lines:
        picked = uuid_of(line.text("item_id"))
        item = by_id.get(picked) if picked else by_code.get(line.text("item_id_code"))
        if item is not None:
            items[line.index] = item
    return items


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
            words = _("Line %(line)s: there is no item “%(code)s”.") % {
                "line": line.no,
                "code": line.text("item_id_code")[:40],
            }
            problems.append(
                ValidationRefused(words, line=line.no, field="item_id", way_out=_("Pick one from the list."))
            )
            continue
        typed = typed_quantity(line, item, units[item.pk], problems)
        price = number_of(line, "price", problems)
        discount = number_of(line, "discount_pct", problems)
        tax = number_of(line, "tax_rate", problems)
        found.append(
            LineInput(
                id=uuid_of(line.text("id")),
                item_id=item.pk,
                qty=typed.qty,
                unit_id=typed.unit.unit_id if typed.unit else None,
                factor=typed.holds if typed.unit and typed.unit.floating else None,
                price=price if "price" in line.touched else None,
                discount_pct=discount or ZERO,
                tax_rate=tax if "tax_rate" in line.touched else None,
            )
        )
    if problems:
        raise Refusal.many(problems)
    return tuple(found)


# --- the live answer -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Header:
    """What of the form's head decides prices, stock and promises."""

    customer: Party | None
    warehouse: Warehouse | None
    doc_date: date
    requested_date: date
    includes_tax: bool

    @classmethod
    def of(cls, post: Mapping[str, Any]) -> "Header":
        today = clock.today()
        customer_id = uuid_of(str(post.get("customer") or ""))
        warehouse_id = uuid_of(str(post.get("warehouse_id") or ""))
        customers = Party.objects.select_related("customer").filter(is_customer=True)
        warehouses = Warehouse.objects.filter(active=True).order_by("-is_default", "code")
        return cls(
            customer=customers.filter(pk=customer_id).first() if customer_id else None,
            warehouse=warehouses.filter(pk=warehouse_id).first() if warehouse_id else warehouses.first(),
            doc_date=day_of(str(post.get("doc_date") or "")) or today,
            requested_date=day_of(str(post.get("requested_date") or "")) or today,
            includes_tax=str(post.get("price_includes_tax", "1")) != "0",
        )


def day_of(text: str) -> date | None:
    """A date of this century; anything else is None (arithmetic with the year 9999 would fail)."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and EARLIEST <= found <= LATEST else None


@dataclass
class _Draft:
    """A line while it is priced, in the item's own unit; the price is typed and shown for what one ``holds``."""

    line: EntryLine
    item: Item
    qty: Decimal
    price: Decimal | None
    discount: Decimal
    tax: Decimal
    source: str
    errors: dict[str, str]
    units: str = ""
    holds: Decimal = Decimal(1)

    def amounts(self, includes_tax: bool) -> LineAmounts | None:
        if self.price is None or self.errors:
            return None
        try:
            return line_amounts(
                qty=self.qty,
                price=self.price,
                price_includes_tax=includes_tax,
                tax_rate=self.tax,
                discount_pct=self.discount,
            )
        except AmountTooLarge as problem:
            self.errors[str(problem.field)] = problem.message
            return None


def _drafts(post: QueryDict, header: Header) -> tuple[list[_Draft], dict[str, Any]]:
    """Lines with an item, and the answers for those without."""
    lines = read_lines(post, COLUMNS)
    items = items_of(lines)
    units = units_of(item.pk for item in items.values())
    drafts, answers = [], {}
    for line in lines:
        item = items.get(line.index)
        if item is None:
            typed = line.text("item_id_code")
            words = _("There is no item “%(code)s”.") % {"code": typed[:40]} if typed else ""
            answers[str(line.index)] = {
                "_errors": {"item_id": words},
                "name": "",
                "gross": "",
                "available": "",
                "promise": "",
            }
            continue
        drafts.append(_draft(line, item, units[item.pk]))
    return drafts, answers


def _draft(line: EntryLine, item: Item, units: Sequence[ItemUnit]) -> _Draft:
    problems: list[Refusal] = []
    quantity = typed_quantity(line, item, units, problems)
    qty, holds = quantity.own, quantity.holds
    typed = number_of(line, "price", problems) if "price" in line.touched else None
    discount = number_of(line, "discount_pct", problems)
    tax = number_of(line, "tax_rate", problems) if "tax_rate" in line.touched else None
    errors = {str(problem.field): problem.message for problem in problems}
    if line.text("qty") and (qty <= 0 or qty != round(qty, item.unit.decimals)):
        errors.setdefault("qty", _("More than zero, at most %(decimals)s decimals") % {"decimals": item.unit.decimals})
    rate = item.tax_code.rate if tax is None else tax
    price = None if typed is None else round_price(typed / holds)
    source = "" if typed is None else "manual"
    words = unit_words(item, units)
    return _Draft(line, item, qty, price, discount or ZERO, rate, source, errors, words, holds)


def _price(drafts: Sequence[_Draft], header: Header) -> None:
    """Look up what was not keyed, in three statements."""
    wanted = [draft for draft in drafts if draft.price is None and "price" not in draft.errors]
    if header.customer is None:
        for draft in wanted:
            own = draft.item.sale_price
            resolved = pricing.ResolvedPrice(own, True, pricing.ITEM) if own is not None else pricing.NO_PRICE
            _take(draft, resolved, header)
        return
    pairs = [(draft.item, draft.qty) for draft in wanted]
    found = pricing.resolve_lines(kind="sales", party=header.customer, lines=pairs, at_date=header.doc_date)
    for draft, resolved in zip(wanted, found, strict=True):
        _take(draft, resolved, header)


def _take(draft: _Draft, resolved: pricing.ResolvedPrice, header: Header) -> None:
    draft.price = resolved.in_mode(includes_tax=header.includes_tax, tax_rate=draft.tax)
    draft.source = resolved.source


def recalculate(post: QueryDict, *, stock: bool = True) -> dict[str, Any]:
    """The grid's answer: names, prices with their source, amounts, what is available and when the rest comes."""
    header = Header.of(post)
    drafts, answers = _drafts(post, header)
    _price(drafts, header)
    wants = [preview.Want(draft.line.index, draft.item, draft.qty) for draft in drafts]
    seen = preview.look_ahead(wants, header.warehouse, header.requested_date) if stock and header.warehouse else {}
    amounts = {draft.line.index: draft.amounts(header.includes_tax) for draft in drafts}
    for draft in drafts:
        answers[str(draft.line.index)] = _answer(draft, amounts[draft.line.index], seen.get(draft.line.index))
    made = [found for found in amounts.values() if found]
    gross = total(found.gross_amount for found in made)
    net = total(found.net_amount for found in made)
    summary = (
        _("Net %(net)s · tax %(tax)s") % {"net": formats.money(net), "tax": formats.money(gross - net)} if made else ""
    )
    totals = {"qty": formats.qty(total(draft.qty for draft in drafts)), "gross": formats.money(gross)}
    return {"lines": answers, "totals": totals, "summary": summary}


def _answer(draft: _Draft, amounts: LineAmounts | None, seen: "preview.Seen | None") -> dict[str, Any]:
    values: dict[str, Any] = {
        "item_id": str(draft.item.pk),
        "item_id_code": draft.item.code,
        "name": f"{draft.item.name} {draft.item.spec}".strip(),
        "unit": draft.units,
        "price": formats.plain(shown_price(draft.price, draft.holds)),
        "source": price_source(draft.source) if draft.source else "",
        "tax_rate": formats.plain(draft.tax),
        "gross": formats.money(amounts.gross_amount) if amounts and draft.qty else "",
        "available": seen.available if seen else "",
        "promise": seen.promise if seen and draft.qty else "",
        "_errors": draft.errors,
    }
    if seen and seen.short and draft.qty:
        values["_short"] = ["qty", "available", "promise"]
    return values
