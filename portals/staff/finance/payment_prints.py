"""A payment on paper: what is paid to which account, for which invoices (SRM-03).

The account is the one that two people agreed to; its number is whole for those who pay, else masked.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from backend.invoicing.models import Payment
from backend.kernel import tenancy
from backend.srm.services.bank import effective_account
from portals.staff.finance.money_entry import METHODS
from portals.staff.finance.payment_views import columns, lines_of, load_payment
from portals.staff.sales.prints import party_lines, printed
from portals.ui import formats
from portals.ui.guards import staff_view
from portals.ui.printing import PrintSheet, PrintTotal, lines_for_print


@staff_view("invoicing.payment.view")
def payment_print(request: HttpRequest, number: str) -> HttpResponse:
    """The paper of a payment."""
    payment = load_payment(request.actor, number)  # type: ignore[attr-defined]
    return printed(request, number, lambda: sheet_of(request, payment))


def sheet_of(request: HttpRequest, payment: Payment) -> PrintSheet:
    """What stands on the paper."""
    actor = request.actor  # type: ignore[attr-defined]
    heads, rows = lines_for_print(columns(), lines_of(payment, actor))
    method = str(dict(METHODS).get(payment.method, payment.method))
    return PrintSheet(
        title=_("Payment"),
        number=payment.number,
        company=str(tenancy.current().name),
        party_label=_("Supplier"),
        party=payment.supplier.name,
        party_lines=party_lines(payment.supplier),
        facts=[
            (_("Date"), formats.day(payment.doc_date)),
            *account_facts(payment, actor),
            (_("Paid from"), f"{payment.fund_account.name} · {method}"),
            (_("Reference"), payment.reference),
        ],
        columns=heads,
        rows=rows,
        totals=[PrintTotal(_("Total"), formats.money(payment.amount), True)],
        amount=payment.amount,
        remark=payment.remark,
        signatures=[
            (_("Made by"), payment.created_by_name),
            (_("Approved by"), payment.approved_by_name),
            (_("Cashier"), ""),
        ],
        watermark=_("Draft") if payment.is_draft else _("Void") if payment.approval == "voided" else "",
        link=request.build_absolute_uri(request.path.removesuffix("print/")),
    )


def account_facts(payment: Payment, actor: Any) -> list[tuple[Any, Any]]:
    """The supplier's account in effect; nothing for those who may not see accounts."""
    if not actor.may("srm.bank_account.view"):
        return []
    account = effective_account(payment.supplier_id)
    if account is None:
        return [(_("Pay to"), _("no account known"))]
    number = account.account_no if actor.may("srm.bank_account.unmask") else account.masked
    bank = " ".join(part for part in (account.bank_name, account.bank_code) if part)
    return [(_("Account holder"), account.holder), (_("Bank"), bank), (_("Account number"), number)]
