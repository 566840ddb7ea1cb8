"""Requisitions of the sample company in every state, and who stands in for whom.

A company with one person has nobody to agree to anything: it finds a draft, and no more.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from backend.kernel import clock
from backend.purchasing.models import PurchaseRequisition
from backend.purchasing.services import orders, requisition_orders, requisitions
from backend.purchasing.services.inputs import OrderChoice, RequisitionData, RequisitionLineInput
from backend.workflow.approvals.setup import DelegationData, save_delegation
from tenants.demo.masters import Stage
from tenants.demo.story import Word

Lines = Sequence[tuple[str, int]]
FAIR = Word("商会展销用水", "Water for the chamber's fair")
PROMOTION = Word("开学季促销备货", "Stock for the back-to-school promotion")
SHELVES = Word("仓库标识与单据归档", "Labelled shelves and filed papers")
PRINTING = Word("年终账册打印用纸", "Paper for the year-end books")
SPARE = Word("备用", "To have some spare")
ENOUGH = Word("库存还有近百台，先用库存。", "There are nearly a hundred in stock: take those first.")
HOLIDAY = Word("年假", "Holiday")
TRADE_FAIR = Word("参加展会", "At the trade fair")


def lay_requests(stage: Stage, past: Sequence[datetime]) -> None:
    """``past`` are a few moments before now, the oldest first."""
    _written(stage, "sales", FAIR, [("water", 20)], at=stage.at, need=_day(stage, 8))
    if len(stage.actors) < 2:
        return
    _bought_in_part(stage, past)
    _sent_back(stage, past[1])
    _waiting_for_the_owner(stage, past[2])
    _handed_in(stage, "warehouse", SHELVES, [("binder", 200)], at=stage.at)
    _stand_in(stage, stage.at, _day(stage, 1), _day(stage, 10), HOLIDAY)


def _day(stage: Stage, days: int) -> date:
    return clock.day_of(stage.at) + timedelta(days=days)


def _written(stage: Stage, who: str, why: Word, lines: Lines, *, at: datetime, need: date) -> PurchaseRequisition:
    wanted = [
        RequisitionLineInput(
            stage.items[key].pk,
            Decimal(qty),
            price=stage.items[key].purchase_price,
            supplier_id=stage.items[key].supplier_id,
        )
        for key, qty in lines
    ]
    data = RequisitionData(need, wanted, reason=why.of(stage.language), doc_date=clock.day_of(at))
    return requisitions.save_requisition(data=data, actor=stage.actor(who), at=at)


def _handed_in(stage: Stage, who: str, why: Word, lines: Lines, *, at: datetime) -> PurchaseRequisition:
    made = _written(stage, who, why, lines, at=at, need=_day(stage, 12))
    return requisitions.submit_requisition(requisition_id=made.pk, actor=stage.actor(who), at=at)


def _agreed(stage: Stage, document: PurchaseRequisition, who: str, at: datetime) -> None:
    requisitions.approve_requisition(requisition_id=document.pk, actor=stage.actor(who), at=at)


def _bought_in_part(stage: Stage, past: Sequence[datetime]) -> None:
    """Two levels; the owner was away, the accountant agreed in her place. One line is ordered, the other open."""
    _stand_in(stage, past[0], clock.day_of(past[0]), clock.day_of(past[1]), TRADE_FAIR)
    made = _handed_in(stage, "sales", PROMOTION, [("marker", 300), ("stapler", 240)], at=past[0])
    _agreed(stage, made, "buyer", past[0])
    _agreed(stage, made, "accountant", past[1])
    line = made.lines.get(item=stage.items["marker"])
    buyer = stage.actor("buyer")
    for order in requisition_orders.order_requisition(
        requisition_id=made.pk, choices=[OrderChoice(line.pk, line.qty)], actor=buyer, at=past[2]
    ):
        orders.approve_order(order_id=order.pk, actor=buyer, at=past[2])


def _sent_back(stage: Stage, at: datetime) -> None:
    made = _handed_in(stage, "warehouse", SPARE, [("stapler", 24)], at=at)
    requisitions.reject_requisition(
        requisition_id=made.pk, reason=ENOUGH.of(stage.language), actor=stage.actor("buyer"), at=at
    )


def _waiting_for_the_owner(stage: Stage, at: datetime) -> None:
    """More than ten thousand: the buyer has agreed, the owner has not."""
    made = _handed_in(stage, "accountant", PRINTING, [("a3", 100)], at=at)
    _agreed(stage, made, "buyer", at)


def _stand_in(stage: Stage, at: datetime, first: date, last: date, why: Word) -> None:
    """The accountant decides for the owner in these days."""
    owner, deputy = stage.actor("owner").member_id, stage.actor("accountant").member_id
    assert owner is not None
    assert deputy is not None
    data = DelegationData(owner, deputy, first, last, why.of(stage.language))
    save_delegation(data=data, actor=stage.actor("owner"), at=at)
