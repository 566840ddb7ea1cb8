"""The form of money paid, with what it settles."""

from django.utils.translation import gettext_lazy

from backend.parties.models import Party
from portals.staff.finance.money_entry import MoneyForm
from portals.staff.shared.forms import PickField


class PaymentForm(MoneyForm):
    partner = "supplier"
    supplier = PickField(
        label=gettext_lazy("Supplier"),
        model=Party,
        role="is_supplier",
        url_name="staff:find_suppliers",
        error_messages={
            "required": gettext_lazy("Choose a supplier."),
            "invalid": gettext_lazy("Choose a supplier from the list."),
        },
    )

    @property
    def supplier_label(self) -> str:
        return self.partner_label
