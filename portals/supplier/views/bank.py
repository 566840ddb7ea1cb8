"""The account this firm is paid to. Another one is asked for here; the customer's finance agrees to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backend.kernel.errors import Refusal
from backend.srm.models import SupplierBankAccount
from backend.srm.services.bank import BankData, request_bank_account
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import typed as reading
from portals.ui.guards import supplier_view

LENGTHS = {"holder": 120, "bank_name": 120, "account_no": 60, "bank_code": 20, "reason": 300}


@require_http_methods(["GET", "HEAD", "POST"])
@supplier_view("supplier.bank.view")
def bank(request: HttpRequest) -> HttpResponse:
    """What is in effect, what waits, and a form to ask for another."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _draw(request)
    actor.require("supplier.bank.edit")
    data = BankData(**{name: reading.words(request.POST, name, longest) for name, longest in LENGTHS.items()})
    try:
        request_bank_account(party_id=actor.party_id, data=data, **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, refusal)
    messages.success(request, _("Your customer's finance department decides; you get a mail."))
    return redirect("supplier:bank")


def _draw(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "rows": list(SupplierBankAccount.objects.filter(party=actor.party_id).order_by("-id")[:20]),
        "may_edit": actor.may("supplier.bank.edit"),
        "party": request.member.party,  # type: ignore[attr-defined]
        "typed": request.POST if refusal else {},
    }
    if refusal:
        context |= refused(refusal)
    return page(request, "supplier/bank.html", "company", context, status=refusal.status if refusal else 200)
