"""What the entries of money received and of money paid share: the form, the open invoices beside it, what they settle."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from backend.invoicing.selectors import fund_accounts, open_invoices
from backend.invoicing.services.sides import Side
from backend.kernel import clock
from backend.kernel.document import Approval
from portals.staff.shared.choosing import read_allocations
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.parties import uuid_or_none
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.forms import DateInput

METHODS = [
    ("transfer", gettext_lazy("Bank transfer")),
    ("cash", gettext_lazy("Cash")),
    ("card", gettext_lazy("Card")),
    ("wechat", gettext_lazy("WeChat Pay")),
    ("alipay", gettext_lazy("Alipay")),
    ("draft", gettext_lazy("Bank acceptance draft")),
    ("other", gettext_lazy("Other")),
]


class MoneyForm(StaffForm):
    """Money with a partner, who is the field named ``partner``."""

    partner: ClassVar[str]
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=18, decimal_places=2)
    fund_account = forms.ChoiceField(label=gettext_lazy("Fund account"))
    method = forms.ChoiceField(label=gettext_lazy("Payment method"), choices=METHODS)
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=80, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([self.partner])
        choices = [(str(row.pk), row.name) for row in fund_accounts()]
        self.fields["fund_account"].choices = choices  # type: ignore[attr-defined]

    @property
    def partner_label(self) -> str:
        """Who is picked, as the picker shows it; empty for nobody known."""
        picked = (self.data if self.is_bound else self.initial).get(self.partner)
        return self.fields[self.partner].label_of(picked)  # type: ignore[attr-defined,no-any-return]

    def values(self) -> dict[str, Any]:
        """For `MoneyData`."""
        clean = self.cleaned_data
        names = ("doc_date", "amount", "method", "reference", "remark")
        keyed = {name: clean[name] for name in names}
        return {"party_id": clean[self.partner], "fund_account_id": uuid_or_none(clean["fund_account"]), **keyed}


def open_rows(request: HttpRequest, side: Side, party_id: Any, document: Any) -> list[dict[str, Any]]:
    """The partner's open invoices with what is typed (or proposed) beside them."""
    if not party_id:
        return []
    typed = {key.removeprefix("settle-"): value for key, value in request.POST.items() if key.startswith("settle-")}
    before = dict(document.lines.values_list("invoice_id", "amount")) if document else {}
    wanted = request.GET.get("invoice", "")
    rows = []
    for invoice in open_invoices(side, party_id):
        key = str(invoice.pk)
        first: Any = before.get(invoice.pk, "")
        if not document and wanted and invoice.number == wanted:
            first = invoice.open_amount
        value = typed.get(key, formats.plain(first) if first != "" else "")
        rows.append({"invoice": invoice, "key": key, "value": value, "late": invoice.due_date < clock.today()})
    return rows


def allocations(request: HttpRequest) -> list[Any] | None:
    """What was typed beside invoices; None lets the oldest be settled first."""
    return None if request.POST.get("how") == "oldest" else read_allocations(request.POST)


def matching_chip(row: Any) -> Chip | None:
    """How much of the money settles invoices."""
    if row.approval != Approval.APPROVED:
        return None
    state = "full" if row.matched_amount >= row.amount else "partial" if row.matched_amount else "none"
    return chip("matching", state)
