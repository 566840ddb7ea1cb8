"""The list of quotations."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel import clock
from backend.kernel.document import Approval
from backend.sales.models import QuoteState, SalesQuote
from portals.staff.sales.scope import visible_quotes
from portals.staff.sales.tables import customer_filter
from portals.staff.shared.columns import DAY, MADE_BY, NUMBER
from portals.staff.shared.currency import amount_column
from portals.staff.shared.lists import StaffList
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, NumberFilter, Preset, TextFilter


def _expired() -> Q:
    return Q(valid_until__lt=clock.today(), state__in=[QuoteState.OPEN, QuoteState.SENT]) & ~Q(approval="voided")


def state_chip(quote: SalesQuote) -> Chip:
    """One state: void, expired, or how far the customer is."""
    if quote.approval == Approval.VOIDED:
        return chip("approval", quote.approval)
    if quote.state in {QuoteState.OPEN, QuoteState.SENT} and quote.valid_until < clock.today():
        return chip("quote", "expired")
    return chip("quote", quote.state)


class QuoteList(StaffList):
    key = "sales.quote"
    title = gettext_lazy("Quotations")
    permission = "sales.quote.view"
    export_permission = "sales.quote.export"
    priced = frozenset({"gross_amount", "net_amount"})
    columns = (
        NUMBER,
        DAY,
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        amount_column("gross_amount", gettext_lazy("Total incl. tax"), rated=False, strong=True),
        Column("state", gettext_lazy("State"), "chip", value=state_chip, sort="state"),
        Column("valid_until", gettext_lazy("Valid until"), "date", sort=True),
        Column("requested_date", gettext_lazy("Requested"), "date", sort=True, phone="hide"),
        MADE_BY,
        Column("accepted_by_name", gettext_lazy("Accepted by"), shown=False),
        Column("revision", gettext_lazy("Revision"), "number", shown=False),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "customer__name", "customer__mnemonic")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        customer_filter(),
        ChoiceFilter("state", gettext_lazy("State"), choices=QuoteState),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        NumberFilter("amount", gettext_lazy("Total"), "gross_amount"),
        FlagFilter("expired", gettext_lazy("Expired"), when=_expired),
    )
    presets = (
        Preset("open", gettext_lazy("Unanswered"), "state=open,sent&approval=draft,submitted,approved,rejected"),
        Preset("accepted", gettext_lazy("Accepted"), "state=accepted", need=True),
        Preset("expired", gettext_lazy("Expired"), "expired=1"),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[SalesQuote]:
        return visible_quotes(self.actor).select_related("customer")

    def row_url(self, row: Any) -> str:
        return reverse("staff:sales_quote_detail", kwargs={"number": row.number})

    def row_mark(self, row: Any) -> str:
        return "off" if row.approval == Approval.VOIDED else ""

    def actions(self) -> Sequence[Action]:
        if not self.may("sales.quote.edit"):
            return ()
        return (Action(_("New quotation"), reverse("staff:sales_quote_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "The customer accepts a quotation in the portal with one tap; it becomes an order without typing it again."
        )
        return Empty(_("No quotations yet"), text, tuple(self.actions()))
