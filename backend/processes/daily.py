"""What is looked at every day without anybody asking: expired lots and licences, late suppliers, orders nobody answered.

Everything is keyed by its matter, so looking twice changes nothing.
"""

from datetime import date, datetime, timedelta

from django.db import transaction

from backend.availability.services.daily import plan_the_day
from backend.inventory.services.alerts import look_at_stock
from backend.inventory.services.lots import expire_lots
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Closing, Progress
from backend.kernel.language import in_books
from backend.processes.exceptions import look_for_exceptions
from backend.processes.procure_to_pay import forget_shortages, late_note
from backend.processes.stock_alerts import tell
from backend.processes.telling import plain_qty
from backend.purchasing.models import PurchaseOrder, ScheduleLine, Sending
from backend.purchasing.selectors.orders import overdue_parts
from backend.purchasing.services.material_demand import keep_forgotten
from backend.purchasing.services.rfqs import open_due_rfqs
from backend.srm.services.daily import look_at_documents
from backend.workflow.approvals.engine import hand_over
from backend.workflow.services import TaskInput, create_tasks

DAYS_TO_ANSWER = 2
EDIT = "purchasing.order.edit"


def look_around(*, at: datetime) -> dict[str, int]:
    """Do all of it for the current company; returns how many of each were found."""
    return {
        "expired": expire_lots(actor=Actor.system(), at=at),
        **look_at_documents(at=at),
        "alerts": tell(look_at_stock(at=at), Actor.system()),
        "planned": plan_the_day(actor=Actor.system(), at=at),
        "material": keep_forgotten(actor=Actor.system(), at=at),
        "late": remind_of_late_goods(at=at),
        "exceptions": len(look_for_exceptions(at=at).opened),
        "opened": open_due_rfqs(at=at),
        "unanswered": remind_of_unanswered_orders(at=at),
        "forgotten": forget_shortages(Actor.system()),
        "approvals": hand_over_approvals(at=at),
    }


def hand_over_approvals(*, at: datetime) -> int:
    """To-dos of who is away from today on go to the substitute; who is back gets his own again."""
    with transaction.atomic():
        return hand_over(at=at)


def remind_of_late_goods(*, at: datetime) -> int:
    """A to-do for every line whose goods should have been here yesterday (SRM-12)."""
    rows = list(overdue_parts(clock.day_of(at)))
    create_tasks([_late(row) for row in rows], at=at)
    return len(rows)


def _late(row: ScheduleLine) -> TaskInput:
    line = row.order_line
    due: date = row.arrival_date or row.date
    left = plain_qty(row.qty - row.received_qty)
    return TaskInput(
        kind="purchasing.progress_late",
        dedupe_key=f"late:{line.pk}",
        params={
            "number": line.document.number,
            "supplier": line.document.supplier.label,
            "note": in_books(lambda: late_note(line.line_no, left, due)),
        },
        assignee_id=line.document.buyer_id,
        permission=EDIT,
        subject=line.document,
    )


def remind_of_unanswered_orders(*, at: datetime) -> int:
    """A to-do for every order the supplier has had for days without a word."""
    orders = list(
        PurchaseOrder.objects.select_related("supplier")
        .filter(
            approval=Approval.APPROVED,
            closing=Closing.OPEN,
            confirmed=Progress.NONE,
            received=Progress.NONE,
            sent_at__lt=at - timedelta(days=DAYS_TO_ANSWER),
        )
        .exclude(sending=Sending.NOT_SENT)
    )
    create_tasks([_unanswered(order) for order in orders], at=at)
    return len(orders)


def _unanswered(order: PurchaseOrder) -> TaskInput:
    return TaskInput(
        kind="purchasing.order_to_confirm",
        dedupe_key=f"confirm:{order.pk}",
        params={
            "number": order.number,
            "supplier": order.supplier.label,
            "sent_date": clock.day_of(order.sent_at) if order.sent_at else None,
        },
        assignee_id=order.buyer_id,
        permission=EDIT,
        subject=order,
    )
