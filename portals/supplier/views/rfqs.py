"""Requests for quotation: seen, quoted on a phone, quoted again until the deadline, declined. Only one's own is shown."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.ids import uuid7
from backend.purchasing.models import Quote, Rfq, RfqAward, RfqInvitation, RfqLine, RfqState
from backend.purchasing.selectors import rfqs as reads
from backend.purchasing.services import quotes
from backend.purchasing.services.inputs import QuoteData, QuoteLineInput, StepInput
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.guards import supplier_view

PER_PAGE = 30
STEPS = 3
VALID_DAYS = 30


@require_safe
@supplier_view("supplier.rfq.view")
def rfq_list(request: HttpRequest) -> HttpResponse:
    """What this supplier was asked, newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    mine = RfqInvitation.objects.filter(rfq=OuterRef("pk"), supplier=actor.party_id)
    found = reads.rfqs_visible_to(actor).annotate(
        my_revision=Subquery(mine.values("revision")[:1]), my_refusal=Subquery(mine.values("declined_at")[:1])
    )
    paged = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    won = set(
        RfqAward.objects.filter(supplier=actor.party_id, rfq__in=[rfq.pk for rfq in paged]).values_list(
            "rfq", flat=True
        )
    )
    for rfq in paged:
        rfq.my_state = _state(rfq, rfq.my_revision, rfq.my_refusal, rfq.pk in won)
    return page(request, "supplier/rfq_list.html", "rfqs", {"paged": paged})


def _state(rfq: Rfq, revision: int, declined: Any, won: bool) -> str:
    if rfq.state == RfqState.AWARDED and revision:
        return "won" if won else "lost"
    if revision:
        return "quoted"
    return "declined" if declined else "waiting"


@require_safe
@supplier_view("supplier.rfq.view")
def rfq_detail(request: HttpRequest, number: str) -> HttpResponse:
    rfq = reads.rfq_for(request.actor, number)  # type: ignore[attr-defined]
    quotes.mark_seen(rfq_id=rfq.pk, **who_and_when(request))
    return _draw(request, rfq)


def _draw(request: HttpRequest, rfq: Rfq, refusal: Refusal | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    invitation = reads.own_invitation(actor, rfq)
    own = reads.own_quotes(actor, rfq)
    newest = own[0] if own else None
    won = list(RfqAward.objects.filter(rfq=rfq, supplier=actor.party_id).select_related("rfq_line__item__unit"))
    posted = request.POST if refusal else None
    context: dict[str, Any] = {
        "rfq": rfq,
        "lines": [_line(line, newest, posted) for line in rfq.lines.all()],
        "own": own,
        "state": _state(rfq, invitation.revision, invitation.declined_at, bool(won)),
        "is_open": rfq.state == RfqState.PUBLISHED and clock.now() < rfq.deadline,
        "may_quote": actor.may("supplier.rfq.quote"),
        "currency": request.member.party.currency,  # type: ignore[attr-defined]
        "head": _head(newest, posted),
        "key": posted.get("key", "") if posted else uuid7().hex,
    }
    if refusal:
        context |= refused(refusal)
    return page(request, "supplier/rfq_detail.html", "rfqs", context, status=refusal.status if refusal else 200)


def _head(newest: Quote | None, posted: Any) -> dict[str, Any]:
    if posted is not None:
        return {name: posted.get(name, "") for name in ("freight", "valid_until", "includes_tax", "note")}
    if newest is not None:
        return {
            "freight": formats.plain(newest.freight),
            "valid_until": newest.valid_until.isoformat(),
            "includes_tax": "1" if newest.includes_tax else "0",
            "note": newest.note,
        }
    return {"valid_until": (clock.today() + timedelta(days=VALID_DAYS)).isoformat(), "includes_tax": "1"}


def _line(line: RfqLine, newest: Quote | None, posted: Any) -> dict[str, Any]:
    """A line with what stands in its fields: what was typed, else the newest quote."""
    row = next((one for one in newest.lines.all() if one.rfq_line_id == line.pk), None) if newest else None
    known = sorted(row.steps.all(), key=lambda step: step.from_qty) if row else []
    values: dict[str, Any] = {"line": line, "tax": formats.plain(line.item.tax_code.rate)}
    if row is not None:
        values |= {
            "price": formats.plain(row.price),
            "lead": row.lead_days,
            "min": formats.plain(row.min_qty) if row.min_qty else "",
            "tax": formats.plain(row.tax_rate),
            "alternate": row.alternate,
        }
    steps = [{"qty": formats.plain(step.from_qty), "price": formats.plain(step.price)} for step in known]
    steps += [{"qty": "", "price": ""}] * (STEPS - len(steps))
    if posted is not None:
        values |= {name: posted.get(f"{name}-{line.pk}", "") for name in ("price", "lead", "min", "tax", "alternate")}
        steps = [
            {name: posted.get(f"step-{name}-{line.pk}-{place}", "") for name in ("qty", "price")}
            for place in range(STEPS)
        ]
    values["steps"] = [{"index": place, **step} for place, step in enumerate(steps[:STEPS])]
    values["stepped"] = any(step["qty"] for step in values["steps"])
    return values


@require_POST
@supplier_view("supplier.rfq.quote")
def rfq_quote(request: HttpRequest, number: str) -> HttpResponse:
    """A new revision of the supplier's offer."""
    rfq = reads.rfq_for(request.actor, number)  # type: ignore[attr-defined]
    try:
        quotes.submit_quote(
            rfq_id=rfq.pk,
            data=_typed(request, rfq),
            key=reading.words(request.POST, "key", 80),
            **who_and_when(request),
        )
    except Refusal as refusal:
        return _draw(request, rfq, refusal)
    words = _("Your quote is in. Nobody reads it before %(moment)s; until then you may send a better one.")
    messages.success(request, words % {"moment": formats.moment(rfq.deadline)})
    return redirect(_address(rfq))


def _typed(request: HttpRequest, rfq: Rfq) -> QuoteData:
    posted = request.POST
    lines = [found for line in rfq.lines.all() if (found := _typed_line(posted, line))]
    valid_until = reading.day(posted, "valid_until")
    if valid_until is None:
        raise ValidationRefused(_("Until when does the offer hold?"), field="valid_until")
    return QuoteData(
        lines,
        valid_until,
        reading.number(posted, "freight") or Decimal(0),
        posted.get("includes_tax", "1") != "0",
        reading.words(posted, "note"),
    )


def _typed_line(posted: Any, line: RfqLine) -> QuoteLineInput | None:
    """The offer for a line; without a price it is not offered."""
    no, pk = line.line_no, line.pk
    price = reading.number(posted, f"price-{pk}", line=no)
    if price is None:
        return None
    steps = []
    for place in range(STEPS):
        from_qty = reading.number(posted, f"step-qty-{pk}-{place}", line=no)
        step_price = reading.number(posted, f"step-price-{pk}-{place}", line=no)
        if from_qty is not None or step_price is not None:
            steps.append(StepInput(from_qty or Decimal(0), step_price or Decimal(0)))
    return QuoteLineInput(
        pk,
        price,
        reading.whole(posted, f"lead-{pk}", least=0, most=999),
        steps,
        reading.number(posted, f"min-{pk}", line=no) or Decimal(0),
        reading.number(posted, f"tax-{pk}", line=no),
        reading.words(posted, f"alternate-{pk}", 200),
    )


@require_POST
@supplier_view("supplier.rfq.quote")
def rfq_decline(request: HttpRequest, number: str) -> HttpResponse:
    """Not this time, with a word why."""
    rfq = reads.rfq_for(request.actor, number)  # type: ignore[attr-defined]
    try:
        quotes.decline_rfq(rfq_id=rfq.pk, reason=reading.words(request.POST, "reason"), **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, rfq, refusal)
    messages.success(request, _("The buyer knows; you may still quote until the deadline."))
    return redirect(_address(rfq))


def _address(rfq: Rfq) -> str:
    return reverse("supplier:rfq_detail", args=[rfq.number])
