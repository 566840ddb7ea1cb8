"""What waits for the supplier."""

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backend.invoicing import selectors as invoicing
from backend.invoicing.models import StatementState
from backend.kernel import clock
from backend.kernel.threads import has_unread
from backend.purchasing.models import PurchaseOrderLine
from backend.purchasing.selectors import orders as order_reads
from backend.purchasing.selectors import rfqs as rfq_reads
from portals.supplier import figures
from portals.supplier.frame import page
from portals.ui.guards import supplier_view

SHOWN = 20


@require_safe
@supplier_view("supplier.order.view")
def home(request: HttpRequest) -> HttpResponse:
    """Orders to confirm, late parts, statements to check, what can be shipped, what was paid."""
    actor, today = request.actor, clock.today()  # type: ignore[attr-defined]
    visible = order_reads.orders_visible_to(actor)
    lines = PurchaseOrderLine.objects.select_related("item__unit").order_by("line_no")
    to_confirm = list(figures.orders_to_confirm(visible).prefetch_related(Prefetch("lines", lines))[:SHOWN])
    late = list(figures.late_parts(actor.party_id, today)[:SHOWN])
    for part in late:
        part.days_late = (today - part.date).days
    settles = actor.may("supplier.statement.view")
    statements = (
        list(
            invoicing.statements_visible_to(actor).filter(
                state__in=[StatementState.PROPOSED, StatementState.DISPUTED], their_signed_at=None
            )[:SHOWN]
        )
        if settles
        else []
    )
    unread = list(visible.annotate(unread=has_unread(actor)).filter(unread=True)[:SHOWN])
    to_quote = list(rfq_reads.rfqs_to_quote(actor, clock.now())[:SHOWN]) if actor.may("supplier.rfq.quote") else []
    to_ship = list(order_reads.lines_to_ship(actor.party_id)[:SHOWN])
    context = {
        "to_confirm": to_confirm,
        "late": late,
        "statements": statements,
        "unread": unread,
        "ship_lines": len(to_ship),
        "ship_orders": len({line.document_id for line in to_ship}),
        "payments": list(invoicing.payments_visible_to(actor)[:3]) if settles else [],
        "waiting": len(to_confirm) + len(late) + len(statements) + len(unread) + len(to_quote),
        "to_quote": to_quote,
        "punctuality": figures.punctuality(actor.party_id),
        "receivable": figures.receivable(actor.party_id) if settles else None,
        "may_confirm": actor.may("supplier.order.confirm"),
        "today": today,
    }
    return page(request, "supplier/home.html", "home", context)
