"""The list of money paid."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.models import Payment
from backend.invoicing.selectors import fund_accounts, payments_visible_to
from backend.invoicing.services import money
from backend.kernel.document import Approval
from portals.staff.finance.money_entry import matching_chip
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, NUMBER
from portals.staff.shared.lists import StaffList
from portals.ui.components import Action, Empty
from portals.ui.lists import BatchAction, ChoiceFilter, Column, DateFilter, FlagFilter, NumberFilter, Preset, TextFilter


class PaymentList(StaffList):
    key = "invoicing.payment"
    title = gettext_lazy("Payments")
    permission = "invoicing.payment.view"
    export_permission = "invoicing.payment.export"
    columns = (
        NUMBER,
        DAY,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("amount", gettext_lazy("Amount"), "money", sort=True, total="amount", strong=True),
        Column("unmatched", gettext_lazy("Not matched"), "money", value="unmatched_amount", sort="rest", total="rest"),
        APPROVAL,
        Column("matching", gettext_lazy("Matching"), "chip", value=matching_chip),
        Column("fund_account", gettext_lazy("Fund account"), value="fund_account.name", sort="fund_account__name"),
        Column("reference", gettext_lazy("Reference"), phone="hide"),
        Column("created_by_name", gettext_lazy("Made by"), shown=False),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "supplier__name", "supplier__mnemonic", "reference")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter(
            "account",
            gettext_lazy("Fund account"),
            "fund_account_id",
            choices=lambda: fund_accounts().values_list("pk", "name"),
        ),
        NumberFilter("amount", gettext_lazy("Amount")),
        FlagFilter(
            "unmatched", gettext_lazy("With a prepayment"), when=Q(approval="approved", matched_amount__lt=F("amount"))
        ),
    )
    presets = (
        Preset("draft", gettext_lazy("To approve"), "approval=draft,submitted", need=True),
        Preset("unmatched", gettext_lazy("With a prepayment"), "unmatched=1"),
        Preset("month", gettext_lazy("This month"), "date=month"),
    )
    default_sort = ("-doc_date", "-number")
    batch = (BatchAction("approve", gettext_lazy("Approve"), "check", "invoicing.payment.approve"),)

    def rows(self) -> QuerySet[Payment]:
        return payments_visible_to(self.actor).annotate(rest=F("amount") - F("matched_amount"))

    def row_url(self, row: Any) -> str:
        return reverse("staff:payment_detail", kwargs={"number": row.number})

    def row_mark(self, row: Any) -> str:
        return "off" if row.approval == Approval.VOIDED else ""

    def actions(self) -> Sequence[Action]:
        if not self.may("invoicing.payment.edit"):
            return ()
        return (Action(_("New payment"), reverse("staff:payment_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "Record what was paid to a supplier and which invoices it settles; what is left over stays as a prepayment."
        )
        return Empty(_("No payments yet"), text, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        money.approve_payment(payment_id=row.pk, **who_and_when(self.request))
