"""The list of money received."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.models import Receipt
from backend.invoicing.selectors import fund_accounts, receipts_visible_to
from backend.invoicing.services import money
from backend.kernel.document import Approval
from portals.staff.finance.money_entry import matching_chip
from portals.staff.sales.tables import customer_filter
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, NUMBER
from portals.staff.shared.lists import StaffList
from portals.ui.components import Action, Empty
from portals.ui.lists import BatchAction, ChoiceFilter, Column, DateFilter, FlagFilter, NumberFilter, Preset, TextFilter


class ReceiptList(StaffList):
    key = "invoicing.receipt"
    title = gettext_lazy("Receipts")
    permission = "invoicing.receipt.view"
    export_permission = "invoicing.receipt.export"
    columns = (
        NUMBER,
        DAY,
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        Column("amount", gettext_lazy("Amount"), "money", sort=True, total="amount", strong=True),
        Column("unmatched", gettext_lazy("Not matched"), "money", value="unmatched_amount", sort="rest", total="rest"),
        APPROVAL,
        Column("matching", gettext_lazy("Matching"), "chip", value=matching_chip),
        Column("fund_account", gettext_lazy("Fund account"), value="fund_account.name", sort="fund_account__name"),
        Column("reference", gettext_lazy("Reference"), phone="hide"),
        Column("created_by_name", gettext_lazy("Made by"), shown=False),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "customer__name", "customer__mnemonic", "reference")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        customer_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter(
            "account",
            gettext_lazy("Fund account"),
            "fund_account_id",
            choices=lambda: fund_accounts().values_list("pk", "name"),
        ),
        NumberFilter("amount", gettext_lazy("Amount")),
        FlagFilter(
            "unmatched", gettext_lazy("With an advance"), when=Q(approval="approved", matched_amount__lt=F("amount"))
        ),
    )
    presets = (
        Preset("draft", gettext_lazy("To approve"), "approval=draft,submitted", need=True),
        Preset("unmatched", gettext_lazy("With an advance"), "unmatched=1"),
        Preset("month", gettext_lazy("This month"), "date=month"),
    )
    default_sort = ("-doc_date", "-number")
    batch = (BatchAction("approve", gettext_lazy("Approve"), "check", "invoicing.receipt.approve"),)

    def rows(self) -> QuerySet[Receipt]:
        return receipts_visible_to(self.actor).annotate(rest=F("amount") - F("matched_amount"))

    def row_url(self, row: Any) -> str:
        return reverse("staff:receipt_detail", kwargs={"number": row.number})

    def row_mark(self, row: Any) -> str:
        return "off" if row.approval == Approval.VOIDED else ""

    def actions(self) -> Sequence[Action]:
        if not self.may("invoicing.receipt.edit"):
            return ()
        return (Action(_("New receipt"), reverse("staff:receipt_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("Record what a customer paid and which invoices it settles; what is left over stays as an advance.")
        return Empty(_("No receipts yet"), text, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        money.approve_receipt(receipt_id=row.pk, **who_and_when(self.request))
