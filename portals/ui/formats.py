"""Numbers, money and dates as people read them, by the active language. Everything else prints through these functions.

Money has two decimals and thousands separators, the minus is U+2212, nothing is an en dash. Chinese dates are
`2026-11-27` and `11-27`; English ones `27 Nov 2026` and `27 Nov`. Months are `2026-11` and `Nov 2026`.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils import dateformat, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NOTHING = "–"
MINUS = "−"
_CENT = Decimal("0.01")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _grouped(value: Decimal, places: int, at_most: int) -> str:
    text = f"{abs(value):,.{at_most}f}"
    if at_most > places:
        whole, _, part = text.partition(".")
        part = part.rstrip("0").ljust(places, "0")
        text = f"{whole}.{part}" if part else whole
    is_zero = not text.strip("0,.")
    return text if value >= 0 or is_zero else MINUS + text


def money(value: Any) -> str:
    """Two decimals, thousands separated; nothing when there is no value."""
    number = _decimal(value)
    return NOTHING if number is None else _grouped(number.quantize(_CENT, ROUND_HALF_UP), 2, 2)


def whole_money(value: Any) -> str:
    """Money for headlines, without the cents."""
    number = _decimal(value)
    return NOTHING if number is None else _grouped(number.quantize(Decimal(1), ROUND_HALF_UP), 0, 0)


def price(value: Any) -> str:
    """A unit price: at least two decimals, at most six."""
    number = _decimal(value)
    return NOTHING if number is None else _grouped(number, 2, 6)


def unit_cost(value: Any) -> str:
    """A cost that was divided: at least two decimals, at most four, so that a column of them can be read."""
    number = _decimal(value)
    return NOTHING if number is None else _grouped(number, 2, 4)


def qty(value: Any) -> str:
    """A quantity without trailing zeros, at most four decimals."""
    number = _decimal(value)
    return NOTHING if number is None else _grouped(number, 0, 4)


def percent(value: Any) -> str:
    """A share already expressed in per cent."""
    number = _decimal(value)
    return NOTHING if number is None else _grouped(number, 0, 2) + "%"


def change(value: Any) -> str:
    """A change in per cent, with its sign and at most one decimal."""
    number = _decimal(value)
    if number is None:
        return NOTHING
    rounded = number.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{'+' if rounded > 0 else ''}{_grouped(rounded, 0, 1)}%"


def plain(value: Any) -> str:
    """A number for an input field: no separators, no trailing zeros, ASCII minus."""
    number = _decimal(value)
    if number is None:
        return ""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_chinese() -> bool:
    return (translation.get_language() or "").startswith("zh")


def _local(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    return value


def day(value: date | datetime | None) -> str:
    """The whole date."""
    if not value:
        return NOTHING
    return _day_as(_plain_day(value), "Y-m-d" if is_chinese() else "j M Y", translation.get_language())


def _plain_day(value: date | datetime) -> date:
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


@lru_cache(maxsize=4096)
def _day_as(value: date, form: str, _language: str | None) -> str:
    """A list prints the same few days hundreds of times."""
    return dateformat.format(value, form)


def short_day(value: date | datetime | None) -> str:
    """The date in lists: without the year when it is this year."""
    if not value:
        return NOTHING
    local = _plain_day(value)
    if local.year != timezone.localdate().year:
        return day(local)
    return _day_as(local, "m-d" if is_chinese() else "j M", translation.get_language())


def month(value: date | datetime | str | None) -> str:
    """A month, given as one of its days or as its code: `2026-11`, `Nov 2026`."""
    if not value:
        return NOTHING
    first = date.fromisoformat(f"{value}-01") if isinstance(value, str) else _plain_day(value)
    return _day_as(first, "Y-m" if is_chinese() else "M Y", translation.get_language())


def long_day(value: date | datetime | None) -> str:
    """The day with its weekday, as a greeting says it: `11 月 27 日 星期五`, `Friday, 27 November`."""
    if not value:
        return NOTHING
    local = _local(value)
    return dateformat.format(local, "n 月 j 日 l" if is_chinese() else "l, j F")


def clock_time(value: datetime | None) -> str:
    if not value:
        return NOTHING
    return dateformat.format(_local(value), "H:i")


def moment(value: datetime | None) -> str:
    """Date and time in lists; only the time when it is today."""
    if not value:
        return NOTHING
    local = _local(value)
    as_day = local.date() if isinstance(local, datetime) else local
    if as_day == timezone.localdate():
        return clock_time(value)
    return f"{short_day(value)} {clock_time(value)}"


def moment_beside(value: datetime | None, dated: date | None) -> str:
    """A moment that stands below the date of its paper: with its own day where that is another one."""
    if not value or dated is None or dated == _plain_day(value):
        return moment(value)
    return f"{short_day(value)} {clock_time(value)}"


def due_moment(value: datetime | None) -> str:
    """A moment by which something is due: today has its word, so that a lone time of day is not puzzled over."""
    if value and _plain_day(value) == timezone.localdate():
        return _("today %(time)s") % {"time": clock_time(value)}
    return moment(value)


def days(number: Any) -> str:
    """A span of time: `1 day`, `30 days`."""
    value = _decimal(number) or Decimal(0)
    return ngettext("%(days)s day", "%(days)s days", 1 if value == 1 else 2) % {"days": qty(value)}


def file_size(value: int | None) -> str:
    if value is None:
        return NOTHING
    size = float(value)
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def _group_in_words(number: int) -> str:
    words, pending_zero = "", False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            words += ("零" if pending_zero and words else "") + _DIGITS[digit] + _UNITS[power]
            pending_zero = False
        else:
            pending_zero = True
    return words


def _whole_in_words(number: int) -> str:
    groups = []
    while number:
        number, rest = divmod(number, 10000)
        groups.append(rest)
    words, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group_in_words(group) + _GROUPS[index]
        gap = False
    return words


# Before the amount in words; the company's own currency goes without saying.
_CURRENCY_IN_WORDS = {"USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元", "HKD": "港元"}


def cn_amount(value: Any, currency: str = "CNY") -> str:
    """大写金额 as written on a Chinese bill: 壹万玖仟壹佰贰拾肆元整; in another currency 美元伍仟零柒拾伍元整."""
    words = _amount_in_words(value)
    return words if currency == "CNY" or words == NOTHING else f"{_CURRENCY_IN_WORDS.get(currency, currency)}{words}"


def _amount_in_words(value: Any) -> str:
    number = _decimal(value)
    if number is None:
        return NOTHING
    cents = int((abs(number) * 100).to_integral_value(ROUND_HALF_UP))
    sign = "负" if number < 0 and cents else ""
    whole, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    if not cents:
        return "零元整"
    words = f"{_whole_in_words(whole)}元" if whole else ""
    if not rest:
        return f"{sign}{words}整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif whole:
        words += "零"
    return sign + words + (f"{_DIGITS[fen]}分" if fen else "整")
