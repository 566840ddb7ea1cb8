"""Arithmetic of amounts. One place for rounding: half up to the cent, as invoices in China are.

A line's amounts follow the price that was keyed: from a net price tax is added, from a gross price
tax is taken out; either way net + tax = gross to the cent. One place for how much there can be: what no
column holds is refused here, by the line and the field that was typed, before anything is written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from backend.kernel.errors import ValidationRefused

CENT = Decimal("0.01")
PRICE_STEP = Decimal("0.000001")
QTY_STEP = Decimal("0.0001")
HUNDRED = Decimal(100)
ZERO = Decimal(0)
LARGEST = Decimal(10) ** 15  # of an amount; several of them still fit the column
DEAREST = MOST = Decimal(10) ** 13  # of a price, and of a quantity


class AmountTooLarge(ValidationRefused):
    """A number, or what comes of several, that no column holds."""

    code = "amount_too_large"


def beyond(
    value: Decimal, *, line: int | None = None, field: str = "amount", limit: Decimal = LARGEST
) -> AmountTooLarge | None:
    """The refusal of a value that no column holds; None for all others."""
    if abs(value) < limit:
        return None
    words = {"line": line, "value": f"{value:,.2f}", "most": f"{limit - 1:,}"}
    return AmountTooLarge(
        _("Line %(line)s: %(value)s is too much, %(most)s is the most there can be.") % words
        if line
        else _("%(value)s is too much, %(most)s is the most there can be.") % words,
        line=line,
        field=field,
        value=f"{value:f}"[:60],
        way_out=_("Check quantity, price and rates for a digit too many."),
    )


def require_held(
    value: Decimal, *, line: int | None = None, field: str = "amount", limit: Decimal = LARGEST
) -> Decimal:
    """The value; raises AmountTooLarge when it is beyond all measure."""
    if problem := beyond(value, line=line, field=field, limit=limit):
        raise problem
    return value


def overflow_of(problem: BaseException) -> AmountTooLarge | None:
    """The refusal for a number that only the database found too large (SQLSTATE 22003); None for anything else."""
    if getattr(problem.__cause__, "sqlstate", "") != "22003":
        return None
    return AmountTooLarge(
        _("A number is larger than what can be kept. Nothing was changed."),
        way_out=_("Check quantity, price and rates for a digit too many."),
    )


def cents(value: Decimal, *, line: int | None = None, field: str = "amount") -> Decimal:
    """Rounded half up to two decimals; raises AmountTooLarge."""
    return require_held(value, line=line, field=field).quantize(CENT, ROUND_HALF_UP)


def in_cents(value: Decimal) -> bool:
    """Whether it is an amount that a column holds as it stands: finite, whole cents, not beyond all measure."""
    return value.is_finite() and abs(value) < LARGEST and value == cents(value)


def round_price(value: Decimal) -> Decimal:
    """Rounded half up to six decimals."""
    return value.quantize(PRICE_STEP, ROUND_HALF_UP)


def round_qty(value: Decimal) -> Decimal:
    """Rounded half up to four decimals."""
    return value.quantize(QTY_STEP, ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """A quantity as people write it in a sentence: without trailing zeros, never in powers of ten."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class LineAmounts:
    """What one line of a document is worth; prices per unit before the discount."""

    unit_price: Decimal
    tax_incl_price: Decimal
    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal


def line_amounts(
    *,
    qty: Decimal,
    price: Decimal,
    price_includes_tax: bool,
    tax_rate: Decimal,
    discount_pct: Decimal = ZERO,
    line: int | None = None,
    field: str = "price",
) -> LineAmounts:
    """Net, tax and gross of a line; raises AmountTooLarge naming ``line``, and ``field`` where the price was typed.

    ``tax_rate`` and ``discount_pct`` are percentages (13 means 13 %). Formula for a gross price:
    gross = qty × price × (1 − discount), net = gross ÷ (1 + rate), tax = gross − net.
    """
    factor = 1 + tax_rate / HUNDRED
    share = 1 - discount_pct / HUNDRED
    require_held(qty, line=line, field="qty", limit=MOST)
    dearest = price * max(factor, Decimal(1))
    require_held(dearest, line=line, field=field, limit=DEAREST)
    require_held(qty * dearest * share, line=line, field=field)
    if price_includes_tax:
        gross = cents(qty * price * share)
        net = cents(gross / factor)
        return LineAmounts(round_price(price / factor), round_price(price), net, gross - net, gross)
    net = cents(qty * price * share)
    tax = cents(net * tax_rate / HUNDRED)
    return LineAmounts(round_price(price), round_price(price * factor), net, tax, net + tax)


def tax_share(net: Decimal, tax: Decimal, part: Decimal) -> Decimal:
    """The tax of a part of a line whose net is rounded by itself: net and tax come to the part of what the line costs, so
    one of 20 boxes at 118.00 is 118.00."""
    return cents((net + tax) * part) - cents(net * part)


def allocate(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split an amount of money over weights so that the parts add up exactly; the last part takes the rest.

    With weights that are all zero the amount is split evenly. Cumulative rounding keeps every part
    within one cent of its exact share.
    """
    if not weights:
        return []
    total = sum(weights, ZERO)
    shares = list(weights) if total else [Decimal(1)] * len(weights)
    total = total or Decimal(len(weights))
    parts, used, running = [], ZERO, ZERO
    for weight in shares:
        running += weight
        upto = cents(amount * running / total)
        parts.append(upto - used)
        used = upto
    return parts


def total(values: Iterable[Decimal]) -> Decimal:
    """Sum that is a Decimal even when there is nothing to add."""
    return sum(values, ZERO)


def total_amount(values: Iterable[Decimal], *, field: str = "lines") -> Decimal:
    """What a document comes to; raises AmountTooLarge."""
    return require_held(total(values), field=field)


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def _group_in_words(group: int) -> str:
    words, zero = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if zero and words else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        else:
            zero = True
    return words


def capital_amount(value: Decimal) -> str:
    """The amount in capital Chinese characters (大写金额), as printed on documents and vouchers.

    Source: 《会计基础工作规范》第五十二条: 元 and 角 end with 整 where no 分 follows.
    """
    value = cents(value)
    sign, value = ("负", -value) if value < 0 else ("", value)
    whole, hundredths = int(value), int(value * 100) % 100
    words, pending_zero, groups = "", False, []
    rest = whole
    while rest:
        groups.append(rest % 10000)
        rest //= 10000
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            pending_zero = bool(words)
            continue
        if words and (pending_zero or group < 1000):
            words += "零"
        words += _group_in_words(group) + _GROUPS[index]
        pending_zero = False
    words = f"{words}元" if whole else ""
    jiao, fen = divmod(hundredths, 10)
    if not hundredths:
        return f"{sign}{words or '零元'}整"
    words += (f"{_DIGITS[jiao]}角" if jiao else ("零" if whole else "")) + (f"{_DIGITS[fen]}分" if fen else "整")
    return sign + words
