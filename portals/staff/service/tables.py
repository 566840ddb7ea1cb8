"""The list of tickets."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel import clock
from backend.service.models import Ticket, TicketState
from backend.service.selectors import tickets_visible_to
from backend.service.states import OPEN_STATES
from portals.staff.sales.tables import customer_filter
from portals.staff.shared.columns import NUMBER
from portals.staff.shared.forms import staff_choices
from portals.staff.shared.lists import StaffList
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter


def _late() -> Q:
    return Q(first_response_at=None, respond_by__lt=clock.now(), state__in=OPEN_STATES)


class TicketList(StaffList):
    key = "service.ticket"
    title = gettext_lazy("Tickets")
    permission = "service.ticket.view"
    export_permission = "service.ticket.export"
    columns = (
        NUMBER,
        Column("created_at", gettext_lazy("Opened"), "moment", sort=True),
        Column("subject", gettext_lazy("Subject"), sort=True, strong=True, phone="title"),
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        Column("category", gettext_lazy("Category"), value="get_category_display", sort="category"),
        Column("state", gettext_lazy("State"), "chip", axis="ticket", sort=True),
        Column(
            "respond_by",
            gettext_lazy("Answer by"),
            "moment",
            value=lambda row: None if row.first_response_at else row.respond_by,
            sort="respond_by",
        ),
        Column("assignee_name", gettext_lazy("Assigned to"), sort=True),
        Column("item", gettext_lazy("Item"), value="item.name", phone="hide"),
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no", shown=False),
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", shown=False),
        Column("carrier", gettext_lazy("Carrier"), value="carrier.name", shown=False),
        Column("solved_at", gettext_lazy("Solved"), "moment", sort=True, shown=False),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("number", "subject", "customer__name", "customer__mnemonic", "item__name", "lot__lot_no"),
        ),
        DateFilter("date", gettext_lazy("Opened"), "created_at", moments=True),
        customer_filter(),
        ChoiceFilter("state", gettext_lazy("State"), choices=TicketState),
        ChoiceFilter(
            "category", gettext_lazy("Category"), choices=lambda: Ticket._meta.get_field("category").flatchoices
        ),
        ChoiceFilter("assignee", gettext_lazy("Assigned to"), "assignee_id", choices=lambda: staff_choices()[1:]),
        FlagFilter("late", gettext_lazy("Answer overdue"), when=_late),
        FlagFilter("free", gettext_lazy("Nobody's yet"), when=Q(assignee_id=None, state__in=OPEN_STATES)),
    )
    presets = (
        Preset("open", gettext_lazy("Open tickets"), "state=new,triaged,waiting"),
        Preset("free", gettext_lazy("Nobody's yet"), "free=1", need=True),
        Preset("late", gettext_lazy("Answer overdue"), "late=1", need=True),
        Preset("solved", gettext_lazy("Solved"), "state=solved,confirmed"),
    )
    default_sort = ("-created_at",)

    def rows(self) -> QuerySet[Ticket]:
        return tickets_visible_to(self.actor)

    def row_url(self, row: Any) -> str:
        return reverse("staff:ticket_detail", kwargs={"number": row.number})

    def row_mark(self, row: Any) -> str:
        late = row.first_response_at is None and row.state in OPEN_STATES and row.respond_by < clock.now()
        return "bad" if late else ""

    def actions(self) -> Sequence[Action]:
        if not self.may("service.ticket.edit"):
            return ()
        return (Action(_("New ticket"), reverse("staff:ticket_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "Customers open tickets from a delivered line in the portal; item, lot, supplier and carrier come along."
        )
        return Empty(_("No tickets yet"), text, tuple(self.actions()))
