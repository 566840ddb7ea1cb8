"""Lines of quotations and orders from what was keyed: items, prices and amounts, all problems told at once.

Takes one statement plus the three of price resolution, whatever the number of lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.catalog.services import pricing
from backend.catalog.services.counting import keyed_as
from backend.kernel.actor import Actor
from backend.kernel.currency import amount_at_home, at_home, rate_of, require_held_at_home
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.money import HUNDRED, ZERO, line_amounts, total_amount
from backend.kernel.prepared import Prepared
from backend.sales.models import SalesOrder, SalesOrderLine, SalesQuote, SalesQuoteLine
from backend.sales.services.inputs import LineInput
from backend.sales.services.line_units import in_own_units

BELOW_FLOOR = "sales.price.below_floor"
AMOUNTS = ("unit_price", "tax_incl_price", "net_amount", "tax_amount", "gross_amount")
Line = TypeVar("Line", SalesOrderLine, SalesQuoteLine)


def build_lines(
    document: SalesOrder | SalesQuote,
    model: type[Line],
    inputs: Sequence[LineInput],
    *,
    actor: Actor,
    old: Mapping[UUID, Line],
) -> list[Line]:
    """Unsaved lines in the order keyed; raises one refusal naming every wrong line and field.

    A customer does not name prices: his are looked up. A price that was found before keeps its source.
    """
    if not inputs:
        raise ValidationRefused(_("At least one line is needed."), field="lines", way_out=_("Add an item."))
    inputs = in_own_units([_of_this_document(line, old, actor) for line in inputs])
    items = items_of(line.item_id for line in inputs)
    problems = [found for no, line in enumerate(inputs, 1) for found in check_line(no, line, items.get(line.item_id))]
    if problems:
        raise Refusal.many(problems)
    resolved = _missing_prices(document, inputs)
    lines = []
    for place, keyed in enumerate(inputs):
        before = old.get(keyed.id) if keyed.id else None
        lines.append(_make_line(document, model, place + 1, keyed, items[keyed.item_id], resolved.get(place), before))
    problems = [found for line in lines for found in _price_problems(line, old.get(line.pk), actor)]
    if problems:
        raise Refusal.many(problems)
    return lines


def _of_this_document(line: LineInput, old: Mapping[UUID, Any], actor: Actor) -> LineInput:
    if line.id is not None and line.id not in old:
        line = replace(line, id=None)
    if actor.kind == "customer":
        line = replace(line, price=None, discount_pct=ZERO, tax_rate=None)
    return line


def items_of(item_ids: Iterable[UUID]) -> dict[UUID, Item]:
    """The items with what lines need of them, in one statement."""
    return {item.pk: item for item in _items(set(item_ids))}


_items = Prepared(lambda ids: Item.objects.select_related("unit", "tax_code", "category").filter(pk__in=ids))


def check_line(line_no: int, line: LineInput, item: Item | None) -> Iterator[Refusal]:
    """What is wrong with a keyed line."""
    if item is None or not item.active or not item.sellable:
        yield ValidationRefused(
            _("Line %(line)s: %(item)s is not sold.") % {"line": line_no, "item": item}
            if item
            else _("Line %(line)s: choose an item.") % {"line": line_no},
            code="item_not_sellable",
            line=line_no,
            field="item_id",
            value=item.code if item else line.item_id,
            way_out=_("Choose another item or allow it to be sold."),
        )
        return
    if line.qty <= 0 or line.qty != round(line.qty, item.unit.decimals):
        yield wrong_quantity(line_no, line.qty, item)
    if line.price is not None and line.price < 0:
        yield ValidationRefused(
            _("Line %(line)s: a price cannot be negative.") % {"line": line_no},
            line=line_no,
            field="price",
            value=line.price,
        )
    for field in ("discount_pct", "tax_rate"):
        value = getattr(line, field)
        if value is not None and not 0 <= value <= HUNDRED:
            yield ValidationRefused(
                _("Line %(line)s: %(value)s %% is not possible.") % {"line": line_no, "value": value},
                line=line_no,
                field=field,
                value=value,
                way_out=_("Type a number from 0 to 100."),
            )


def wrong_quantity(line_no: int, qty: Decimal, item: Item) -> ValidationRefused:
    """The refusal of a quantity that cannot be counted in the item's unit."""
    return ValidationRefused(
        _("Line %(line)s: %(qty)s %(unit)s of %(item)s is not a quantity.")
        % {"line": line_no, "qty": qty, "unit": item.unit, "item": item},
        code="wrong_quantity",
        line=line_no,
        field="qty",
        value=qty,
        way_out=_("Type more than zero with at most %(decimals)s decimals.") % {"decimals": item.unit.decimals},
    )


def _missing_prices(document: SalesOrder | SalesQuote, inputs: Sequence[LineInput]) -> dict[int, pricing.ResolvedPrice]:
    """Prices by position of the lines whose price was not keyed."""
    wanted = [(place, line) for place, line in enumerate(inputs) if line.price is None]
    found = pricing.resolve_lines(
        kind="sales",
        party=document.customer,
        lines=[(line.item_id, line.qty) for _place, line in wanted],
        at_date=document.doc_date,
    )
    return {place: price for (place, _line), price in zip(wanted, found, strict=True)}


def _make_line(
    document: SalesOrder | SalesQuote,
    model: type[Line],
    line_no: int,
    keyed: LineInput,
    item: Item,
    resolved: pricing.ResolvedPrice | None,
    before: Line | None,
) -> Line:
    rate = item.tax_code.rate if keyed.tax_rate is None else keyed.tax_rate
    price, source = keyed.price, "manual"
    if resolved is not None:
        price, source = resolved.in_mode(includes_tax=document.price_includes_tax, tax_rate=rate), resolved.source
    elif before is not None and before.item_id == item.pk and price_of(before, document) == price:
        source = before.price_source
    made: Any = model(
        id=keyed.id or uuid7(),
        document=document,  # type: ignore[misc]
        line_no=line_no,
        item=item,
        description=keyed.description.strip()[:200],
        qty=keyed.qty,
        **keyed_as(keyed),
        price_source=source,
        discount_pct=keyed.discount_pct,
        tax_rate=rate,
    )
    if isinstance(made, SalesOrderLine):
        made.requested_date = keyed.requested_date or document.requested_date
    price_line(made, price or ZERO, includes_tax=document.price_includes_tax)
    return made


def _price_problems(line: Any, before: Any, actor: Actor) -> Iterator[Refusal]:
    """A customer needs a price; below the floor sells only who may. A price that stands already is not asked again."""
    if line.price_source == pricing.NONE and actor.kind == "customer":
        yield ValidationRefused(
            _("Line %(line)s: there is no price for %(item)s yet.") % {"line": line.line_no, "item": line.item},
            code="price_missing",
            line=line.line_no,
            field="price",
            value=line.item.code,
            way_out=_("Ask for a quotation."),
        )
    floor = line.item.min_sale_price
    paid = line.tax_incl_price * (1 - line.discount_pct / HUNDRED)
    worth = amount_at_home(paid, line.document)
    if floor is None or worth is None or worth >= floor or line.price_source == pricing.NONE or actor.may(BELOW_FLOOR):
        return
    if before is None or paid < before.tax_incl_price * (1 - before.discount_pct / HUNDRED):
        yield ValidationRefused(
            _("Line %(line)s: %(item)s is sold for at least %(floor)s, not for %(price)s.")
            % {"line": line.line_no, "item": line.item, "floor": f"{floor:.2f}", "price": f"{worth:.2f}"},
            code="below_floor_price",
            line=line.line_no,
            field="price",
            value=worth,
            way_out=_("Raise the price, or ask somebody who may sell below the floor."),
        )


def price_line(line: Any, price: Decimal, *, includes_tax: bool, qty: Decimal | None = None) -> None:
    """Set price and amounts of a line (not saved); amounts are those of what is not cancelled."""
    amounts = line_amounts(
        qty=getattr(line, "wanted_qty", line.qty) if qty is None else qty,
        price=price,
        price_includes_tax=includes_tax,
        tax_rate=line.tax_rate,
        discount_pct=line.discount_pct,
        line=line.line_no,
    )
    for name in AMOUNTS:
        setattr(line, name, getattr(amounts, name))


def price_goods(line: Any, source: SalesOrderLine, order: SalesOrder, qty: Decimal) -> None:
    """Set price and amounts of so much of an order line as goods, in the company's own currency; raises RateMissing.

    The one place where goods take their price from an order.
    """
    price = at_home(price_of(source, order), rate_of(order))
    price_line(line, price, includes_tax=order.price_includes_tax, qty=qty)


def price_of(line: Any, document: SalesOrder | SalesQuote) -> Decimal:
    """The line's price in the document's own way."""
    return line.tax_incl_price if document.price_includes_tax else line.unit_price


def sum_up(document: Any, lines: Iterable[Any]) -> None:
    """Set the document's totals from its lines (not saved)."""
    found = list(lines)
    for name in ("net_amount", "tax_amount", "gross_amount"):
        setattr(document, name, total_amount(getattr(line, name) for line in found))
    require_held_at_home(document)


def store_lines(document: Any, model: type[Line], lines: Sequence[Line], old: Mapping[UUID, Line]) -> None:
    """Write the lines in at most four statements: those left out go, those kept are updated, new ones come.

    Kept lines step aside first, so that two of them can change places without meeting at a line number.
    """
    gone = set(old) - {line.pk for line in lines}
    if gone:
        model._default_manager.filter(pk__in=gone).delete()
    if set(old) - gone:
        model._default_manager.filter(document=document).update(line_no=F("line_no") + 100_000)
    fields = [field.name for field in model._meta.concrete_fields if field.name not in {"id", "document"}]
    model._default_manager.bulk_create(lines, update_conflicts=True, unique_fields=["id"], update_fields=fields)
