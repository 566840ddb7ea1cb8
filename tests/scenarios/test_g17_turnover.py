"""G-17: parts of steel: nodes are followed, alerts open by themselves, more comes in time, and raw stock turns faster.

`TROIKA_SOAK=1` tells it over 80 suppliers.
"""

import os
from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from backend.catalog.models import ItemCategory
from backend.inventory.selectors import reports
from backend.inventory.services import assembly
from backend.inventory.services.inputs import ComponentInput, OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.kernel import clock
from backend.processes.exceptions import look_for_exceptions
from backend.purchasing.models import NodeTemplate, PurchaseException
from backend.purchasing.services import nodes, progress
from backend.srm.models import SupplierScore
from backend.srm.services import facts, scores
from backend.workflow.models import Task
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, main_warehouse
from tests.factories.parties import make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, supplier_actor
from tests.people import client_of, make_member
from tests.srm.test_scores import bring

pytestmark = pytest.mark.usefixtures("tenant")
SUPPLIERS = 80 if os.environ.get("TROIKA_SOAK") else 4


# --- raw stock ---------------------------------------------------------------------------------
def test_g17_raw_turnover_rises_by_thirty_per_cent():
    """G-17, INV-09: 1,100 kg of steel at 1.00. In one month 100 kg become parts, in the next 115 kg.

    The first: 100 used, 1,000 left all month: 100 / 1,000 = 0.10 turns. The second: 115 used, 885 left:
    115 / 885 = 0.13 turns, 30 % more. Page and API set the two months beside each other.
    """
    second = _month_before(clock.today())
    first = _month_before(second)
    raw = ItemCategory.objects.get(code="materials")
    steel, part = make_item(category_id=raw.pk), make_item()
    _open(steel, 1100, first)
    _make(part, steel, 100, first)
    _make(part, steel, 115, second)
    last = _last_of(second)
    [row] = [found for found in reports.turnover_beside(second, last, by="category") if found.row.key == str(raw.pk)]
    assert (row.row.cost, row.row.average, row.row.turns) == (115, 885, D("0.13"))
    assert (row.pace, row.before, row.change) == (D("0.13"), D("0.10"), 30)
    [alone] = [found for found in reports.turnover_beside(first, _last_of(first)) if found.row.key == str(steel.pk)]
    assert (alone.row.cost, alone.row.average, alone.row.turns, alone.change) == (100, 1000, D("0.10"), None)
    assert reports.turnover(second, last, by="all")[0].cost == 0  # made, not sold
    owner, asked = make_member("owner"), f"month={second:%Y-%m}&by=category"
    [told] = [row for row in Caller.of(owner).get(f"inventory/reports/turnover/?{asked}") if row["key"] == str(raw.pk)]
    assert [D(told[name]) for name in ("turns", "before", "change")] == [D("0.13"), D("0.10"), 30]
    page = client_of(owner).get(f"/inventory/turnover/?{asked}").content.decode()
    assert "0.13" in page
    assert "0.10" in page
    assert "30%" in page


def _month_before(day_: date) -> date:
    return (day_.replace(day=1) - timedelta(days=1)).replace(day=1)


def _last_of(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _open(item, kilos, on):
    lines = [OpeningLineInput(item.pk, D(kilos), value=D(kilos))]
    paper = save_opening_stock(doc_date=on, warehouse_id=main_warehouse().pk, lines=lines, actor=SYSTEM, at=clock.now())
    approve_opening_stock(document_id=paper.pk, actor=SYSTEM, at=clock.now())


def _make(part, steel, kilos, on):
    paper = assembly.save_assembly(
        doc_date=on, warehouse_id=main_warehouse().pk, item_id=part.pk, qty=D(1),
        lines=[ComponentInput(steel.pk, D(kilos))], actor=SYSTEM, at=clock.now(),
    )  # fmt: skip
    assembly.approve_assembly(document_id=paper.pk, actor=SYSTEM, at=clock.now())


# --- suppliers ---------------------------------------------------------------------------------
def test_g17_late_nodes_are_told_and_more_comes_in_time():
    """Every other supplier was late last month and reports nothing now; each of those is an alert, and this month in time."""
    item, template = make_item(), NodeTemplate.objects.get()
    suppliers = [make_supplier() for _number in range(SUPPLIERS)]
    silent, spoken = suppliers[::2], suppliers[1::2]
    before, now = _day_eight(_month_before(AT.date())), AT.replace(day=8)
    for supplier in suppliers:
        facts.note_delivery(bring(supplier, item, late=2 if supplier in silent else 0, at=before).pk)
    for supplier in suppliers:
        order = make_purchase_order((item, 10), supplier=supplier, requested=day(20))
        confirm(order)
        nodes.plan_nodes(order_id=order.pk, template_id=template.pk, actor=BUYER, at=AT)
        if supplier in spoken:
            who = {"actor": supplier_actor(supplier), "at": AT}
            progress.report_progress(order_line_id=lines_of(order)[0].pk, node="material_ready", percent=100, **who)
    look_for_exceptions(at=AT + timedelta(days=10))
    assert not PurchaseException.objects.filter(kind="node_late").exists()
    look_for_exceptions(at=AT + timedelta(days=11))  # due on the tenth day
    late = PurchaseException.objects.filter(kind="node_late")
    assert set(late.values_list("supplier", flat=True)) == {supplier.pk for supplier in silent}
    assert Task.objects.filter(kind="purchasing.exception", done_at=None).count() == len(silent)
    for supplier in suppliers:
        facts.note_delivery(bring(supplier, item, at=now).pk)
    assert [_on_time(month) for month in (before, now)] == [50, 100]


def _day_eight(first):
    return AT.replace(year=first.year, month=first.month, day=8)


def _on_time(moment) -> D:
    """Of all suppliers together, in per cent."""
    month = f"{moment:%Y-%m}"
    scores.compute_month(month, at=AT + timedelta(days=7))
    rows = SupplierScore.objects.filter(month=month)
    return D(100) * sum(row.on_time for row in rows) / sum(row.deliveries for row in rows)
