"""The form of money received, with what it settles."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from backend.invoicing.selectors import fund_accounts
from backend.parties.models import Party
from portals.staff.shared.forms import PickField, StaffForm
from portals.staff.shared.parties import uuid_or_none
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


class ReceiptForm(StaffForm):
    customer = PickField(
        label=gettext_lazy("Customer"),
        model=Party,
        role="is_customer",
        url_name="staff:find_customers",
        error_messages={
            "required": gettext_lazy("Choose a customer."),
            "invalid": gettext_lazy("Choose a customer from the list."),
        },
    )
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=18, decimal_places=2)
    fund_account = forms.ChoiceField(label=gettext_lazy("Fund account"))
    method = forms.ChoiceField(label=gettext_lazy("Payment method"), choices=METHODS)
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=80, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(row.pk), row.name) for row in fund_accounts()]
        self.fields["fund_account"].choices = choices  # type: ignore[attr-defined]

    @property
    def customer_label(self) -> str:
        picked = self.data.get("customer") if self.is_bound else self.initial.get("customer")
        return self.fields["customer"].label_of(picked)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For `MoneyData`."""
        clean = self.cleaned_data
        return {
            "party_id": clean["customer"],
            "fund_account_id": uuid_or_none(clean["fund_account"]),
            "doc_date": clean["doc_date"],
            "amount": clean["amount"],
            "method": clean["method"],
            "reference": clean["reference"],
            "remark": clean["remark"],
        }
