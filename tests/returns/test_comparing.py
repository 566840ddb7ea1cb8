"""M-07, SRM-15: the partner's list beside ours: of 200 lines with 30 planted differences 30 are found and typed."""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from backend.invoicing.claim_sheets import read_text
from backend.invoicing.comparing import Row, compare
from backend.kernel.errors import ValidationRefused
from backend.kernel.money import cents

D = Decimal
PLANTED = {
    "not_received": 5,
    "quantity": 5,
    "price": 5,
    "return_open": 4,
    "missing": 5,
    "duplicate": 3,
    "rounding": 3,
}


def make(number, day, item, qty, price, **more):
    qty, price = D(qty), D(price)
    values = {"id": uuid4(), "numbers": (number,), "day": day, "item": item, "qty": qty, "price": price}
    return Row(**{**values, "amount": cents(qty * price), **more})


def two_lists(seed):
    """200 lines of ours (20 of them returns) and the partner's list with the planted differences."""
    chance = random.Random(seed)
    items = [uuid4() for _each in range(12)]
    ours, theirs, expected = [], [], Counter()
    kinds = [
        kind for kind, count in PLANTED.items() if kind not in {"not_received", "return_open"} for _ in range(count)
    ]
    special = dict(zip(chance.sample(range(180), len(kinds)), kinds, strict=True))
    forgotten = set(chance.sample(range(180, 200), PLANTED["return_open"]))
    for place in range(200):
        back = place >= 180
        note, day = f"DN-{1000 + place // 3}", date(2026, 11, 1) + timedelta(days=place % 28)
        qty = D(chance.randint(1, 40)) * (-1 if back else 1)
        mine = make(f"GRN-{place:04d}", day, items[place % 12], qty, f"{chance.randint(100, 9000)}.{place % 100:02d}")
        mine = Row(**{**vars(mine), "numbers": (note, *mine.numbers), "theirs_known": True})
        ours.append(mine)
        kind = special.get(place)
        if place in forgotten or kind == "missing":
            expected["return_open" if place in forgotten else "missing"] += 1
            continue
        values = {"qty": mine.qty, "price": mine.price, "amount": mine.amount}
        if kind == "quantity":
            values |= {"qty": mine.qty + 1, "amount": cents((mine.qty + 1) * mine.price)}
        elif kind == "price":
            values |= {"price": mine.price + 1, "amount": cents(mine.qty * (mine.price + 1))}
        elif kind == "rounding":
            values |= {"amount": mine.amount + D("0.02")}
        written = chance.choice([note, note.lower(), note.replace("-", " ")])
        row = Row(id=uuid4(), numbers=(written,), day=day + timedelta(days=1), item=mine.item, **values)
        theirs.append(row)
        if kind == "duplicate":
            theirs.append(Row(**{**vars(row), "id": uuid4()}))
        if kind:
            expected[kind] += 1
    for extra in range(PLANTED["not_received"]):
        theirs.append(make(f"DN-9{extra:03d}", date(2026, 11, 20), items[extra], extra + 2, "55.5"))
        expected["not_received"] += 1
    chance.shuffle(theirs)
    return ours, theirs, expected


@pytest.mark.parametrize("seed", range(8))
def test_m_07_thirty_planted_differences_are_found_and_typed(seed):
    ours, theirs, expected = two_lists(seed)
    found = compare(ours, theirs)
    assert len(ours) == 200
    assert sum(expected.values()) == 30
    assert Counter(difference.kind for difference in found.differences) == expected
    gap = sum((row.amount for row in theirs), D(0)) - sum((row.amount for row in ours), D(0))
    assert sum(difference.gap for difference in found.differences) == gap


def test_equal_lists_differ_in_nothing():
    ours, _theirs, _expected = two_lists(1)
    same = [Row(**{**vars(row), "id": uuid4(), "numbers": row.numbers[:1]}) for row in ours]
    assert compare(ours, same).differences == ()


def test_an_item_they_call_otherwise_is_known_by_number_and_figures():
    item = uuid4()
    ours = [make("DN-1", None, item, 5, 10), make("DN-1", None, uuid4(), 7, 10)]
    theirs = [make("dn 1", None, "their words", 5, 10), make("dn1", None, "others", 6, 10)]
    (difference,) = compare(ours, theirs).differences
    assert difference.kind == "quantity"
    assert difference.ours.qty == 7


def test_without_a_number_of_theirs_goods_of_the_same_week_are_the_same():
    item = uuid4()
    ours = [make("GRN-1", date(2026, 11, 3), item, 5, 10), make("GRN-2", date(2026, 11, 23), item, 5, 10)]
    theirs = [make("L-77", date(2026, 11, 5), item, 5, 10)]
    (difference,) = compare(ours, theirs).differences
    assert (difference.kind, difference.ours.numbers) == ("missing", ("GRN-2",))


def test_the_list_is_read_in_both_languages_and_says_what_it_cannot_read():
    rows = read_text("送货单号\t日期\t商品编码\t数量\t含税单价\nDN-1\t2026/11/3\tPA4\t1,000\t11.3\n合计\t\t\t1000\t")
    assert [(row.number, row.qty, row.worth(1), row.line_date) for row in rows] == [
        ("DN-1", 1000, D("11300.00"), date(2026, 11, 3))
    ]
    assert read_text("No;Qty;Amount\nA;2;5.50")[0].worth(1) == D("5.50")
    with pytest.raises(ValidationRefused, match="headings"):
        read_text("a,b\n1,2")
    with pytest.raises(ValidationRefused, match="not a number"):
        read_text("number,qty\nA,two")
    with pytest.raises(ValidationRefused, match="not a date"):
        read_text("number,qty,date\nA,2,32.13.2026")
