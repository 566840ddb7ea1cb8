"""Getting started: what a new company has done already, read with the live counts. The card goes away when all is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portals.staff import figures
from portals.ui import navigation
from portals.ui.components import Step

KIND, _RIGHT = "started", "catalog.item.edit"
_SELECT = """SELECT
(SELECT count(*) FROM catalog_item) AS items,
(SELECT count(*) FROM party WHERE is_customer OR is_supplier) AS partners,
(SELECT count(*) FROM inventory_opening_stock WHERE approval = 'approved') AS stock,
(SELECT count(*) FROM sales_order WHERE approval = 'approved') AS orders,
(SELECT count(*) FROM access_member WHERE kind = 'supplier')
    + (SELECT count(*) FROM access_invitation WHERE kind = 'supplier') AS suppliers,
(SELECT count(*) FROM access_member WHERE kind = 'staff')
    + (SELECT count(*) FROM access_invitation WHERE kind = 'staff') - 1 AS colleagues,
(SELECT count(*) FROM sales_delivery WHERE approval = 'approved') AS deliveries
"""
SELECTS = {KIND: (_RIGHT, _SELECT)}
_COUNTS = ("items", "partners", "stock", "orders", "suppliers", "colleagues", "deliveries")


@dataclass(frozen=True)
class _Task:
    label: Any
    url_name: str
    go: Any
    permission: str


_TASKS: Sequence[_Task] = (
    _Task(
        gettext_lazy("Enter your items"),
        "staff:item_list",
        pgettext_lazy("first step", "Add items"),
        "catalog.item.edit",
    ),
    _Task(
        gettext_lazy("Enter customers and suppliers"),
        "staff:customer_list",
        pgettext_lazy("first step", "Add"),
        "parties.customer.edit",
    ),
    _Task(
        gettext_lazy("Enter the opening stock"),
        "staff:opening_stock_list",
        pgettext_lazy("first step", "Enter"),
        "inventory.opening_stock.edit",
    ),
    _Task(
        gettext_lazy("Approve the first sales order"),
        "staff:sales_order_new",
        pgettext_lazy("first step", "Write it"),
        "sales.order.edit",
    ),
    _Task(gettext_lazy("Invite a supplier"), "staff:supplier_list", gettext_lazy("Invite"), "access.member.manage"),
    _Task(gettext_lazy("Invite a colleague"), "staff:settings_home", gettext_lazy("Invite"), "access.member.manage"),
    _Task(gettext_lazy("Ship the first goods"), "staff:sales_order_list", gettext_lazy("Ship"), "sales.delivery.edit"),
)


@dataclass(frozen=True)
class Checklist:
    steps: tuple[Step, ...] = ()
    done: int = 0

    @property
    def total(self) -> int:
        return len(self.steps)


def checklist_for(request: HttpRequest, found: figures.Figures) -> Checklist:
    """The steps with their state; empty for those who set nothing up, and when everything is done."""
    if not navigation.may(request, _RIGHT):
        return Checklist()
    counts = [figures.of(found, KIND, name) for name in _COUNTS]
    if all(count > 0 for count in counts):
        return Checklist()
    current = next(index for index, count in enumerate(counts) if count <= 0)
    steps = []
    for index, (task, count) in enumerate(zip(_TASKS, counts, strict=True)):
        done = count > 0
        url = navigation.address(request, task.url_name) if navigation.may(request, task.permission) else ""
        note = _("%(count)s so far") % {"count": f"{count:,}"} if done and count > 1 else ""
        state = "done" if done else "now" if index == current else ""
        steps.append(Step(task.label, state, note, url, task.go))
    return Checklist(tuple(steps), sum(count > 0 for count in counts))
