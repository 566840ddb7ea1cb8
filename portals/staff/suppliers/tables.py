"""The list of suppliers."""

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
from backend.parties.models.party import SupplierState
from portals.staff.shared.importing import import_actions
from portals.staff.shared.lists import StaffList
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, FlagFilter, NumberFilter, Preset, TextFilter

_MONEY: Any = DecimalField(max_digits=18, decimal_places=2)


def with_balance(found: QuerySet[Party]) -> QuerySet[Party]:
    """The suppliers with `balance`: what we owe them by invoices, less what was paid ahead."""
    sums = OpenItem.objects.filter(party=OuterRef("pk"), kind="payable").exclude(open_amount=0)
    total = sums.order_by().values("party").annotate(total=Sum("open_amount")).values("total")
    return found.annotate(balance=Coalesce(Subquery(total, output_field=_MONEY), Value(0), output_field=_MONEY))


class SupplierList(StaffList):
    key = "parties.supplier"
    title = gettext_lazy("Suppliers")
    permission = "parties.supplier.view"
    export_permission = "parties.supplier.export"
    priced = frozenset({"balance"})
    columns = (
        Column("code", gettext_lazy("Code"), sort=True),
        Column("name", gettext_lazy("Name"), sort="sort_key", strong=True, phone="title"),
        Column("state", gettext_lazy("State"), "chip", value="supplier.state", axis="supplier", sort="supplier__state"),
        Column(
            "lead_days", gettext_lazy("Days to make"), "number", value="supplier.lead_days", sort="supplier__lead_days"
        ),
        Column(
            "transport_days", gettext_lazy("Days on the way"), "number", value="supplier.transport_days", phone="hide"
        ),
        Column("payment_days", gettext_lazy("Term (days)"), "number", value="supplier.payment_days", phone="hide"),
        Column("balance", gettext_lazy("We owe"), "money", sort=True, total="balance"),
        Column("phone", gettext_lazy("Phone"), phone="hide"),
        Column("active", gettext_lazy("In use"), "chip", value=lambda row: str(row.active), axis="active"),
        Column("tax_id", gettext_lazy("Tax id"), shown=False),
        Column("email", gettext_lazy("E-mail"), shown=False),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("name", "code", "mnemonic", "short_name", "tax_id", "phone"),
            placeholder=gettext_lazy("Name, code, pinyin, phone"),
        ),
        ChoiceFilter("state", gettext_lazy("State"), "supplier__state", choices=SupplierState),
        FlagFilter("on", gettext_lazy("In use"), when=Q(active=True)),
        NumberFilter("balance", gettext_lazy("We owe")),
    )
    presets = (Preset("on", gettext_lazy("In use"), "on=1"), Preset("owing", gettext_lazy("To pay"), "balance=0.01.."))
    default_sort = ("name",)
    tie_breaker = "pk"

    def rows(self) -> QuerySet[Party]:
        return with_balance(selectors.suppliers())

    def row_url(self, row: Any) -> str:
        return reverse("staff:supplier_detail", kwargs={"pk": row.pk})

    def row_mark(self, row: Any) -> str:
        return "" if row.active else "off"

    def actions(self) -> Sequence[Action]:
        if not self.may("parties.supplier.edit"):
            return ()
        imports = import_actions(self.request.actor, "suppliers", "parties.supplier.edit")  # type: ignore[attr-defined]
        return (*imports, Action(_("New supplier"), reverse("staff:supplier_new"), icon="plus", look="primary"))

    def empty(self) -> Empty:
        text = _(
            "A supplier gets orders, confirms them in the portal, ships and invoices without anybody typing it again."
        )
        return Empty(_("No suppliers yet"), text, tuple(self.actions()))
