"""The form of money received, with what it settles."""

from django.utils.translation import gettext_lazy

from backend.parties.models import Party
from portals.staff.finance.money_entry import MoneyForm
from portals.staff.shared.forms import PickField


class ReceiptForm(MoneyForm):
    partner = "customer"
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

    @property
    def customer_label(self) -> str:
        return self.partner_label
