"""What one may do next with a sales order: the next sensible step, the others, and the dialogs they open."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.availability.models import PromiseRevision
from backend.kernel.document import Approval, Closing, Progress
from backend.kernel.money import total
from backend.sales.models import CreditState, SalesOrder
from backend.sales.services import credit
from backend.workflow.approvals.rules import levels_for
from portals.staff.sales.order_read import OrderData
from portals.staff.shared.approvals import reject_action
from portals.staff.shared.dialogs import Ask, Dialog, reason_dialog, typed
from portals.staff.shared.printing import other_language
from portals.staff.shared.related import Relative
from portals.ui import formats
from portals.ui.components import Action


def url_of(name: str, order: SalesOrder) -> str:
    return reverse(f"staff:sales_order_{name}", kwargs={"number": order.number})


def _post(label: Any, name: str, order: SalesOrder, icon: str, look: str = "", hint: Any = "") -> Action:
    return Action(
        label, url_of(name, order), icon=icon, method="post", look=look, fields={"version": order.version}, hint=hint
    )


def primary_step(data: OrderData, actor: Any, drafts: Sequence[Relative] = ()) -> tuple[Action | None, list[Action]]:
    """The next sensible step and the others like it; `drafts` are deliveries of the order that have not left."""
    order = data.order
    if order.credit_state == CreditState.HOLD and order.approval == Approval.SUBMITTED:
        may = actor.may(credit.RELEASE) and not credit.mind_own_customer(order, actor)
        return (Action(_("Release credit"), icon="shield-check", dialog="release", look="primary") if may else None), []
    if order.approval in {Approval.DRAFT, Approval.SUBMITTED}:
        if _decides(data, actor):
            step = _post(_("Approve"), "approval", order, "check", "primary")
            return replace(step, fields={**step.fields, **data.standing.fields}), []
        if order.is_draft:
            return _post(_("Submit for approval"), "submission", order, "send", "primary"), []
        return None, []
    if order.approval == Approval.REJECTED:
        return _post(_("Submit for approval"), "submission", order, "send", "primary"), []
    return _next_document(data, actor, drafts) if order.is_approved else (None, [])


def _decides(data: OrderData, actor: Any) -> bool:
    """Who holds the level that waits; a draft that rules ask for is handed in first."""
    order = data.order
    if order.approval == Approval.SUBMITTED:
        return data.standing.may_decide
    return bool(actor.may("sales.order.approve")) and not levels_for(order)


def _next_document(data: OrderData, actor: Any, drafts: Sequence[Relative]) -> tuple[Action | None, list[Action]]:
    order = data.order
    steps = [Action(_("Ship %(number)s") % {"number": each.number}, each.url, icon="truck") for each in drafts]
    open_lines = order.closing == Closing.OPEN and any(line.open_qty > 0 for line in data.lines)
    if open_lines and actor.may("sales.delivery.edit"):
        steps += _delivery_steps(data, actor)
    if actor.may("invoicing.sales_invoice.edit") and order.shipped != Progress.NONE and order.invoiced != Progress.FULL:
        steps.append(_post(_("Create invoice"), "invoice", order, "file-invoice"))
    if not steps:
        return None, []
    first = steps[0]
    return Action(first.label, first.url, first.icon, first.method, "primary", first.fields), steps[1:]


def _delivery_steps(data: OrderData, actor: Any) -> list[Action]:
    order, services = data.order, [line for line in data.lines if not line.item.is_stocked and line.open_qty > 0]
    choose = Action(
        _("Choose what to deliver…"), f"{reverse('staff:sales_delivery_new')}?order={order.number}", icon="list-check"
    )
    if not data.reserved and not services:
        return [choose]
    qty = formats.qty(data.reserved or total(line.open_qty for line in services))
    unit = data.only_unit if data.reserved else ""
    words = _("Create delivery of %(qty)s %(unit)s") % {"qty": qty, "unit": unit} if unit else _("Create delivery")
    steps = [_post(words.strip(), "delivery", order, "truck")]
    if actor.may("sales.delivery.approve"):
        steps.append(
            _post(_("Ship it now"), "shipping", order, "truck-fast", hint=_("Makes the delivery and books it"))
        )
    return [*steps, choose]


def secondary_steps(data: OrderData, actor: Any) -> list[Action]:
    order = data.order
    if data.standing.progress and data.standing.may_decide and order.credit_state != CreditState.HOLD:
        return [reject_action()]
    if not actor.may("sales.order.edit"):
        return []
    if order.is_draft:
        return [
            Action(_("Edit"), url_of("edit", order), icon="edit"),
            Action(_("Which warehouse"), url_of("allocation", order), icon="building-warehouse", wide_only=True),
        ]
    if order.approval == Approval.SUBMITTED:
        return [_post(_("Withdraw"), "withdrawal", order, "arrow-back-up")]
    if order.is_approved and order.closing == Closing.OPEN:
        return [Action(_("Amend"), url_of("amend", order), icon="git-branch", wide_only=True)]
    return []


def more_steps(data: OrderData, actor: Any) -> list[Action]:
    """Everything else, in the menu."""
    order, edit = data.order, actor.may("sales.order.edit")
    steps = []
    if edit:
        steps.append(_post(_("Copy"), "copy", order, "copy", hint=_("A new draft at today's prices")))
    if order.is_approved and actor.may(credit.RELEASE) and order.credit_state == CreditState.HOLD:
        steps.append(Action(_("Release credit"), icon="shield-check", dialog="release"))
    if order.is_approved and edit:
        if order.closing == Closing.OPEN:
            steps.append(Action(_("Close the rest"), icon="lock", dialog="close"))
        else:
            steps.append(_post(_("Reopen"), "reopening", order, "lock-open"))
    if order.is_approved and actor.may("sales.order.unapprove"):
        steps.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    steps.append(other_language(url_of("print", order)))
    if actor.may("sales.order.export"):
        steps.append(
            Action(_("Lines as a spreadsheet"), url_of("sheet", order), icon="file-spreadsheet", download=True)
        )
    if edit and order.approval in {Approval.DRAFT, Approval.SUBMITTED, Approval.REJECTED}:
        steps.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    return steps


def dialogs_of(request: HttpRequest, data: OrderData) -> list[Dialog]:
    """The dialogs the steps open."""
    order = data.order
    release_asks = (
        Ask(
            "reason",
            _("Reason"),
            value=typed(request, "reason"),
            hint=_("It is kept with the order and shown to the salesperson."),
        ),
    )
    found = [
        Dialog(
            "release",
            _("Release the credit hold"),
            url_of("release", order),
            _("Release"),
            release_asks,
            order.credit_note,
            {"version": order.version},
        ),
        reason_dialog(
            request,
            "unapprove",
            _("Take the approval back"),
            url_of("unapproval", order),
            _("Unapprove"),
            order.version,
            text=_("Reserved stock is set free; the order becomes a draft."),
        ),
        reason_dialog(
            request,
            "close",
            _("Close the rest"),
            url_of("closing", order),
            _("Close"),
            order.version,
            text=_("What is not shipped is not delivered any more; reserved stock is set free."),
        ),
        reason_dialog(
            request,
            "void",
            _("Void the order"),
            url_of("voiding", order),
            _("Void"),
            order.version,
            required=False,
            danger=True,
        ),
    ]
    if data.standing.progress and data.standing.may_decide:
        fields = {"version": order.version} | data.standing.fields
        ask = Ask("reason", _("Reason"), value=typed(request, "reason"))
        url, words = (
            url_of("rejection", order),
            _("Whoever wrote it reads the reason, may change it and hand it in again."),
        )
        found.append(Dialog("reject", _("Send it back"), url, _("Send it back"), (ask,), words, fields, danger=True))
    if data.moved:
        found.append(tell_dialog(request, order, data.moved))
    if order.is_approved:
        found.append(override_dialog(request, data))
    return found


def override_dialog(request: HttpRequest, data: OrderData) -> Dialog:
    """Another date than the computed one, with a reason that stays in the trail."""
    waiting = [line for line in data.lines if line.open_qty > 0 and line.pk in data.demands]
    options = [(str(line.pk), f"{line.line_no} · {line.item.name}") for line in waiting]
    asks = (
        Ask("line", _("Line"), "select", typed(request, "line", options[0][0] if options else ""), options=options),
        Ask("day", _("Promised date"), "date", typed(request, "day")),
        Ask("reason", _("Why it will hold"), value=typed(request, "reason")),
    )
    text = _("The computed date stays visible beside it. Leave the date empty to let the computed one hold again.")
    asks = (asks[0], replace(asks[1], required=False), replace(asks[2], required=False))
    return Dialog("override", _("Promise another date"), url_of("override", data.order), _("Promise"), asks, text)


def tell_dialog(request: HttpRequest, order: SalesOrder, moved: Sequence[PromiseRevision]) -> Dialog:
    """Words for the customer about the new date."""
    dates = "; ".join(
        _("line %(line)s now %(new)s instead of %(old)s")
        % {
            "line": row.demand.ref_line_no,
            "new": formats.short_day(row.new_date),
            "old": formats.short_day(row.old_date),
        }
        for row in moved
    )
    ask = Ask(
        "reason",
        _("What the customer reads"),
        value=typed(request, "reason", moved[0].customer_reason),
        hint=_("Without names of suppliers: the customer sees these words in the portal and by mail."),
    )
    return Dialog(
        "tell", _("Tell the customer the new date"), url_of("tell", order), _("Tell the customer"), (ask,), dates
    )
