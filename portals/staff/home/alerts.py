"""Alerts of the home page: a fact, its effect, one action. Each kind is one statement and shows its three most urgent."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.availability.models import Suggestion, SuggestionState, SupplyLine
from backend.processes import promise_words
from backend.sales.models import CreditState
from backend.workflow import texts
from backend.workflow.approvals import engine
from backend.workflow.selectors import open_tasks
from portals.staff import figures
from portals.staff.sales.scope import visible_orders
from portals.ui import formats, navigation
from portals.ui.components import Action, Alert
from portals.ui.navigation import document_address

_EACH = 3


def _waiting(request: HttpRequest) -> Iterator[Alert]:
    """What waits for this reader's decision, and promises that moved and wait for the seller's words to the customer."""
    actor = request.actor  # type: ignore[attr-defined]
    kinds = [engine.KIND, *([promise_words.WAITING] if actor.may("sales.order.view") else [])]
    found = list(open_tasks(actor).filter(kind__in=kinds).order_by("-created_at", "-id")[: 10 * _EACH])
    mine = [task for task in found if task.kind == engine.KIND and task.assignee_id == actor.member_id]
    moved = [task for task in found if task.kind == promise_words.WAITING]
    for task in mine[:_EACH]:
        title, body = texts.render(task.kind, task.params)
        url = document_address(task.subject_type, task.subject_number)
        yield Alert(title=title, effect=body, icon="clipboard-check", action=_open(_("Decide"), url))
    for task in moved[:_EACH]:
        title, _body = texts.render(task.kind, task.params)
        yield Alert(
            title=title,
            effect=" · ".join(str(part) for part in (task.params.get("customer"), task.params.get("cause")) if part),
            icon="calendar-time",
            action=_open(_("Tell the customer"), document_address("sales.order", task.subject_number)),
        )


def _held_orders(request: HttpRequest) -> Iterator[Alert]:
    found = visible_orders(request.actor).filter(approval="submitted", credit_state=CreditState.HOLD)  # type: ignore[attr-defined]
    for order in found.select_related("customer").order_by("-doc_date", "-id")[:_EACH]:
        yield Alert(
            title=_("Order of %(customer)s is on credit hold") % {"customer": order.customer.label},
            effect=order.credit_note
            or _("%(number)s, %(amount)s") % {"number": order.number, "amount": formats.money(order.gross_amount)},
            look="bad",
            icon="shield-x",
            action=_open(_("Look at it"), document_address("sales.order", order.number)),
        )


def _late_supplies(request: HttpRequest, today: date) -> Iterator[Alert]:
    found = (
        SupplyLine.objects.filter(kind="purchase", open_qty__gt=0, supply_date__lt=today)
        .select_related("item__unit", "party")
        .order_by("supply_date", "id")[:_EACH]
    )
    for supply in found:
        days = (today - supply.supply_date).days
        yield Alert(
            title=ngettext("%(number)s is %(days)s day late", "%(number)s is %(days)s days late", days)
            % {"number": supply.ref_number, "days": days},
            effect=_("%(supplier)s, due %(date)s: %(item)s, %(qty)s %(unit)s")
            % {
                "supplier": supply.party.label if supply.party else "",
                "date": formats.short_day(supply.supply_date),
                "item": supply.item.name,
                "qty": formats.qty(supply.open_qty),
                "unit": supply.item.unit,
            },
            look="bad",
            icon="truck-loading",
            action=_open(_("Chase"), document_address("purchasing.order", supply.ref_number)),
        )


def _shortages(request: HttpRequest) -> Iterator[Alert]:
    found = (
        Suggestion.objects.filter(state=SuggestionState.LIVE)
        .select_related("item__unit", "supplier")
        .order_by("need_date", "id")[:_EACH]
    )
    url = navigation.address(request, "staff:suggestion_list")
    for suggestion in found:
        yield Alert(
            title=_("%(item)s is short by %(qty)s %(unit)s")
            % {"item": suggestion.item.name, "qty": formats.qty(suggestion.need_qty), "unit": suggestion.item.unit},
            effect=_("Needed %(need)s; ordered today it comes %(arrival)s")
            % {"need": formats.short_day(suggestion.need_date), "arrival": formats.short_day(suggestion.arrival_date)},
            icon="stack",
            action=_open(_("Order it"), url),
        )


def _open(label: Any, url: str) -> Action | None:
    return Action(label, url, small=True) if url else None


def alerts_for(request: HttpRequest, today: date, counted: figures.Figures) -> list[Alert]:
    """Everything this member may see and do something about; nothing for rights they lack.

    What the live counts say there is none of is not read: they count nothing that the member may not see.
    """
    found: list[Alert] = []
    if figures.of(counted, "task", "open"):
        found += _waiting(request)
    if figures.of(counted, "sales.order", "held"):
        found += _held_orders(request)
    if figures.of(counted, "purchasing.order", "late"):
        found += _late_supplies(request, today)
    if figures.of(counted, "purchasing.suggestion", "live"):
        found += _shortages(request)
    return found
