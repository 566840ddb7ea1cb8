"""Quality claims of our customer: what is wrong, and our answer."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from backend.kernel import clock
from backend.kernel.errors import Refusal
from backend.kernel.models import Attachment
from backend.srm.models import ClaimState
from backend.srm.selectors.claims import claim_for, claims_visible_to
from backend.srm.services import claims
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import typed as reading
from portals.ui.guards import supplier_view

RIGHT = "supplier.claim.answer"
PER_PAGE = 30


@require_safe
@supplier_view(RIGHT)
def claim_list(request: HttpRequest) -> HttpResponse:
    """Claims against this firm, the newest first."""
    found = claims_visible_to(request.actor)  # type: ignore[attr-defined]
    paged = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    today = clock.today()
    for claim in paged:
        claim.late = claim.is_late(today)
    return page(request, "supplier/claim_list.html", "company", {"paged": paged})


@require_http_methods(["GET", "HEAD", "POST"])
@supplier_view(RIGHT)
def claim_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One claim; the form answers it."""
    claim = claim_for(request.actor, number)  # type: ignore[attr-defined]
    if request.method != "POST":
        return _draw(request, claim)
    names = ("containment", "cause", "corrective", "preventive")
    answer = claims.ClaimAnswer(**{name: reading.words(request.POST, name, 4000) for name in names})
    files = request.FILES.getlist("file")[:6]
    try:
        claims.answer_claim(claim_id=claim.pk, answer=answer, files=files, **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, claim_for(request.actor, number), refusal)  # type: ignore[attr-defined]
    messages.success(request, _("Your answer is with your customer."))
    return redirect("supplier:claim_detail", number=number)


def _draw(request: HttpRequest, claim: Any, refusal: Refusal | None = None) -> HttpResponse:
    shared = Attachment.objects.filter(subject_id=claim.pk, visibility="supplier", party_id=claim.supplier_id)
    context: dict[str, Any] = {
        "claim": claim,
        "late": claim.is_late(clock.today()),
        "may_answer": claim.state in {ClaimState.OPEN, ClaimState.RETURNED},
        "shared": list(shared.order_by("created_at", "id")),
        "typed": request.POST if refusal else claim,
    }
    if refusal:
        context |= refused(refusal)
    status = refusal.status if refusal else 200
    return page(request, "supplier/claim_detail.html", "company", context, status=status)
