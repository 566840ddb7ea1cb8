"""What waits for the supplier."""

from datetime import date
from typing import Any

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
from backend.srm.models import ClaimState
from backend.srm.selectors.claims import claims_visible_to
from backend.srm.selectors.qualification import Need, needs_of
from portals.supplier import figures
from portals.supplier.frame import page
from portals.ui.guards import supplier_view

SHOWN = 20
TO_HAND_IN = frozenset({"missing", "rejected", "expired", "expiring"})


@require_safe
@supplier_view("supplier.order.view")
def home(request: HttpRequest) -> HttpResponse:
    """Orders to confirm, late parts, claims, statements to check, certificates, what can be shipped, what was paid."""
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
    to_answer = _claims(actor, today)
    to_ship = list(order_reads.lines_to_ship(actor.party_id)[:SHOWN])
    context = {
        "to_confirm": to_confirm,
        "late": late,
        "statements": statements,
        "unread": unread,
        "ship_lines": len(to_ship),
        "ship_orders": len({line.document_id for line in to_ship}),
        "payments": list(invoicing.payments_visible_to(actor)[:3]) if settles else [],
        "waiting": sum(map(len, (to_confirm, late, statements, unread, to_quote, to_answer))),
        "to_answer": to_answer,
        "to_hand_in": _certificates(actor, today),
        "to_quote": to_quote,
        "punctuality": figures.punctuality(actor.party_id),
        "receivable": figures.receivable(actor.party_id) if settles else None,
        "may_confirm": actor.may("supplier.order.confirm"),
        "today": today,
    }
    return page(request, "supplier/home.html", "home", context)


def _claims(actor: Any, today: date) -> list[Any]:
    """Claims that want an answer: each one late costs points."""
    if not actor.may("supplier.claim.answer"):
        return []
    open_ones = claims_visible_to(actor).filter(state__in=(ClaimState.OPEN, ClaimState.RETURNED))
    found = list(open_ones.order_by("due_date", "id")[:SHOWN])
    for claim in found:
        claim.late = claim.is_late(today)  # type: ignore[attr-defined]
    return found


def _certificates(actor: Any, today: date) -> list[Need]:
    """Mandatory documents that are missing, were sent back or end soon: without them orders stop."""
    if not actor.may("supplier.profile.edit"):
        return []
    return [need for need in needs_of(actor.party_id, today) if need.mandatory and need.state in TO_HAND_IN]
