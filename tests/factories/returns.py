"""Goods that go back, for tests, made by the same services as in life."""

from decimal import Decimal
from typing import Any

from backend.kernel.actor import Actor
from backend.purchasing.models import PurchaseReceipt, PurchaseReturn
from backend.purchasing.services import returns as purchase_returns
from backend.sales.models import SalesDelivery, SalesReturn
from backend.sales.services import returns as sales_returns
from tests.factories.accounting import AT

ROBOT = Actor.system("Returns")


def send_back(receipt: PurchaseReceipt, *quantities: Any, approve: bool = True, **header: Any) -> PurchaseReturn:
    """Send so much of a receipt's lines back."""
    lines = [
        purchase_returns.ReturnLineInput(row.pk, Decimal(str(qty)))
        for row, qty in zip(receipt.lines.order_by("line_no"), quantities, strict=False)
        if qty
    ]
    data = purchase_returns.ReturnData(lines=lines, **header)
    made = purchase_returns.save_return(data=data, actor=ROBOT, at=AT)
    return purchase_returns.approve_return(return_id=made.pk, actor=ROBOT, at=AT) if approve else made


def take_back(
    delivery: SalesDelivery, *quantities: Any, scrap: Any = 0, upto: str = "decide", **header: Any
) -> SalesReturn:
    """Take so much of a delivery's lines back; ``scrap`` of the first line is lost."""
    lines = tuple(
        sales_returns.ReturnLineInput(row.pk, Decimal(str(qty)))
        for row, qty in zip(delivery.lines.order_by("line_no"), quantities, strict=False)
        if qty
    )
    data = sales_returns.ReturnData(lines=lines, **header)
    made = sales_returns.save_return(data=data, actor=ROBOT, at=AT)
    if upto == "request":
        return made
    sales_returns.authorise_return(return_id=made.pk, actor=ROBOT, at=AT)
    if upto == "authorise":
        return made
    sales_returns.receive_return(return_id=made.pk, actor=ROBOT, at=AT)
    if upto == "receive":
        return made
    decisions = [
        sales_returns.DecisionInput(
            row.pk,
            row.received_qty - (Decimal(str(scrap)) if row.line_no == 1 else 0),
            Decimal(str(scrap)) if row.line_no == 1 else Decimal(0),
        )
        for row in made.lines.order_by("line_no")
    ]
    return sales_returns.decide_return(return_id=made.pk, decisions=decisions, actor=ROBOT, at=AT)
