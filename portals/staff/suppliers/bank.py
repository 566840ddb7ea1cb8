"""A supplier's bank account: what is paid to, what waits, and the second person's decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.kernel.errors import NotFoundRefused, Refusal
from backend.parties.models import Party
from backend.srm.models import SupplierBankAccount
from backend.srm.selectors import qualification as reads
from backend.srm.services import bank
from portals.staff.shared.acting import step, who_and_when
from portals.staff.shared.dialogs import reason_dialog
from portals.ui import typed as reading
from portals.ui.components import Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.navigation import trail

VIEW, EDIT, APPROVE, UNMASK = (
    "srm.bank_account.view",
    "srm.bank_account.edit",
    "srm.bank_account.approve",
    "srm.bank_account.unmask",
)


def _url(party: Party, what: str = "bank", **more: Any) -> str:
    return reverse(f"staff:supplier_{what}", kwargs={"pk": party.pk, **more})


def _draw(request: HttpRequest, party: Party, block: Any = None, status: int = 200) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    whole = actor.may(UNMASK)
    rows = list(SupplierBankAccount.objects.filter(party=party).select_related("replaces").order_by("-id")[:40])
    for row in rows:
        row.shown = row.account_no if whole else row.masked
        row.before = (row.replaces.account_no if whole else row.replaces.masked) if row.replaces else ""
        row.mine = row.requested_by_id is not None and row.requested_by_id == actor.member_id
    waiting = next((row for row in rows if row.state == "waiting"), None)
    dialogs = []
    if waiting is not None and actor.may(APPROVE):
        url = _url(party, "bank_reject", account=waiting.pk)
        dialogs.append(reason_dialog(request, "reject", _("Reject the account"), url, _("Reject"), 0, danger=True))
    context = {
        "party": party,
        "rows": rows,
        "effective": next((row for row in rows if row.state == "effective"), None),
        "waiting": waiting,
        "whole": whole,
        "may_edit": actor.may(EDIT),
        "may_approve": actor.may(APPROVE),
        "dialogs": dialogs,
        "typed": request.POST if block else {},
        "crumbs": [
            *trail("staff:supplier_list"),
            Crumb(party.label, reverse("staff:supplier_detail", kwargs={"pk": party.pk})),
        ],
        "error": block,
    }
    return render(request, "staff/suppliers/bank.html", context, status=status)


@staff_view(VIEW)
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _draw(request, reads.supplier_for(request.actor, pk))  # type: ignore[attr-defined]


def read_bank(request: HttpRequest) -> bank.BankData:
    lengths = {"holder": 120, "bank_name": 120, "account_no": 60, "bank_code": 20, "reason": 300}
    return bank.BankData(**{name: reading.words(request.POST, name, longest) for name, longest in lengths.items()})


@require_POST
@staff_view(EDIT)
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for another account in the supplier's name."""
    party = reads.supplier_for(request.actor, pk)  # type: ignore[attr-defined]
    try:
        bank.request_bank_account(party_id=party.pk, data=read_bank(request), **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, party, block_of(refusal), refusal.status)
    messages.success(request, _("It waits for a second person in finance."))
    return HttpResponseRedirect(_url(party))


def _account(party: Party, account: UUID) -> SupplierBankAccount:
    row = SupplierBankAccount.objects.filter(pk=account, party=party).first()
    if row is None:
        raise NotFoundRefused(_("There is no such account."), value=account)
    return row


@require_POST
@staff_view(APPROVE)
def approve(request: HttpRequest, pk: UUID, account: UUID) -> HttpResponse:
    party = reads.supplier_for(request.actor, pk)  # type: ignore[attr-defined]
    row = _account(party, account)
    return step(
        request,
        lambda: bank.approve_bank_account(account_id=row.pk, **who_and_when(request)),
        done=_("From now on this account is paid to."),
        back=_url(party),
        refused=lambda error: _draw(request, party, error),
    )


@require_POST
@staff_view(APPROVE)
def reject(request: HttpRequest, pk: UUID, account: UUID) -> HttpResponse:
    party = reads.supplier_for(request.actor, pk)  # type: ignore[attr-defined]
    row, reason = _account(party, account), reading.words(request.POST, "reason")
    return step(
        request,
        lambda: bank.reject_bank_account(account_id=row.pk, reason=reason, **who_and_when(request)),
        done=_("Rejected; the account stays what it was."),
        back=_url(party),
        refused=lambda error: _draw(request, party, error),
    )
