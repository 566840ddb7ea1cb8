"""The page of a purchase order around its lines: how it stands, what to look at, what may be done."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.kernel import clock
from backend.kernel.document import Approval, Closing, Progress
from backend.kernel.money import total
from backend.parties.models import SupplierState
from backend.parties.services.suppliers import CannotOrderFrom, require_orderable
from backend.purchasing.models import (
    LineState,
    MaterialKind,
    OrderKind,
    ProductionNode,
    ProgressLink,
    PurchaseOrder,
    ScheduleLine,
    Sending,
)
from backend.workflow.approvals.rules import levels_for
from portals.staff.purchasing.order_lines import columns_of, line_of
from portals.staff.purchasing.order_reading import OrderPage
from portals.staff.purchasing.words import made, share, sums, supplier_fact
from portals.staff.shared.approvals import agree_action, reject_action
from portals.staff.shared.currency import rate_words, worth_at_home
from portals.staff.shared.lists import PRICES
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Crumb, Fact
from portals.ui.documents import DocumentSheet
from portals.ui.navigation import trail

OPEN_LINES = {LineState.OPEN}


def chips_of(page: OrderPage) -> list[Chip]:
    order = page.order
    chips = [chip("approval", order.approval)]
    if order.approval == Approval.VOIDED or not order.is_approved:
        return chips
    if order.closing == Closing.MANUAL_CLOSED:
        chips.append(chip("closing", order.closing))
    wanted = total(line.wanted_qty for line in page.lines)
    chips.append(chip("sending", order.sending))
    state = "proposed" if page.waiting else order.confirmed
    chips.append(chip("confirmation", state, percent=share(total(line.confirmed_qty for line in page.lines), wanted)))
    chips.append(
        chip("receipt", order.received, percent=share(total(line.received_qty for line in page.lines), wanted))
    )
    chips.append(chip("invoice", order.invoiced))
    if order.invoiced != Progress.NONE:
        chips.append(chip("settlement", order.paid))
    return chips


def banner_of(page: OrderPage) -> Banner | None:
    """A supplier that is stopped, an answer to decide, else parts that should be here already."""
    if page.order.is_draft or page.order.approval == Approval.SUBMITTED:
        return _stopped(page.order) or _dearer(page)
    answer = page.waiting
    if answer is not None:
        hurt = _hurt(page)
        words = " · ".join(part for part in (answer.note, hurt) if part)
        title = _("%(who)s proposes a change.") % {"who": answer.by_name}
        look = Action(_("See the answer"), "#answers", look="soft", small=True)
        return Banner(title, words, icon="message-plus", actions=[look])
    late = _late_parts(page)
    if not late:
        return None
    first = min(late, key=lambda part: part.arrival_date or part.date)
    words = _("%(qty)s were due on %(day)s and are not here.") % {
        "qty": formats.qty(first.qty - first.received_qty),
        "day": formats.short_day(first.arrival_date or first.date),
    }
    return Banner(_("Overdue."), f"{words} {_hurt(page)}".strip(), look="bad", icon="calendar-time")


def _stopped(order: PurchaseOrder) -> Banner | None:
    """Why this draft is not simply approved."""
    try:
        require_orderable([order.supplier])
    except CannotOrderFrom as refusal:
        action = Action(_("Open the supplier"), reverse("staff:supplier_detail", kwargs={"pk": order.supplier_id}))
        return Banner(refusal.message, refusal.way_out or "", look="bad", icon="ban", actions=[action])
    return None


def _dearer(page: OrderPage) -> Banner | None:
    """Why this draft is not approved yet: prices that rose too far, and nobody said why."""
    silent = [rise for rise in page.rises if not rise.line.price_reason]
    if not silent:
        return None
    first = max(silent, key=lambda rise: rise.percent)
    title = _("A price rose: line %(line)s is %(percent)s %% above the last one.") % {
        "line": first.line.line_no,
        "percent": formats.plain(round(first.percent, 1)),
    }
    say = Action(_("Say why…"), icon="message", dialog="price_reasons", look="soft", small=True)
    return Banner(
        title, _("Nothing is submitted or approved before somebody says why."), icon="trending-up", actions=[say]
    )


def _late_parts(page: OrderPage) -> list[ScheduleLine]:
    if not page.running:
        return []
    today = clock.today()
    parts = [part for line in page.lines for part in line.schedule.all()]
    return [part for part in parts if part.qty > part.received_qty and (part.arrival_date or part.date) < today]


def _hurt(page: OrderPage) -> str:
    """Which customer's line waits for this order."""
    pegs = [peg for found in page.pegs.values() for peg in found]
    if not pegs:
        return ""
    first = min(pegs, key=lambda peg: peg.required_date)
    return _("%(customer)s waits for it: %(number)s line %(line)s, wanted %(day)s.") % {
        "customer": first.party_name,
        "number": first.ref_number,
        "line": first.line_no,
        "day": formats.short_day(first.required_date),
    }


def facts_of(page: OrderPage, actor: Any) -> list[Fact]:
    order = page.order
    sent = _("not sent yet")
    if order.viewed_at:
        sent = _("seen %(when)s") % {"when": formats.moment(order.viewed_at)}
    elif order.sent_at:
        sent = _("sent %(when)s") % {"when": formats.moment(order.sent_at)}
    ref = _("their number %(ref)s") % {"ref": order.supplier_ref} if order.supplier_ref else ""
    origin = _("came in as %(ref)s") % {"ref": order.external_ref} if order.external_ref else ""
    terms = ngettext("payment in %(days)s day", "payment in %(days)s days", order.payment_days) % {
        "days": order.payment_days
    }
    return [
        supplier_fact(order.supplier, actor, ref),
        Fact(_("Date"), formats.day(order.doc_date), made(order), numeric=True),
        Fact(_("Wanted on"), formats.day(order.requested_date), sent, numeric=True),
        Fact(_("Buyer"), order.buyer_name or "–", origin),
        Fact(_("Warehouse"), str(order.warehouse), " · ".join(part for part in (terms, rate_words(order)) if part)),
    ]


# --- what may be done --------------------------------------------------------------------------------------
def steps(page: OrderPage, actor: Any, kit: Any) -> dict[str, Any]:
    """The next sensible step, the others beside it, the rest in the menu."""
    order = page.order
    primary: Action | None = None
    others: list[Action] = []
    secondary: list[Action] = []
    more: list[Action] = []
    if order.is_draft or order.approval == Approval.SUBMITTED:
        primary, secondary, more = _steps_before(page, actor, kit)
    elif page.running:
        primary, others, secondary, more = _running_steps(page, actor, kit)
        others += _material_steps(page, actor)
    elif order.closing == Closing.MANUAL_CLOSED and actor.may("purchasing.order.edit"):
        more.append(kit.post(_("Reopen"), "reopening", order, "lock-open"))
    if actor.may("purchasing.order.edit"):
        more.append(kit.post(_("Copy"), "copy", order, "copy"))
    if actor.may("purchasing.order.export"):
        more.append(
            Action(_("Lines as a spreadsheet"), kit.url("sheet", order), icon="file-spreadsheet", download=True)
        )
        more.append(Action(_("Audit pack"), kit.url("pack", order), icon="archive", download=True))
    return {"primary": primary, "primary_more": others, "secondary": secondary, "more": [*more, *kit.printing(order)]}


def _edit_url(order: PurchaseOrder, kit: Any) -> str:
    if order.kind == OrderKind.SUBCONTRACT:
        return reverse("staff:subcontract_edit", kwargs={"number": order.number})
    return str(kit.url("edit", order))


def _material_steps(page: OrderPage, actor: Any) -> list[Action]:
    """What may be done with the material of a subcontract order."""
    if not page.material or not actor.may("purchasing.material.edit"):
        return []
    url = f"{reverse('staff:material_new')}?order={page.order.number}&kind="
    found = []
    if any(row.to_issue for row in page.material):
        found.append(Action(_("Issue material"), f"{url}{MaterialKind.ISSUE}", icon="package-export"))
    if any(row.component.held_qty > 0 for row in page.material):
        found.append(Action(_("Take material back"), f"{url}{MaterialKind.RETURN}", icon="arrow-back-up"))
        found.append(Action(_("Material was lost"), f"{url}{MaterialKind.LOSS}", icon="alert-triangle"))
    return found


def _steps_before(page: OrderPage, actor: Any, kit: Any) -> tuple[Any, list[Action], list[Action]]:
    """Of an order that does not bind yet: edited, handed in, decided."""
    order, edit = page.order, actor.may("purchasing.order.edit")
    levels = bool(levels_for(order))
    primary, secondary, more = None, [], []
    if order.approval == Approval.SUBMITTED:
        decides = page.standing.may_decide
        if decides:
            secondary.append(reject_action())
        if edit:
            more.append(kit.post(_("Withdraw"), "withdrawal", order, "arrow-back-up"))
    else:
        fresh = order.approval == Approval.DRAFT  # what was sent back is handed in again first
        decides = fresh and not levels and actor.may("purchasing.order.approve")
        if edit:
            secondary.append(Action(_("Edit"), _edit_url(order, kit), icon="edit"))
            if not decides:
                primary = kit.post(_("Hand in"), "submission", order, "send", "primary")
    if decides:
        primary = agree_action(kit, order, page.standing)
        if order.supplier.supplier.state == SupplierState.SUSPENDED:
            primary = Action(_("Approve with a reason…"), icon="check", look="primary", dialog="override")
    if edit:
        more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    return primary, secondary, more


def _running_steps(page: OrderPage, actor: Any, kit: Any) -> tuple[Any, list[Action], list[Action], list[Action]]:
    order, edit = page.order, actor.may("purchasing.order.edit")
    primary, secondary, more = None, [], []
    others: list[Action] = []
    receive_url = f"{reverse('staff:purchase_receipt_new')}?order={order.number}"
    receive = Action(_("Receive goods"), receive_url, icon="package-import")
    may_receive = actor.may("purchasing.receipt.edit") and order.received != Progress.FULL
    if order.sending == Sending.NOT_SENT and edit:
        primary = kit.post(_("Send to the supplier"), "sending", order, "send", "primary")
        others = [receive] if may_receive else []
    elif may_receive:
        primary = Action(_("Receive goods"), receive_url, icon="package-import", look="primary")
    if edit:
        if any(line.state in OPEN_LINES for line in page.lines):
            more.append(kit.post(_("Confirmed by phone, as ordered"), "confirmation", order, "copy-check"))
        more.append(Action(_("Enter the supplier's answer"), kit.url("answer", order), icon="message"))
        more.append(Action(_("Note the progress…"), icon="progress", dialog="progress"))
        if any(line.unshipped_qty > 0 for line in page.lines):
            more.append(Action(_("Plan the production…"), icon="calendar-event", dialog="plan"))
            more.append(Action(_("Link for the workshop…"), icon="link", dialog="link"))
        secondary.append(Action(_("Amend"), kit.url("amend", order), icon="edit", wide_only=True))
        if order.sending != Sending.NOT_SENT:
            more.append(kit.post(_("Send again"), "sending", order, "send"))
        more.append(Action(_("Close the rest…"), icon="lock", dialog="close"))
    if not page.subcontract and order.received != Progress.FULL and actor.may("invoicing.purchase_invoice.edit"):
        url = f"{reverse('staff:purchase_invoice_new')}?supplier={order.supplier_id}&order={order.number}"
        more.append(Action(_("Enter the invoice before the goods"), url, icon="file-invoice"))
    if actor.may("purchasing.order.unapprove"):
        more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return primary, others, secondary, more


def list_trail(order: PurchaseOrder) -> list[Crumb]:
    """Where an order stands: those of processors have a list of their own."""
    return trail("staff:subcontract_list" if order.kind == OrderKind.SUBCONTRACT else "staff:purchase_order_list")


def sheet_of(request: HttpRequest, page: OrderPage, kit: Any, error: Any = None) -> DocumentSheet:
    """The page of the order for this reader."""
    actor, order = page.standing.reader(request.actor), page.order  # type: ignore[attr-defined]
    prices = actor.may(PRICES)
    return DocumentSheet(
        number=order.number,
        title=_("Subcontract order") if page.subcontract else _("Purchase order"),
        chips=chips_of(page),
        crumbs=list_trail(order),
        print_url=kit.url("print", order),
        banner=banner_of(page),
        facts=facts_of(page, actor),
        columns=columns_of(prices),
        lines=[line_of(page, line, actor) for line in page.lines],
        totals=[*sums(order, page.lines, actor), *(worth_at_home(order) if prices else ())],
        remark=order.remark,
        amount_in_words=order.gross_amount if prices else None,
        currency=order.currency,
        error=error,
        **steps(page, actor, kit),
        **rail_of(
            request,
            order,
            partner="supplier",
            graph_sub=_("Subcontract order") if page.subcontract else "",
            voucher_note=_("made when the goods are booked"),
            verbs={"decide": _("answered the proposal")},
        ),
    )


# --- production ---------------------------------------------------------------------------------------------
def plan_of(page: OrderPage) -> list[dict[str, Any]]:
    """Nodes by line in their order, each planned, passed or late."""
    today = clock.today()
    found: dict[Any, list[ProductionNode]] = {}
    for row in page.nodes:
        found.setdefault(row.order_line_id, []).append(row)
    return [
        {"line": line, "nodes": [_drawn(row, today) for row in sorted(found[line.pk], key=lambda row: row.place)]}
        for line in page.lines
        if line.pk in found
    ]


def _drawn(row: ProductionNode, today: Any) -> dict[str, Any]:
    late = row.actual_date is None and row.planned_date < today
    state = "passed" if row.actual_date else "late" if late else "planned"
    return {"row": row, "state": state}


def links_of(page: OrderPage) -> list[ProgressLink]:
    """Links that were given out for the lines, the newest first."""
    lines, now = {line.pk: line for line in page.lines}, clock.now()
    for link in page.links:
        link.order_line = lines[link.order_line_id]
        link.good = link.revoked_at is None and link.expires_at > now and page.running  # type: ignore[attr-defined]
    return list(page.links)
