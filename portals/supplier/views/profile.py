"""The firm itself: what its customer wants to know, its documents, and asking to be approved."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backend.catalog.models import ItemCategory
from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.srm.selectors import qualification as reads
from backend.srm.selectors.claims import claims_visible_to
from backend.srm.services import admission, documents
from backend.srm.services.inputs import ProfileData, QualificationData
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import typed as reading
from portals.ui.guards import supplier_view

VIEW, EDIT = "supplier.profile.view", "supplier.profile.edit"


@require_safe
@supplier_view(VIEW)
def profile(request: HttpRequest) -> HttpResponse:
    """State, what is missing, the profile and the documents."""
    return _draw(request)


def _draw(request: HttpRequest, refusal: Refusal | None = None, part: str = "") -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    party = reads.supplier_for(actor)
    row = reads.profile_of(party.pk)
    chosen = {each.pk for each in row.categories.all()} if row else set()
    context: dict[str, Any] = {
        "party": party,
        "profile": row,
        "needs": reads.needs_of(party.pk, clock.today()),
        "categories": [(each, each.pk in chosen) for each in ItemCategory.objects.order_by("code")],
        "may_edit": actor.may(EDIT),
        "may_claim": actor.may("supplier.claim.answer"),
        "open_claims": claims_visible_to(actor).filter(state__in=("open", "returned")).count(),
        "may_score": actor.may("supplier.score.view"),
        "may_bank": actor.may("supplier.bank.view"),
        "may_team": actor.may("supplier.member.manage"),
        "to_submit": party.supplier.state in {"pending", "potential"} and not (row and row.submitted_at),
        "typed": request.POST if refusal else {},
        "part": part,
    }
    if refusal:
        context |= refused(refusal)
    status = refusal.status if refusal else 200
    return page(request, "supplier/profile.html", "company", context, status=status)


@require_POST
@supplier_view(EDIT)
def profile_save(request: HttpRequest) -> HttpResponse:
    keys = (reading.key(raw) for raw in request.POST.getlist("category"))
    data = ProfileData(
        legal_representative=reading.words(request.POST, "legal_representative", 60),
        registered_address=reading.words(request.POST, "registered_address", 200),
        website=reading.words(request.POST, "website", 120),
        main_products=reading.words(request.POST, "main_products"),
        category_ids=tuple(key for key in keys if key),
    )
    actor = request.actor  # type: ignore[attr-defined]
    try:
        admission.save_profile(party_id=actor.party_id, data=data, **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, refusal, "profile")
    messages.success(request, _("The profile is saved."))
    return redirect("supplier:profile")


@require_POST
@supplier_view(EDIT)
def document_new(request: HttpRequest) -> HttpResponse:
    """Hand a document in."""
    kind = reading.key(request.POST.get("type", ""))
    try:
        if kind is None:
            raise ValidationRefused(_("Choose the kind of document."), field="type")
        data = QualificationData(
            type_id=kind,
            number=reading.words(request.POST, "number", 60),
            issued_by=reading.words(request.POST, "issued_by", 120),
            expiry_date=reading.day(request.POST, "expiry_date"),
            no_expiry=bool(request.POST.get("no_expiry")),
        )
        documents.submit_document(
            party_id=request.actor.party_id,  # type: ignore[attr-defined]
            data=data,
            upload=reading.upload(request.FILES, "file"),
            **who_and_when(request),
        )
    except Refusal as refusal:
        return _draw(request, refusal, str(kind or ""))
    messages.success(request, _("Handed in; your customer checks it."))
    return redirect("supplier:profile")


@require_POST
@supplier_view(EDIT)
def submit(request: HttpRequest) -> HttpResponse:
    """All is there: please approve us."""
    try:
        admission.submit_for_approval(party_id=request.actor.party_id, **who_and_when(request))  # type: ignore[attr-defined]
    except Refusal as refusal:
        return _draw(request, refusal)
    messages.success(request, _("Your customer is asked to approve you."))
    return redirect("supplier:profile")
