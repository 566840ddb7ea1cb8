"""A supplier's documents and its state: what stands in the way by name, accept or reject, the steps of its life."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.parties.models import Party
from backend.srm.models import DocumentState, QualificationDocument
from backend.srm.selectors import qualification as reads
from backend.srm.services import documents
from backend.srm.services.inputs import QualificationData
from backend.srm.services.life import move_supplier
from backend.srm.states import SUPPLIER, WITH_REASON
from portals.staff.shared.acting import step, who_and_when
from portals.staff.shared.dialogs import Ask, Dialog, reason_dialog, typed
from portals.staff.shared.words import VERBS
from portals.ui import related as ui_related
from portals.ui import typed as reading
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.navigation import trail

VIEW, EDIT, REVIEW, GRADE = (
    "srm.qualification.view",
    "srm.qualification.edit",
    "srm.qualification.review",
    "srm.supplier.grade",
)


def verb_words() -> dict[str, str]:
    """The steps of a supplier's life as buttons."""
    return {
        "approve": _("Approve the supplier"),
        "propose": _("Put up for approval"),
        "prefer": _("Make preferred"),
        "normalise": _("Back to approved"),
        "watch": _("Put on watch…"),
        "suspend": _("Suspend…"),
        "resume": _("Lift the suspension"),
        "block": _("Block…"),
        "unblock": _("Lift the block…"),
    }


def url_of(party: Party, what: str = "qualification", **more: Any) -> str:
    return reverse(f"staff:supplier_{what}", kwargs={"pk": party.pk, **more})


def _actions(party: Party, actor: Any) -> dict[str, Any]:
    if not actor.may(GRADE):
        return {}
    primary, more = [], []
    for verb, label in verb_words().items():
        if not SUPPLIER.may(party.supplier, verb):
            continue
        if verb in WITH_REASON:
            look = "danger" if verb == "block" else ""
            more.append(Action(label, dialog=f"step-{verb}", look=look, icon="ban" if verb == "block" else ""))
        elif verb in {"approve", "resume"}:
            fields = {"verb": verb}
            primary.append(Action(label, url_of(party, "step"), "check", "post", "primary", fields))
        else:
            more.append(Action(label, url_of(party, "step"), method="post", fields={"verb": verb}))
    return {"actions": primary, "more": more}


def _dialogs(request: HttpRequest, party: Party, actor: Any, rows: list[QualificationDocument]) -> list[Dialog]:
    found = []
    if actor.may(GRADE):
        for verb in sorted(WITH_REASON):
            if SUPPLIER.may(party.supplier, verb):
                label = verb_words()[verb].rstrip("…")
                ask = Ask("reason", _("Reason"), value=typed(request, "reason"))
                danger = verb in {"block", "suspend"}
                found.append(
                    Dialog(
                        f"step-{verb}", label, url_of(party, "step"), label, (ask,), "", {"verb": verb}, danger=danger
                    )
                )
    if actor.may(REVIEW):
        for row in rows:
            if row.state == DocumentState.WAITING:
                url = url_of(party, "document_reject", document=row.pk)
                title = _("Reject %(document)s") % {"document": row}
                found.append(reason_dialog(request, f"reject-{row.pk}", title, url, _("Reject"), 0, danger=True))
    return found


def _banner(party: Party, obstacles: list[str]) -> Banner | None:
    role = party.supplier
    what = _("; ").join(obstacles)
    if role.state in {"pending", "potential", "suspended"} and (others := reads.blocked_namesakes(party.pk)):
        words = {"other": others[0].label, "reason": others[0].supplier.state_reason}
        said = _("Has the credit code of %(other)s, which is blocked: %(reason)s.") % words
        return Banner(said, _("Cannot be approved while that block stands."), look="bad")
    if role.state in {"pending", "potential"} and what:
        return Banner(_("Not approved yet. Missing: %(what)s.") % {"what": what}, _("Nothing can be ordered there."))
    return standing_banner(party)


def standing_banner(party: Party) -> Banner | None:
    """Why a supplier is watched, suspended or blocked; nothing of one in good standing."""
    role = party.supplier
    if role.state == "suspended":
        reason = role.blocked_by or role.state_reason
        return Banner(
            _("Suspended: %(reason)s.") % {"reason": reason}, _("An order needs an approver's reason."), look="bad"
        )
    if role.state == "blocked":
        return Banner(
            _("Blocked: %(reason)s.") % {"reason": role.state_reason}, _("Nothing can be ordered there."), look="bad"
        )
    if role.state == "watch":
        return Banner(_("On watch: %(reason)s.") % {"reason": role.state_reason})
    return None


def draw(request: HttpRequest, party: Party, block: Any = None, status: int = 200) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    needs = reads.needs_of(party.pk, clock.today())
    rows = list(reads.documents_of(party.pk)[:60])
    context = {
        "party": party,
        "profile": reads.profile_of(party.pk),
        "needs": needs,
        "rows": rows,
        "banner": _banner(party, reads.obstacles_of(needs)),
        "chips": [chip("supplier", party.supplier.state)],
        "crumbs": [
            *trail("staff:supplier_list"),
            Crumb(party.label, reverse("staff:supplier_detail", kwargs={"pk": party.pk})),
        ],
        "may_edit": actor.may(EDIT),
        "may_review": actor.may(REVIEW),
        "types": [need.type for need in needs],
        "typed": request.POST if block else {},
        "dialogs": _dialogs(request, party, actor, rows),
        "timeline": ui_related.timeline(party.pk, limit=12, words=VERBS),
        "error": block,
        "today": clock.today(),
        **_actions(party, actor),
    }
    return render(request, "staff/suppliers/qualification.html", context, status=status)


@staff_view(VIEW)
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    return draw(request, reads.supplier_for(request.actor, pk))  # type: ignore[attr-defined]


def read_document(request: HttpRequest) -> QualificationData:
    """What was typed about a document."""
    kind = reading.key(request.POST.get("type", ""))
    if kind is None:
        raise ValidationRefused(_("Choose the kind of document."), field="type")
    return QualificationData(
        type_id=kind,
        number=reading.words(request.POST, "number", 60),
        issued_by=reading.words(request.POST, "issued_by", 120),
        valid_from=reading.day(request.POST, "valid_from"),
        expiry_date=reading.day(request.POST, "expiry_date"),
        no_expiry=bool(request.POST.get("no_expiry")),
    )


@require_POST
@staff_view(EDIT)
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a document that came another way."""
    party = reads.supplier_for(request.actor, pk)  # type: ignore[attr-defined]
    try:
        documents.submit_document(
            party_id=party.pk,
            data=read_document(request),
            upload=reading.upload(request.FILES, "file"),
            **who_and_when(request),
        )
    except Refusal as refusal:
        return draw(request, party, block_of(refusal), refusal.status)
    messages.success(request, _("The document is kept; it waits to be checked."))
    return HttpResponseRedirect(url_of(party))


def _document(party: Party, document: UUID) -> QualificationDocument:
    row = reads.documents_of(party.pk).filter(pk=document).first()
    if row is None:
        raise NotFoundRefused(_("There is no such document."), value=document)
    return row


def _run(request: HttpRequest, pk: UUID, do: Any, done: Any) -> HttpResponse:
    party = reads.supplier_for(request.actor, pk)  # type: ignore[attr-defined]
    fresh = lambda error: draw(request, reads.supplier_for(request.actor, pk), error)  # type: ignore[attr-defined]  # noqa: E731
    return step(request, lambda: do(party), done=done, back=url_of(party), refused=fresh)


@require_POST
@staff_view(REVIEW)
def accept(request: HttpRequest, pk: UUID, document: UUID) -> HttpResponse:
    def do(party: Party) -> Any:
        return documents.accept_document(document_id=_document(party, document).pk, **who_and_when(request))

    return _run(request, pk, do, _("Accepted."))


@require_POST
@staff_view(REVIEW)
def reject(request: HttpRequest, pk: UUID, document: UUID) -> HttpResponse:
    reason = reading.words(request.POST, "reason")

    def do(party: Party) -> Any:
        row = _document(party, document)
        return documents.reject_document(document_id=row.pk, reason=reason, **who_and_when(request))

    return _run(request, pk, do, _("Rejected; the supplier is told why."))


@require_POST
@staff_view(GRADE)
def take_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One step of the supplier's life."""
    verb, reason = request.POST.get("verb", ""), reading.words(request.POST, "reason")

    def do(party: Party) -> Any:
        if verb not in SUPPLIER.steps:
            raise ValidationRefused(_("There is no such step."), field="verb", value=verb[:20])
        return move_supplier(party_id=party.pk, verb=verb, reason=reason, **who_and_when(request))

    return _run(request, pk, do, lambda role: role.get_state_display())
