"""G-17: raw turnover is computed and its rise shown: the same stock of steel makes more parts a month later."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from backend.inventory.selectors import reports
from backend.inventory.services import assembly
from backend.inventory.services.inputs import ComponentInput
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, main_warehouse, stock_up

pytestmark = pytest.mark.usefixtures("tenant")


def test_g17_raw_turnover_rises_by_thirty_per_cent():
    """G-17, INV-09: 1,100 kg of steel at 1.00. One day 100 kg become parts, the next day 115 kg.

    The first day: 100 used, 1,000 left at its end: 100 / 1,000 = 0.10 turns. The second: 115 used, 885 left:
    115 / 885 = 0.13 turns, 30 % more.
    """
    steel, part, tomorrow = make_item(), make_item(), TODAY + timedelta(days=1)
    stock_up(steel, 1100, 1100)
    _make(part, steel, 100, TODAY)
    _make(part, steel, 115, tomorrow)
    before, now = _turns(steel, TODAY), _turns(steel, tomorrow)
    assert (before.cost, before.average, before.turns) == (100, 1000, D("0.10"))
    assert (now.cost, now.average, now.turns) == (115, 885, D("0.13"))
    assert reports.change_of(now.turns, before.turns) == 30
    assert reports.change_of(now.turns, None) is None
    assert _turns(part, tomorrow).cost == 0  # made, not sold
    assert reports.turnover(tomorrow, tomorrow, by="all")[0].cost == 0


def _make(part, steel, kilos, day):
    paper = assembly.save_assembly(
        doc_date=day, warehouse_id=main_warehouse().pk, item_id=part.pk, qty=D(1),
        lines=[ComponentInput(steel.pk, D(kilos))], actor=SYSTEM, at=AT,
    )  # fmt: skip
    assembly.approve_assembly(document_id=paper.pk, actor=SYSTEM, at=AT)


def _turns(item, day):
    return next(row for row in reports.turnover(day, day, by="item") if row.key == str(item.pk))
