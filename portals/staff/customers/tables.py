"""The list of customers."""

from collections.abc import Sequence
from typing import Any

from django.db.models import DecimalField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounting.models import OpenItem
from backend.parties import selectors
from backend.parties.models import Party
from portals.staff.shared.importing import import_actions
from portals.ui import navigation
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, FlagFilter, ListPage, NumberFilter, Preset, TextFilter

_MONEY: Any = DecimalField(max_digits=18, decimal_places=2)


def with_balance(found: QuerySet[Party]) -> QuerySet[Party]:
    """The parties with `balance`: what they owe us by invoices, less what they paid ahead."""
    sums = OpenItem.objects.filter(party=OuterRef("pk"), kind="receivable").exclude(open_amount=0)
    total = sums.order_by().values("party").annotate(total=Sum("open_amount")).values("total")
    return found.annotate(balance=Coalesce(Subquery(total, output_field=_MONEY), Value(0), output_field=_MONEY))


class CustomerList(ListPage):
    key = "parties.customer"
    title = gettext_lazy("Customers")
    permission = "parties.customer.view"
    columns = (
        Column("code", gettext_lazy("Code"), sort=True),
        Column("name", gettext_lazy("Name"), value="name", sort="sort_key", strong=True, phone="title"),
        Column("level", gettext_lazy("Level"), value="customer.level", sort=True),
        Column("phone", gettext_lazy("Phone"), phone="hide"),
        Column("payment_days", gettext_lazy("Term (days)"), "number", value="customer.payment_days", phone="hide"),
        Column("credit_limit", gettext_lazy("Credit limit"), "money", value="customer.credit_limit", phone="hide"),
        Column("balance", gettext_lazy("Owes"), "money", sort=True, total="balance"),
        Column("active", gettext_lazy("State"), "chip", value=lambda row: str(row.active), axis="active"),
        Column("tax_id", gettext_lazy("Tax id"), shown=False),
        Column("email", gettext_lazy("E-mail"), shown=False),
        Column("mnemonic", gettext_lazy("Mnemonic"), shown=False),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("name", "code", "mnemonic", "short_name", "tax_id", "phone"),
            placeholder=gettext_lazy("Name, code, pinyin, phone"),
        ),
        ChoiceFilter(
            "active", gettext_lazy("State"), choices=((True, gettext_lazy("Active")), (False, gettext_lazy("Inactive")))
        ),
        NumberFilter("balance", gettext_lazy("Owes")),
        FlagFilter("limit", gettext_lazy("With a credit limit"), when=Q(customer__credit_limit__isnull=False)),
    )
    presets = (
        Preset("active", gettext_lazy("Active"), "active=True"),
        Preset("owing", gettext_lazy("Owing"), "balance=0.01.."),
    )
    default_sort = ("name",)
    tie_breaker = "pk"

    def rows(self) -> QuerySet[Party]:
        return with_balance(selectors.customers())

    def row_url(self, row: Party) -> str:
        return reverse("staff:customer_detail", kwargs={"pk": row.pk})

    def row_mark(self, row: Party) -> str:
        return "" if row.active else "off"

    def actions(self) -> Sequence[Action]:
        if not navigation.may(self.request, "parties.customer.edit"):
            return ()
        imports = import_actions(self.request.actor, "customers", "parties.customer.edit")  # type: ignore[attr-defined]
        return (*imports, Action(_("New customer"), reverse("staff:customer_new"), icon="plus", look="primary"))

    def empty(self) -> Empty:
        text = _("A customer has a name; everything else can wait. Orders, prices, credit and messages hang on it.")
        return Empty(_("No customers yet"), text, tuple(self.actions()))
