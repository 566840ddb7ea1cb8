"""M-05: from a lot to everybody who has it, whatever it was made into; one step stops it."""

from decimal import Decimal as D
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from backend.inventory.errors import CannotChangeLot
from backend.inventory.models import Lot, LotState
from backend.inventory.selectors.recall import lots_above, lots_below, shipped_of
from backend.inventory.services import lots
from backend.inventory.services.inputs import LotInput, MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.parties.inputs import ContactData, CustomerData, PartyData
from backend.parties.services import save_party
from backend.processes.recall import recall_lot, recall_of
from backend.workflow.models import Task
from portals.staff.inventory.recall_sheet import recall_xlsx
from tests.factories.availability import Paper, assert_sound
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, main_warehouse, numbers_of, refuses, stock_up

pytestmark = pytest.mark.usefixtures("tenant")


def customer(name, phone):
    data = PartyData(name=name, customer=CustomerData(), contacts=(ContactData(name=f"{name}经理", phone=phone),))
    return save_party(data=data, actor=SYSTEM, at=AT)


def move(kind, lot, *, into=0, out=0, party=None):
    return MoveInput(
        kind,
        lot.item_id,
        main_warehouse().pk,
        qty_in=D(into),
        qty_out=D(out),
        value_in=D(into),
        lot_id=lot.pk,
        party_id=party.pk if party else None,
    )


def post(paper, *moves):
    post_moves(list(moves), document=paper, actor=SYSTEM, at=AT)
    return paper


@pytest.fixture
def chain():
    """Ten of the raw lot went into kits; kits and raw pieces were shipped to two customers."""
    raw_item, kit_item = make_item(lot_tracked=True), make_item(lot_tracked=True)
    stock_up(raw_item, 100, 100, lot_no="RAW")
    raw = Lot.objects.get(item=raw_item)
    kit = lots.ensure_lots([LotInput(kit_item.pk, "KIT")], at=AT)[kit_item.pk, "KIT"]
    post(Paper("test.making"), move("sales_delivery", raw, out=10), move("opening", kit, into=5))
    first, second = customer("甲", "13800000001"), customer("乙", "13800000002")
    post(Paper("sales.delivery"), move("sales_delivery", kit, out=3, party=first))
    post(Paper("sales.delivery"), move("sales_delivery", raw, out=7, party=second))
    gone = post(Paper("sales.delivery"), move("sales_delivery", raw, out=20, party=first))
    reverse_moves(document=gone, actor=SYSTEM, at=AT)
    return raw, kit, first, second


def test_m_05_the_graph_is_read_down_and_up(chain):
    raw, kit, *_others = chain
    assert [row.lot_no for row in lots_below(raw.pk)] == ["RAW", "KIT"]
    assert [row.lot_no for row in lots_above(kit.pk)] == ["KIT", "RAW"]
    assert [row.on_hand for row in lots_below(raw.pk)] == [83, 2]


def test_m_05_what_was_reversed_passes_nothing_on():
    raw_item, kit_item = make_item(lot_tracked=True), make_item(lot_tracked=True)
    stock_up(raw_item, 10, 10, lot_no="RAW")
    raw = Lot.objects.get(item=raw_item)
    kit = lots.ensure_lots([LotInput(kit_item.pk, "KIT")], at=AT)[kit_item.pk, "KIT"]
    paper = post(Paper("test.making"), move("sales_delivery", raw, out=10), move("opening", kit, into=5))
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    assert [row.lot_no for row in lots_below(raw.pk)] == ["RAW"]
    assert [row.lot_no for row in lots_below(kit.pk)] == ["KIT"]


def test_m_05_a_recall_holds_everything_and_names_the_customers(chain, django_assert_max_num_queries):
    raw, kit, first, second = chain
    with refuses(CannotChangeLot, "Say why"):
        recall_lot(lot_id=raw.pk, reason=" ", actor=SYSTEM, at=AT)
    with django_assert_max_num_queries(30):
        recall_lot(lot_id=raw.pk, reason="异物", actor=SYSTEM, at=AT)
    assert set(Lot.objects.filter(pk__in=[raw.pk, kit.pk]).values_list("state", flat=True)) == {LotState.HELD}
    assert numbers_of(raw.item)[2] == numbers_of(kit.item)[2] == 0
    holders = {(row.name, row.phone, row.contact): row.qty for row in recall_of(raw.pk).holders}
    assert holders == {("甲", "13800000001", "甲经理"): 3, ("乙", "13800000002", "乙经理"): 7}
    assert Task.objects.get(kind="inventory.recall", done_at=None).params["customers"] == 2
    recall_lot(lot_id=raw.pk, reason="异物", actor=SYSTEM, at=AT)
    assert_sound()


def test_m_05_the_list_is_a_workbook(chain):
    raw, kit, *_others = chain
    book = CalamineWorkbook.from_filelike(BytesIO(recall_xlsx(shipped_of([raw.pk, kit.pk]))))
    _head, *rows = book.get_sheet_by_index(0).to_python()
    assert sorted((row[1], row[4], row[6]) for row in rows) == [("乙", "RAW", 7.0), ("甲", "KIT", 3.0)]
