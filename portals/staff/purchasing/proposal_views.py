"""The buyer's inbox: what suppliers propose beyond what was agreed, decided one by one or several at once (SRM-11)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from backend.availability.selectors import pegs_of_supply
from backend.kernel.errors import Refusal, ValidationRefused
from backend.purchasing.models import ConfirmationLine, LineState, OrderConfirmation
from backend.purchasing.selectors.orders import confirmations_to_decide
from backend.purchasing.services.confirmations import decide_confirmation
from portals.staff.sales.entry import uuid_of
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.lists import PRICES
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address

VIEW, EDIT = "purchasing.order.view", "purchasing.order.edit"
MOST = 50


@require_safe
@staff_view(VIEW)
def proposal_inbox(request: HttpRequest) -> HttpResponse:
    """Answers that wait for a buyer, the oldest first."""
    return _draw(request)


def _draw(request: HttpRequest, refusal: Refusal | None = None, chosen: Sequence[UUID] = ()) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    found = confirmations_to_decide()
    if request.GET.get("mine") == "1":
        found = found.filter(order__buyer_id=actor.member_id)
    answers = list(found[:MOST])
    context = {
        "rows": _rows(answers, chosen),
        "more": found.count() - len(answers) if len(answers) == MOST else 0,
        "mine": request.GET.get("mine") == "1",
        "may_decide": actor.may(EDIT),
        "prices": actor.may(PRICES),
        "error": block_of(refusal) if refusal else None,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "staff/purchasing/proposals.html", context, status=refusal.status if refusal else 200)


def _rows(answers: Sequence[OrderConfirmation], chosen: Sequence[UUID]) -> list[dict[str, Any]]:
    """What each answer says of the lines that wait, and which customer's line it hurts; two statements for all."""
    undecided = {LineState.COUNTERED, LineState.REJECTED}
    parts = ConfirmationLine.objects.select_related("order_line__item__unit", "order_line__document").filter(
        confirmation__in=answers, order_line__state__in=undecided
    )
    by_answer: dict[UUID, list[ConfirmationLine]] = defaultdict(list)
    for part in parts.order_by("order_line__line_no", "part_no"):
        by_answer[part.confirmation_id].append(part)
    pegs = pegs_of_supply({part.order_line_id for part in parts}) if answers else {}
    rows = []
    for answer in answers:
        mine = by_answer[answer.pk]
        hurt = [peg for line in {part.order_line_id for part in mine} for peg in pegs.get(line, ())]
        hurt.sort(key=lambda peg: peg.required_date)
        hurt = list({(peg.ref_number, peg.line_no, peg.promise_date): peg for peg in hurt}.values())
        rows.append(
            {
                "answer": answer,
                "order": answer.order,
                "parts": [_part(part) for part in mine],
                "chosen": not chosen or answer.pk in chosen,
                "hurt": [(peg, document_address(peg.ref_type, peg.ref_number), _late(peg)) for peg in hurt[:3]],
            }
        )
    return rows


def _late(peg: Any) -> int:
    return max((peg.promise_date - peg.required_date).days, 0) if peg.promise_date else 0


def _part(part: ConfirmationLine) -> dict[str, Any]:
    line = part.order_line
    asked = line.tax_incl_price if line.document.price_includes_tax else line.unit_price
    return {
        "part": part,
        "line": line,
        "asked": asked,
        "later": (part.date - line.requested_date).days if part.date else 0,
    }


@require_POST
@staff_view(EDIT)
def proposal_decide(request: HttpRequest) -> HttpResponse:
    """Take or decline what was ticked. One that cannot be decided any more is named, the others are done."""
    accept = request.POST.get("verdict") == "accept"
    chosen = [key for key in map(uuid_of, request.POST.getlist("answer")) if key][:MOST]
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:300]
    if not chosen:
        return _draw(request, ValidationRefused(_("Tick what you decide."), field="answer"))
    if not accept and not reason:
        words = ValidationRefused(_("Say why, so that the supplier can answer again."), field="reason")
        return _draw(request, words, chosen)
    done, problems = 0, []
    for key in chosen:
        try:
            decide_confirmation(confirmation_id=key, accept=accept, reason=reason, **who_and_when(request))
            done += 1
        except Refusal as refusal:
            problems.append(refusal)
    if done:
        words_done = (
            ngettext("%(count)s proposal accepted.", "%(count)s proposals accepted.", done)
            if accept
            else ngettext("%(count)s proposal declined.", "%(count)s proposals declined.", done)
        )
        messages.success(request, words_done % {"count": done})
    if problems:
        return _draw(request, Refusal.many(problems) if len(problems) > 1 else problems[0])
    return HttpResponseRedirect(reverse("staff:proposal_inbox"))
