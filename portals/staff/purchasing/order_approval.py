"""Deciding about purchase orders: handed in, agreed to level by level, sent back, taken back."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.kernel.document import Approval
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import orders
from portals.staff.purchasing.order_views import EDIT, ORDER, draw_order
from portals.staff.shared import approvals
from portals.staff.shared.acting import version_of, who_and_when

VIEW, APPROVE = "purchasing.order.view", "purchasing.order.approve"
DOC_TYPE = PurchaseOrder.DOC_TYPE


@approvals.decider_view(DOC_TYPE, VIEW)
def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_order(request, ORDER.load(request.actor, number))  # type: ignore[attr-defined]


def _after(request: HttpRequest) -> Callable[[Any], str]:
    sees = request.actor.may(VIEW)  # type: ignore[attr-defined]
    return approvals.after(request, lambda _decided: sees, lambda decided: ORDER.url("detail", decided))


@require_POST
@approvals.decider_view(DOC_TYPE, APPROVE)
def order_approve(request: HttpRequest, number: str) -> HttpResponse:
    """Approve, or agree to the level that waits; the reason lets one order to a suspended supplier pass, for those who may."""
    reason = request.POST.get("reason", "").strip()[:300]

    def approve(order: PurchaseOrder) -> PurchaseOrder:
        level, who = approvals.level_of(request), who_and_when(request)
        seen = version_of(request)
        return orders.approve_order(order_id=order.pk, override_reason=reason, level=level, version=seen, **who)

    return ORDER.run(request, number, approve, _done, _after(request))


def _done(order: PurchaseOrder) -> str:
    if order.approval == Approval.SUBMITTED:
        return approvals.done_words(order)
    return _("Approved: the goods count as coming.")


@require_POST
@approvals.decider_view(DOC_TYPE, APPROVE)
def order_reject(request: HttpRequest, number: str) -> HttpResponse:
    """Send it back with a reason."""

    def reject(order: PurchaseOrder) -> PurchaseOrder:
        reason, level = request.POST.get("reason", "").strip()[:300], approvals.level_of(request)
        return orders.reject_order(order_id=order.pk, reason=reason, level=level, **who_and_when(request))

    return ORDER.run(request, number, reject, _("Sent back."), _after(request))


order_submit = ORDER.step(EDIT, orders.submit_order, gettext_lazy("Handed in."), seen=True)
order_withdraw = ORDER.step(EDIT, orders.withdraw_order, gettext_lazy("A draft again."))
