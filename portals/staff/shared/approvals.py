"""Approvals on the page of a document: how far it has come, who is asked, and who may open it to decide."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backend.access.selectors import role_label
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.currency import HOME, gross_at_home
from backend.kernel.document import DOC_TYPES, Approval
from backend.workflow.approvals import reads, rules
from portals.staff.shared.dialogs import Ask, Dialog, typed
from portals.staff.shared.lists import PRICES
from portals.ui import formats
from portals.ui.components import Action
from portals.ui.guards import staff_view
from portals.ui.typed import count_of

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Standing:
    """What a document's page knows of its approvals; without rules there is no `progress`, and the right decides."""

    progress: reads.Progress | None = None
    may_decide: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    worth: str = ""

    def reader(self, actor: Actor) -> Actor:
        """The actor as a reader of this document: who decides by its amount sees it, and what it is made of."""
        return replace(actor, permissions=actor.permissions | {PRICES}) if self.may_decide else actor

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The levels for the card."""
        if self.progress is None:
            return []
        current = self.progress.current
        return [
            {
                "step": step,
                "who": role_label(step.role) if step.role else step.approver,
                "asked": self.progress.asked if step == current else "",
                "away": self.progress.stands_in if step == current else "",
            }
            for step in self.progress.steps
        ]


def _worth(document: Any) -> str:
    """How rules compare a document in another currency: its amount, the rate, and what that is in the company's own."""
    currency = getattr(document, "currency", HOME)
    if currency == HOME:
        return ""
    worth = gross_at_home(document)
    if worth is None:
        return _("Rules compare amounts in %(home)s: without a rate it cannot be handed in.") % {"home": HOME}
    return _("Rules compare it as %(worth)s %(home)s: %(amount)s %(currency)s at %(rate)s.") % {
        "worth": formats.money(worth),
        "home": HOME,
        "amount": formats.money(document.gross_amount),
        "currency": currency,
        "rate": formats.plain(document.exchange_rate),
    }


def standing_of(document: Any, actor: Any) -> Standing:
    """Reads nothing when no rule asks for approvals of this kind, three statements while a level is open."""
    progress = reads.progress_of(document, clock.today())
    worth = _worth(document) if progress and actor.may(PRICES) else ""
    if document.approval != Approval.SUBMITTED:
        return Standing(progress, False, worth=worth)
    if progress is None or progress.current is None:
        return Standing(progress, actor.may(rules.offered()[document.DOC_TYPE]), worth=worth)
    if not progress.waits_for(actor):
        return Standing(progress, False, worth=worth)
    return Standing(progress, True, {"level": progress.current.level}, _worth(document))


def agree_action(kit: Any, document: Any, standing: Standing) -> Action:
    """The button that agrees to the level that waits."""
    url, fields = kit.url("approval", document), {"version": document.version} | standing.fields
    return Action(_("Approve"), url, icon="check", method="post", look="primary", fields=fields)


def reject_action() -> Action:
    """Opens the dialog that asks why."""
    return Action(pgettext("approval", "Send back…"), icon="arrow-back-up", dialog="reject")


def reject_dialog(request: HttpRequest, kit: Any, document: Any, standing: Standing) -> Dialog:
    """Asks why it is sent back."""
    ask = Ask("reason", _("Reason"), value=typed(request, "reason"))
    words = _("Whoever wrote it reads the reason, may change it and hand it in again.")
    url, hidden = kit.url("rejection", document), {"version": document.version} | standing.fields
    return Dialog("reject", _("Send it back"), url, _("Send it back"), (ask,), words, hidden, danger=True)


def level_of(request: HttpRequest) -> int | None:
    """The level the page showed."""
    return count_of(request.POST.get("level", ""))


def decider_view(doc_type: str, permission: str) -> Callable[[View], View]:
    """A view for those who hold the right, and for whoever decides the document's level now: a substitute has no other."""

    def decorate(view: View) -> View:
        @staff_view()
        @wraps(view)
        def guarded(request: HttpRequest, number: str) -> HttpResponse:
            actor = request.actor  # type: ignore[attr-defined]
            if not actor.may(permission) and not _decides(doc_type, number, actor):
                actor.require(permission)
            return view(request, number)

        return guarded

    return decorate


def _decides(doc_type: str, number: str, actor: Any) -> bool:
    document = DOC_TYPES[doc_type]._default_manager.filter(number=number).first()
    return document is not None and decides(document, actor)


def decides(document: Any, actor: Any) -> bool:
    """Whether an open level of the document waits for this actor; nothing is read where no rule asks."""
    progress = reads.progress_of(document, clock.today())
    return progress is not None and progress.waits_for(actor)


def done_words(document: Any) -> str:
    """What is said after a level agreed: whether it was the last one."""
    if document.approval == Approval.SUBMITTED:
        return _("Agreed; the next level is asked.")
    return _("Approved.")


def after(request: HttpRequest, sees: Callable[[Any], bool], url: Callable[[Any], str]) -> Callable[[Any], str]:
    """Where to go on after deciding: the document, or what else waits for a substitute who may not see it any more."""

    def address(document: Any) -> str:
        stays = sees(document) or decides(document, request.actor)  # type: ignore[attr-defined]
        return url(document) if stays else reverse("staff:approval_list")

    return address
