"""ACCOUNTING row 29: cost adjustments change what stock is worth, and the books with it."""

from decimal import Decimal as D

import pytest

from backend.inventory.errors import CannotReverseMoves, CannotSaveCostAdjustment
from backend.inventory.models import CostLayer
from backend.inventory.services import adjustments
from backend.inventory.services.inputs import CostLineInput
from backend.kernel.errors import Refusal
from tests.factories.accounting import balance
from tests.factories.catalog import make_item
from tests.factories.costing import come, item_costed_by, leave
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, refuses

pytestmark = pytest.mark.usefixtures("tenant")


def save(*lines, reason="cogs"):
    return adjustments.save_cost_adjustment(
        doc_date=TODAY, warehouse_id=main_warehouse().pk, reason=reason, lines=lines, actor=SYSTEM, at=AT
    )


def approve(document):
    return adjustments.approve_cost_adjustment(document_id=document.pk, actor=SYSTEM, at=AT)


def test_a_new_unit_cost_is_turned_into_a_difference_when_it_is_booked():
    item, other = make_item(), make_item()
    come(item, 10, 100)
    come(other, 4, 50)
    document = save(CostLineInput(item.pk, unit_cost=D("12.5")), CostLineInput(other.pk, amount=D("-10")))
    leave(item, 2)
    document = approve(document)
    assert document.total_amount == 10
    assert [(line.qty_before, line.value_before, line.amount) for line in document.lines.order_by("line_no")] == [
        (8, 80, 20),
        (4, 50, -10),
    ]
    assert (balance_of(item).value, balance_of(other).value) == (100, 40)
    assert (balance("cogs"), balance("inventory")) == (-10, 10)
    adjustments.unapprove_cost_adjustment(document_id=document.pk, actor=SYSTEM, at=AT)
    assert (balance_of(item).value, balance("cogs"), balance("inventory")) == (80, 0, 0)
    leave(item, 4)
    assert approve(document).total_amount == D(0)


@pytest.mark.parametrize("reason", ["mfg_overhead", "admin_expense", "pending_loss_gain"])
def test_the_reason_names_the_account_beside_inventory(reason):
    item = make_item()
    come(item, 10, 100)
    approve(save(CostLineInput(item.pk, amount=D(7)), reason=reason))
    assert balance(reason) == -7


def test_layers_carry_their_part():
    item = item_costed_by("fifo")
    come(item, 10, 100)
    come(item, 10, 300)
    approve(save(CostLineInput(item.pk, unit_cost=D(22))))
    assert list(CostLayer.objects.order_by("id").values_list("value", flat=True)) == [110, 330]


@pytest.mark.parametrize(
    "line",
    [{"unit_cost": D(-1)}, {}, {"unit_cost": D(1), "amount": D(1)}],
)
def test_lines_are_refused_by_number(line):
    with refuses(CannotSaveCostAdjustment) as refused:
        save(CostLineInput(make_item().pk, **line))
    assert refused.value.line == 1


def test_no_more_value_is_taken_than_there_is_and_nothing_is_put_on_nothing():
    item, empty = make_item(), make_item()
    come(item, 10, 100)
    document = save(CostLineInput(item.pk, amount=D(-101)), CostLineInput(empty.pk, amount=D(1)))
    with refuses(Refusal) as refused:
        approve(document)
    assert [problem.line for problem in refused.value.problems] == [1, 2]


def test_goods_that_carried_the_difference_away_keep_it():
    item = make_item()
    come(item, 10, 100)
    document = approve(save(CostLineInput(item.pk, amount=D(50))))
    leave(item, 10)
    with refuses(CannotReverseMoves):
        adjustments.unapprove_cost_adjustment(document_id=document.pk, actor=SYSTEM, at=AT)


def test_a_draft_is_written_again_and_thrown_away():
    item = make_item()
    document = save(CostLineInput(item.pk, amount=D(1)))
    again = adjustments.save_cost_adjustment(
        doc_date=TODAY,
        warehouse_id=main_warehouse().pk,
        reason="cogs",
        lines=[CostLineInput(item.pk, amount=D(2))],
        document_id=document.pk,
        version=document.version,
        actor=SYSTEM,
        at=AT,
    )
    assert (again.number, again.total_amount, again.lines.count()) == (document.number, 2, 1)
    adjustments.void_cost_adjustment(document_id=document.pk, actor=SYSTEM, at=AT)
    with refuses(Refusal):
        approve(document)
