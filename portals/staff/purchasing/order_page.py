"""The page of a purchase order: what was ordered, what the supplier answered, when it comes and who waits for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.availability.selectors import pegs_of_supply
from backend.kernel import clock
from backend.kernel.document import Approval, Closing, Progress
from backend.kernel.money import ZERO, total
from backend.kernel.together import together
from backend.parties.models import SupplierState
from backend.parties.services.suppliers import CannotOrderFrom, require_orderable
from backend.purchasing.models import (
    LineState,
    MaterialKind,
    NodeTemplate,
    OrderKind,
    ProductionNode,
    ProgressLink,
    ProgressReport,
    PurchaseOrder,
    PurchaseOrderLine,
    ScheduleLine,
    Sending,
)
from backend.purchasing.selectors.orders import reports_of, waiting_confirmation
from backend.purchasing.selectors.subcontract import MaterialRow, material_of
from backend.purchasing.services.prices import FirstPrice, Rise, rises_of, tolerance
from backend.workflow.approvals.rules import levels_for
from portals.staff.purchasing.paid import price_why, price_words, prices_before, prices_of_new
from portals.staff.purchasing.words import item_cell, made, share, sums, supplier_fact
from portals.staff.shared.approvals import Standing, agree_action, reject_action
from portals.staff.shared.currency import rate_words
from portals.staff.shared.lists import PRICES
from portals.staff.shared.rail import rail_of
from portals.staff.shared.words import price_source
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Crumb, Fact, Part, Promise, Rung, Why
from portals.ui.counted import price_cell, qty_cell
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn
from portals.ui.navigation import document_address

OPEN_LINES = {LineState.OPEN}
UNDECIDED = {Approval.DRAFT, Approval.SUBMITTED, Approval.REJECTED}
_LINKS_SHOWN = 12


@dataclass(frozen=True)
class OrderPage:
    """The order with lines, schedule, answers, and the customers' lines that wait for it."""

    order: PurchaseOrder
    lines: Sequence[PurchaseOrderLine]
    pegs: Mapping[UUID, Sequence[Any]]
    reports: Sequence[ProgressReport]
    earlier: Mapping[UUID, Sequence[PurchaseOrderLine]]
    rises: Sequence[Rise]
    standing: Standing = field(default_factory=Standing)
    compared: bool = False  # for readers in the house: beside earlier prices, with the reasons
    first: Mapping[UUID, FirstPrice] = field(default_factory=dict)  # of lines whose items were never bought
    material: Sequence[MaterialRow] = ()
    nodes: Sequence[ProductionNode] = ()
    links: Sequence[ProgressLink] = ()
    templates: Sequence[NodeTemplate] = ()

    @property
    def subcontract(self) -> bool:
        return self.order.kind == OrderKind.SUBCONTRACT

    @property
    def running(self) -> bool:
        return self.order.is_approved and self.order.closing == Closing.OPEN

    @property
    def waiting(self) -> Any:
        """The answer that the buyer must decide."""
        return waiting_confirmation(self.order) if self.running else None


def read_order(order: PurchaseOrder, *, prices: bool = False) -> OrderPage:
    """`order` comes from `order_for`: pegs, reports, what is known of the production and, for those who may see prices,
    earlier ones are read here."""
    lines = list(order.lines.all())
    pegs: Mapping[UUID, Sequence[Any]] = {}
    read: dict[str, Any] = {"rises": (), "compared": prices, "material": material_of(order)}
    read["earlier"] = prices_before(order, lines) if prices else {}
    if order.is_approved:
        pegs = pegs_of_supply([line.pk for line in lines])
        read |= together(
            nodes=ProductionNode.objects.filter(order_line__in=lines),
            links=ProgressLink.objects.filter(order_line__in=lines).order_by("-created_at")[:_LINKS_SHOWN],
            templates=NodeTemplate.objects.filter(active=True).order_by("name"),
        )
    elif prices and order.approval in UNDECIDED:
        read["rises"] = rises_of(order, lines)
        read["first"] = prices_of_new(order, lines, read["earlier"])
    return OrderPage(order, lines, pegs, reports_of(lines), **read)


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
    terms = _("payment in %(days)s days") % {"days": order.payment_days}
    return [
        supplier_fact(order.supplier, actor, ref),
        Fact(_("Date"), formats.day(order.doc_date), made(order), numeric=True),
        Fact(_("Wanted on"), formats.day(order.requested_date), sent, numeric=True),
        Fact(_("Buyer"), order.buyer_name or "–"),
        Fact(_("Warehouse"), str(order.warehouse), " · ".join(part for part in (terms, rate_words(order)) if part)),
    ]


def columns_of(prices: bool) -> list[LineColumn]:
    columns = [LineColumn("item", _("Item"), "item"), LineColumn("qty", _("Quantity"), "qty", strong=True)]
    if prices:
        columns += [
            LineColumn("price", _("Price incl. tax"), "price"),
            LineColumn("gross", _("Total incl. tax"), "money", strong=True),
        ]
    return [
        *columns,
        LineColumn("received", _("Received"), "qty"),
        LineColumn("state", _("Answer"), "chip", axis="confirmation"),
        LineColumn("schedule", _("Comes on"), "promise"),
    ]


def line_of(page: OrderPage, line: PurchaseOrderLine, actor: Any) -> Line:
    notes = []
    if line.light_qty:
        notes.append(_("all here, %(qty)s lighter") % {"qty": formats.qty(line.light_qty)})
    if dropped := line.cancelled_qty - line.light_qty:
        notes.append(_("cancelled %(qty)s") % {"qty": formats.qty(dropped)})
    if line.progress_pct and page.running:
        notes.append(f"{_node(page, line)} {line.progress_pct}%")
    on_way = max(line.shipped_qty - line.received_qty, ZERO)
    way = _("%(qty)s on the way") % {"qty": formats.qty(on_way)} if on_way else ""
    cells = {
        "item": item_cell(line, actor),
        "qty": qty_cell(line, *notes),
        "price": _price(page, line),
        "gross": line.gross_amount,
        "received": Cell(line.received_qty or None, way),
        "state": chip("confirmation", line.state) if page.order.is_approved else "–",
        "schedule": _schedule(page, line),
    }
    return Line(line.line_no, cells)


def _price(page: OrderPage, line: PurchaseOrderLine) -> Cell:
    """The price with its source, how it stands beside the last one, and the newest purchases behind it."""
    if not page.compared:
        return price_cell(line, price_source(line.price_source))
    earlier = page.earlier.get(line.item_id, ())
    first = page.first.get(line.pk)
    words = price_words(line, page.order, earlier, first)
    dear = any(rise.line.pk == line.pk for rise in page.rises) or (first is not None and first.over(tolerance()))
    cell = price_cell(line, str(price_source(line.price_source)), words)
    return replace(cell, why=price_why(line, page.order, earlier, first), sub_signal=dear)


def _node(page: OrderPage, line: PurchaseOrderLine) -> str:
    mine = (report for report in page.reports if report.order_line_id == line.pk)
    newest = next(mine, None)
    return newest.get_node_display() if newest else line.progress_node


def _schedule(page: OrderPage, line: PurchaseOrderLine) -> Any:
    """The parts that stand, as a bar with their dates; it opens to firmness, pegs and reasons."""
    parts = list(line.schedule.all())
    if not parts:
        return formats.short_day(line.requested_date)
    single = len(parts) == 1
    drawn = [Part(part.qty, _look(part, line), _part_words(part, single)) for part in parts]
    return Promise(
        drawn, _source(parts[-1]), Why(_("When line %(no)s comes") % {"no": line.line_no}, _rungs(page, line, parts))
    )


def _look(part: ScheduleLine, line: PurchaseOrderLine) -> str:
    day = part.arrival_date or part.date
    if part.received_qty >= part.qty:
        return "done"
    if day < clock.today():
        return "bad"
    return "need" if day > line.requested_date else "go"


def _part_words(part: ScheduleLine, single: bool) -> str:
    if part.received_qty >= part.qty:
        return _("%(qty)s received") % {"qty": formats.qty(part.qty)}
    day = formats.short_day(part.arrival_date or part.date)
    return day if single else _("%(qty)s on %(when)s") % {"qty": formats.qty(part.qty), "when": day}


def _source(part: ScheduleLine) -> str:
    if part.received_qty >= part.qty:
        return ""
    if part.shipped_qty > part.received_qty:
        return _("on its way")
    return _("confirmed by the supplier") if part.confirmed else _("ordered, not confirmed")


def _rungs(page: OrderPage, line: PurchaseOrderLine, parts: Sequence[ScheduleLine]) -> list[Rung]:
    wanted = f"{formats.qty(line.wanted_qty)} · {formats.short_day(line.requested_date)}"
    rungs = [Rung(_("Wanted"), wanted)]
    for part in parts:
        note = " · ".join(word for word in (_source(part), part.reason) if word)
        if part.arrival_date and part.arrival_date != part.date:
            note += " · " + _("agreed for %(day)s") % {"day": formats.short_day(part.date)}
        rungs.append(Rung(_part_words(part, False), "", "+", note, signal=_look(part, line) in {"need", "bad"}))
    for peg in page.pegs.get(line.pk, ()):
        label = _("%(customer)s, line %(line)s") % {"customer": peg.party_name, "line": peg.line_no}
        value = f"{formats.qty(peg.qty)} · {formats.short_day(peg.promise_date)}"
        rungs.append(Rung(label, value, "", peg.ref_number, document_address(peg.ref_type, peg.ref_number)))
    return rungs


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
    if actor.may("purchasing.order.unapprove"):
        more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return primary, others, secondary, more


def _list_crumb(page: OrderPage, kit: Any) -> Crumb:
    if page.subcontract:
        return Crumb(_("Subcontract orders"), reverse("staff:subcontract_list"))
    return Crumb(_("Purchase orders"), kit.list_url)


def sheet_of(request: HttpRequest, page: OrderPage, kit: Any, error: Any = None) -> DocumentSheet:
    """The page of the order for this reader."""
    actor, order = page.standing.reader(request.actor), page.order  # type: ignore[attr-defined]
    prices = actor.may(PRICES)
    return DocumentSheet(
        number=order.number,
        title=_("Subcontract order") if page.subcontract else _("Purchase order"),
        chips=chips_of(page),
        crumbs=[Crumb(_("Purchasing")), _list_crumb(page, kit)],
        print_url=kit.url("print", order),
        banner=banner_of(page),
        facts=facts_of(page, actor),
        columns=columns_of(prices),
        lines=[line_of(page, line, actor) for line in page.lines],
        totals=sums(order, page.lines, actor),
        remark=order.remark,
        amount_in_words=order.gross_amount if prices else None,
        error=error,
        **steps(page, actor, kit),
        **rail_of(
            request,
            order,
            partner="supplier",
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
