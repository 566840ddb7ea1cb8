"""Order lines from what was keyed: items, prices and amounts, all problems told at once.

Takes two statements plus those of price resolution, whatever the number of lines.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.catalog.services import pricing
from backend.kernel.currency import at_home, rate_of, require_held_at_home
from backend.kernel.errors import ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.money import HUNDRED, ZERO, LineAmounts, line_amounts, total_amount
from backend.kernel.prepared import Prepared
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services.inputs import LineInput
from backend.purchasing.services.line_units import in_own_units, keyed_as


def build_lines(order: PurchaseOrder, inputs: Sequence[LineInput]) -> list[PurchaseOrderLine]:
    """Unsaved lines in the order keyed; raises ValidationRefused naming every wrong line and field."""
    if not inputs:
        raise ValidationRefused(
            _("An order needs at least one line."), field="lines", way_out=_("Add what you want to buy.")
        )
    inputs = in_own_units(inputs)
    items = items_of(line.item_id for line in inputs)
    problems = [found for no, line in enumerate(inputs, 1) for found in check_line(no, line, items.get(line.item_id))]
    if problems:
        raise ValidationRefused.many(problems)
    prices = resolve_missing_prices(order, inputs)
    return [
        make_line(order, place + 1, line, items[line.item_id], prices.get(place)) for place, line in enumerate(inputs)
    ]


def items_of(item_ids: Iterable[UUID]) -> dict[UUID, Item]:
    """The items with what lines need of them, in one statement."""
    return {item.pk: item for item in _items(set(item_ids))}


_items = Prepared(lambda ids: Item.objects.select_related("unit", "tax_code", "category").filter(pk__in=ids))


def check_line(line_no: int, line: LineInput, item: Item | None) -> list[ValidationRefused]:
    """What is wrong with a keyed line."""
    if item is None or not item.active or not item.purchasable:
        return [
            ValidationRefused(
                _("This item is not bought."),
                code="item_not_purchasable",
                line=line_no,
                field="item_id",
                value=item.code if item else line.item_id,
                way_out=_("Choose another item or allow it to be purchased."),
            )
        ]
    problems = []
    if line.qty <= 0 or not fits_unit(line.qty, item):
        problems.append(wrong_quantity(line_no, line.qty, item))
    if line.price is not None and line.price < 0:
        problems.append(
            ValidationRefused(_("A price cannot be negative."), line=line_no, field="price", value=line.price)
        )
    if not 0 <= line.discount_pct <= HUNDRED:
        problems.append(
            ValidationRefused(
                _("A discount lies between 0 and 100 %."), line=line_no, field="discount_pct", value=line.discount_pct
            )
        )
    if line.tax_rate is not None and not 0 <= line.tax_rate <= HUNDRED:
        problems.append(
            ValidationRefused(
                _("A tax rate lies between 0 and 100 %."), line=line_no, field="tax_rate", value=line.tax_rate
            )
        )
    return problems


def fits_unit(qty: Decimal, item: Item) -> bool:
    """Whether the quantity has no more decimals than its unit allows."""
    return qty == round(qty, item.unit.decimals)


def wrong_quantity(line_no: int, qty: Decimal, item: Item) -> ValidationRefused:
    """The refusal of a quantity that cannot be counted in the item's unit."""
    return ValidationRefused(
        _("%(qty)s %(unit)s of %(item)s is not a quantity.") % {"qty": qty, "unit": item.unit, "item": item},
        code="wrong_quantity",
        line=line_no,
        field="qty",
        value=qty,
        way_out=_("Enter more than zero with at most %(decimals)s decimals.") % {"decimals": item.unit.decimals},
    )


def resolve_missing_prices(order: PurchaseOrder, inputs: Sequence[LineInput]) -> dict[int, pricing.ResolvedPrice]:
    """Prices by position of the lines whose price was not keyed."""
    wanted = [(place, line) for place, line in enumerate(inputs) if line.price is None]
    found = pricing.resolve_lines(
        kind="purchase",
        party=order.supplier,
        lines=[(line.item_id, line.qty) for _place, line in wanted],
        at_date=order.doc_date,
    )
    return {place: price for (place, _line), price in zip(wanted, found, strict=True)}


def make_line(
    order: PurchaseOrder, line_no: int, line: LineInput, item: Item, resolved: pricing.ResolvedPrice | None
) -> PurchaseOrderLine:
    """One unsaved line with its amounts; an item without any price costs nothing until somebody keys one."""
    rate = item.tax_code.rate if line.tax_rate is None else line.tax_rate
    price, source = line.price, "manual"
    if price is None:
        assert resolved is not None
        price, source = resolved.in_mode(includes_tax=order.price_includes_tax, tax_rate=rate), resolved.source
    made = PurchaseOrderLine(
        id=line.id or uuid7(),
        document=order,
        line_no=line_no,
        item=item,
        description=line.description[:200],
        qty=line.qty,
        **keyed_as(line),
        price_source=source,
        price_reason=line.price_reason.strip()[:200],
        discount_pct=line.discount_pct,
        tax_rate=rate,
        requested_date=line.requested_date or order.requested_date,
        suggestion_id=line.suggestion_id,
    )
    price_line(made, price or ZERO, includes_tax=order.price_includes_tax)
    return made


def price_line(line: PurchaseOrderLine, price: Decimal, *, includes_tax: bool) -> None:
    """Set price and amounts of a line (not saved); amounts are those of what is not cancelled."""
    amounts = line_amounts(
        qty=line.wanted_qty,
        price=price,
        price_includes_tax=includes_tax,
        tax_rate=line.tax_rate,
        discount_pct=line.discount_pct,
        line=line.line_no,
    )
    for name in ("unit_price", "tax_incl_price", "net_amount", "tax_amount", "gross_amount"):
        setattr(line, name, getattr(amounts, name))


def price_of(line: PurchaseOrderLine, order: PurchaseOrder) -> Decimal:
    """The line's price in the order's own way."""
    return line.tax_incl_price if order.price_includes_tax else line.unit_price


def goods_amounts(line: PurchaseOrderLine, order: PurchaseOrder, qty: Decimal) -> LineAmounts:
    """Price and amounts of so much of a line as goods, in the company's own currency; raises RateMissing."""
    return amounts_at(rate_of(order), line, order, qty, line_no=line.line_no)


def amounts_at(rate: Decimal, line: Any, terms: Any, qty: Decimal, *, line_no: int | None = None) -> LineAmounts:
    """Price and amounts of so much of a line as goods at a rate; ``terms`` say whether its price includes tax.

    The one place where goods take their price from an order.
    """
    return line_amounts(
        qty=qty,
        price=at_home(price_of(line, terms), rate),
        price_includes_tax=terms.price_includes_tax,
        tax_rate=line.tax_rate,
        discount_pct=line.discount_pct,
        line=line_no,
    )


def sum_up(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> None:
    """Set the order's totals from its lines (not saved)."""
    order.net_amount = total_amount(line.net_amount for line in lines)
    order.tax_amount = total_amount(line.tax_amount for line in lines)
    order.gross_amount = total_amount(line.gross_amount for line in lines)
    require_held_at_home(order)
