"""An allowance on an invoice of a supplier: an amount beside each line of goods, made into the draft of a debit note."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.services import allowances
from backend.invoicing.services.allowances import AllowanceData, AllowanceLineInput
from backend.kernel import clock
from backend.kernel.errors import Refusal
from portals.staff.purchasing.invoice_views import EDIT, INVOICE
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.choosing import read_allocations
from portals.staff.shared.forms import StaffForm, put_on
from portals.ui.components import Crumb
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view

PREFIX, MISSING = "allow-", "missing-"


class AllowanceForm(StaffForm):
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    external_no = forms.CharField(label=gettext_lazy("Red invoice no."), max_length=40, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, max_length=500)


@staff_view(EDIT)
def invoice_allowance(request: HttpRequest, number: str) -> HttpResponse:
    """Enter an allowance; what was typed stays when it is refused."""
    invoice = INVOICE.load(request.actor, number)  # type: ignore[attr-defined]
    error, status = None, 200
    form = (
        AllowanceForm(request.POST) if request.method == "POST" else AllowanceForm(initial={"doc_date": clock.today()})
    )
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                given = [
                    *(
                        AllowanceLineInput(line_id, amount)
                        for line_id, amount in read_allocations(request.POST, PREFIX)
                    ),
                    *(AllowanceLineInput(line_id, qty=qty) for line_id, qty in read_allocations(request.POST, MISSING)),
                ]
                data = AllowanceData(lines=given, **form.cleaned_data)
                note = allowances.allow(invoice_id=invoice.pk, data=data, **who_and_when(request))
            except Refusal as refusal:
                error, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("A draft debit note: check it, then approve it."))
                return HttpResponseRedirect(INVOICE.url("detail", note))
    rows = _rows(request, invoice)
    context = {
        "form": form,
        "error": error,
        "rows": rows,
        "early": any(row["coming"] for row in rows),
        "title": _("Allowance on %(number)s") % {"number": number},
        "crumbs": [Crumb(_("Purchase invoices"), INVOICE.list_url), Crumb(number, INVOICE.url("detail", invoice))],
        "cancel_url": INVOICE.url("detail", invoice),
    }
    return render(request, "staff/purchasing/allowance_form.html", context, status=status)


def _rows(request: HttpRequest, invoice: Any) -> list[dict[str, Any]]:
    if not invoice.is_approved or invoice.is_note:
        return []
    coming = allowances.coming(invoice)
    return [
        {
            "line": line,
            "left": left,
            "name": f"{PREFIX}{line.pk}",
            "value": request.POST.get(f"{PREFIX}{line.pk}", ""),
            "coming": coming.get(line.pk),
            "missing": f"{MISSING}{line.pk}",
            "missing_value": request.POST.get(f"{MISSING}{line.pk}", ""),
        }
        for line, left in allowances.allowable(invoice)
    ]
