"""Forms of customers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.access.models import Role
from backend.access.selectors import role_label
from backend.parties.inputs import CustomerData
from portals.staff.shared.forms import StaffForm, staff_choices
from portals.staff.shared.parties import PartyForm, uuid_or_none


class CustomerForm(PartyForm):
    """A customer with its terms."""

    level = forms.CharField(
        label=_("Customer level"), max_length=20, required=False, help_text=_("Price lists may be for a level")
    )
    credit_limit = forms.DecimalField(
        label=_("Credit limit"),
        max_digits=18,
        decimal_places=2,
        required=False,
        help_text=_("Empty: no limit. 0: payment in advance."),
    )
    payment_days = forms.IntegerField(label=_("Payment term (days)"), min_value=0, max_value=365, initial=30)
    salesperson_id = forms.ChoiceField(label=_("Salesperson"), required=False)
    ship_complete = forms.BooleanField(label=_("Ship orders complete only"), required=False)

    def __init__(self, *args: Any, may_set_credit: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["salesperson_id"].choices = staff_choices()  # type: ignore[attr-defined]
        if not may_set_credit:
            self.fields["credit_limit"].disabled = True
            self.fields["credit_limit"].help_text = _("Only finance changes credit limits.")

    def terms(self) -> CustomerData:
        clean = self.cleaned_data
        return CustomerData(
            level=clean["level"],
            credit_limit=clean["credit_limit"],
            payment_days=clean["payment_days"],
            ship_complete=clean["ship_complete"],
            salesperson_id=uuid_or_none(clean["salesperson_id"]),
        )


class InviteForm(StaffForm):
    """Somebody of a partner gets a sign-in of their own to the partner's portal."""

    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    roles = forms.MultipleChoiceField(label=_("May"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = [  # type: ignore[attr-defined]
            (role.code, role_label(role)) for role in Role.objects.filter(kind=kind).order_by("-is_builtin", "code")
        ]
