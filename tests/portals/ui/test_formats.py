"""Numbers, money, dates and capital amounts as they are printed."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from portals.ui import formats


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1286430", "1,286,430.00"),
        ("-0.6", "−0.60"),
        (None, "–"),
        ("", "–"),
        ("0", "0.00"),
        ("-0.001", "0.00"),
        ("2.675", "2.68"),
    ],
)
def test_money(value: str | None, shown: str) -> None:
    assert formats.money(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [("100.0000", "100"), ("1150.5", "1,150.5"), ("0.1250", "0.125"), (None, "–"), ("-3", "−3")]
)
def test_qty(value: str | None, shown: str) -> None:
    assert formats.qty(value) == shown


def test_price_keeps_two_to_six_decimals() -> None:
    assert formats.price("132") == "132.00"
    assert formats.price("0.123456") == "0.123456"
    assert formats.price("1234.500") == "1,234.50"


def test_plain_is_what_an_input_takes() -> None:
    assert formats.plain(Decimal("-1200.500")) == "-1200.5"
    assert formats.plain(None) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("19124.00", "壹万玖仟壹佰贰拾肆元整"),
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10.05", "壹拾元零伍分"),
        ("1000000.10", "壹佰万元壹角整"),
        ("100005", "壹拾万零伍元整"),
        ("32685.50", "叁万贰仟陆佰捌拾伍元伍角整"),
        ("100000001", "壹亿零壹元整"),
        ("1010101010.10", "壹拾亿壹仟零壹拾万壹仟零壹拾元壹角整"),
        ("-8.3", "负捌元叁角整"),
        ("20300", "贰万零叁佰元整"),
    ],
)
def test_capital_amounts(value: str, words: str) -> None:
    assert formats.cn_amount(value) == words


_DIGITS = {digit: index for index, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
_POWERS = {"拾": 10, "佰": 100, "仟": 1000}


def read_back(words: str) -> int:
    """The cents that a capital amount stands for, read by the plain rules of the notation."""
    total = section = digit = 0
    for letter in words.removesuffix("整"):
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif letter in _POWERS:
            section, digit = section + digit * _POWERS[letter], 0
        elif letter == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        elif letter == "亿":
            total, section, digit = (total + section + digit) * 100_000_000, 0, 0
        elif letter == "元":
            total, section, digit = (total + section + digit) * 100, 0, 0
        elif letter == "角":
            total, digit = total + digit * 10, 0
        elif letter == "分":
            total, digit = total + digit, 0
    return total


@given(st.integers(min_value=1, max_value=99_999_999_999_99))
def test_a_capital_amount_reads_back_to_the_same_cents(cents: int) -> None:
    words = formats.cn_amount(Decimal(cents) / 100)
    assert read_back(words) == cents
    assert "零零" not in words


def test_dates_by_language() -> None:
    this_year = timezone.localdate().replace(month=11, day=27)
    with translation.override("zh-hans"):
        assert formats.short_day(this_year) == "11-27"
        assert formats.day(date(2020, 1, 5)) == "2020-01-05"
        assert formats.short_day(date(2020, 1, 5)) == "2020-01-05"
    with translation.override("en"):
        assert formats.short_day(this_year) == "27 Nov"
        assert formats.day(date(2020, 1, 5)) == "5 Jan 2020"
    assert formats.day(None) == "–"


def test_months_and_spans_by_language() -> None:
    with translation.override("zh-hans"):
        assert formats.month("2026-11") == formats.month(date(2026, 11, 5)) == "2026-11"
        assert formats.days(1) == "1 天"
    with translation.override("en"):
        assert formats.month("2026-11") == formats.month(date(2026, 11, 5)) == "Nov 2026"
        assert (formats.days(1), formats.days(30)) == ("1 day", "30 days")
    assert formats.month(None) == "–"


def test_moments_are_local() -> None:
    at = datetime(2020, 1, 5, 1, 30, tzinfo=ZoneInfo("UTC"))
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        assert formats.moment(at) == "2020-01-05 09:30"


def test_voucher_digits() -> None:
    from portals.ui.voucher import VoucherLine, VoucherSheet, amount_cells, digits

    assert "".join(digits(Decimal("31405.00")) or []).strip() == "3140500"
    assert digits(Decimal("0.05")) == [" "] * 10 + ["5"]
    assert digits(None) == [""] * 11
    assert digits(Decimal("1234567890.00")) is None
    with translation.override("zh-hans"):
        assert amount_cells(Decimal("-5"))["negative"] is True
    with translation.override("en"):
        assert amount_cells(Decimal("1280.5"))["plain"] == "1,280.50"
    lines = [VoucherLine("a", "1002", debit=Decimal("1.10")), VoucherLine("b", "1122", credit=Decimal("1.10"))]
    assert VoucherSheet("记", "1", date(2026, 1, 1), lines).balanced


def test_a_day_with_its_weekday() -> None:
    with translation.override("zh-hans"):
        assert formats.long_day(date(2026, 11, 27)) == "11 月 27 日 星期五"
    with translation.override("en"):
        assert formats.long_day(date(2026, 11, 27)) == "Friday, 27 November"
