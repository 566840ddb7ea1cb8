"""Shipping notices on the pages of the staff: what is on its way, where it is, and receiving it."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.kernel.errors import ValidationRefused
from backend.purchasing.models import Asn, AsnState, PurchaseReceipt
from backend.purchasing.selectors import asns as asn_reads
from backend.purchasing.services import asn_way, asns, receipts
from portals.staff.purchasing.asn_counts import counted_by_line, counting_rows, damaged_by_line
from portals.staff.purchasing.receipt_views import EDIT, RECEIPT
from portals.staff.purchasing.words import item_cell, supplier_fact
from portals.staff.sales.entry import day_of
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.dialogs import Ask, Dialog, typed
from portals.staff.shared.kit import Kit
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Crumb, Fact
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address

ON_WAY = asn_reads.ON_ITS_WAY


def draw_asn(request: HttpRequest, notice: Asn, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    receivable = notice.state in ON_WAY and actor.may(EDIT) and actor.may("purchasing.receipt.approve")
    primary, more = None, []
    if receivable:
        primary = ASN.post(_("Receive as announced"), "receiving", notice, "package-import", "primary")
    if notice.state in {AsnState.SUBMITTED, AsnState.IN_TRANSIT} and actor.may(EDIT):
        more.append(Action(_("Another day of arrival…"), icon="calendar-time", dialog="move"))
        more.append(ASN.post(_("It has arrived"), "arrival", notice, "map-pin"))
    if notice.state == AsnState.RECEIVED and actor.may(EDIT):
        primary = ASN.post(
            _("Settled, close"), "closing", notice, "check", "" if notice.outcome == "match" else "primary"
        )
    if notice.state in ON_WAY and actor.may("purchasing.asn.edit"):
        more.append(Action(_("Withdraw…"), icon="ban", dialog="withdraw", look="danger"))
    more.append(Action(_("Labels"), ASN.url("labels", notice), icon="qrcode", new_tab=True))
    more.append(Action(_("Print the delivery note"), ASN.url("print", notice), icon="printer", new_tab=True))
    sheet = DocumentSheet(
        number=notice.number,
        title=_("Shipping notice"),
        chips=[chip("asn", notice.state), *([chip("asn_outcome", notice.outcome)] if notice.outcome else [])],
        crumbs=[Crumb(_("Purchasing")), Crumb(_("Shipping notices"), ASN.list_url)],
        primary=primary,
        secondary=[Action(_("Count and receive"), "#count", icon="list-check")] if receivable else [],
        more=more,
        facts=[
            supplier_fact(notice.supplier, actor),
            Fact(_("Shipped"), formats.moment(notice.shipped_at), notice.created_by_name, numeric=True),
            Fact(_("Expected"), formats.day(notice.expected_date), str(notice.warehouse), numeric=True),
            Fact(_("Carrier"), notice.carrier_name or "–", notice.tracking_no),
            Fact(_("Packages"), formats.qty(Decimal(notice.packages)), numeric=True),
        ],
        columns=[
            LineColumn("item", _("Item"), "item"),
            LineColumn("order", _("Purchase order")),
            LineColumn("qty", _("Announced"), "qty", strong=True),
            LineColumn("received", _("Received"), "qty"),
            LineColumn("lot", _("Lot")),
            LineColumn("expiry", _("Expires"), "date"),
        ],
        lines=[_asn_line(line, actor) for line in notice.lines.all()],
        remark=notice.remark,
        error=error,
        **rail_of(
            request,
            notice,
            partner="supplier",
            voucher_note=_("made when the goods are booked"),
            verbs={"submit": _("announced it")},
        ),
    )
    title, button = _("Withdraw the notice"), _("Withdraw")
    dialogs = [ASN.ask(request, "withdraw", title, "withdrawal", notice, button, required=False, danger=True)]
    if notice.state in ON_WAY:
        dialogs.append(_move_dialog(request, notice))
    extra = {"notice": notice, "dialogs": dialogs, "receivable": receivable, "counted": counting_rows(request, notice)}
    return draw(request, sheet, template="staff/purchasing/asn.html", **extra)


ASN = Kit("asn", "asn_id", asn_reads.asn_for, draw_asn)


def _move_dialog(request: HttpRequest, notice: Asn) -> Dialog:
    asks = (
        Ask(
            "expected_date", _("Arrives on"), "date", typed(request, "expected_date", notice.expected_date.isoformat())
        ),
        Ask("reason", _("Reason"), "text", typed(request, "reason"), required=False, most=200),
    )
    words = _("What waits for the goods moves with them.")
    return Dialog("move", _("Another day of arrival"), ASN.url("move", notice), _("Keep"), asks, words)


def _asn_line(line: Any, actor: Any) -> Line:
    may = actor.may("purchasing.order.view")
    url = document_address("purchasing.order", line.order_number) if may else ""
    cells = {
        "item": item_cell(line, actor),
        "order": Cell(line.order_number, url=url),
        "qty": Cell(line.qty, unit=line.item.unit),
        "received": Cell(line.received_qty or None, _damaged(line)),
        "lot": line.lot_no or "–",
        "expiry": line.expiry_date,
    }
    return Line(line.line_no, cells)


def _damaged(line: Any) -> str:
    return _("%(qty)s damaged") % {"qty": formats.qty(line.damaged_qty)} if line.damaged_qty else ""


@require_POST
@staff_view("purchasing.receipt.approve")
def asn_receive(request: HttpRequest, number: str) -> HttpResponse:
    """Receive the notice, as announced or as counted: stock, lots and voucher in one step."""

    def receive(notice: Asn) -> PurchaseReceipt:
        note_no = request.POST.get("supplier_note_no", "").strip()[:60]
        return receipts.receive_asn(
            asn_id=notice.pk,
            **counted_by_line(request, notice),
            damaged=damaged_by_line(request, notice),
            supplier_note_no=note_no,
            **who_and_when(request),
        )

    done = lambda made: _("%(number)s is booked: the goods are in stock.") % {"number": made.number}  # noqa: E731
    return ASN.run(request, number, receive, done, lambda made: RECEIPT.url("detail", made))


asn_detail = ASN.detail("purchasing.asn.view")


asn_arrive = ASN.step(EDIT, receipts.arrive_asn, gettext_lazy("It stands at the gate; count it next."))


asn_close = ASN.step(EDIT, asn_way.close_asn, gettext_lazy("Settled and closed."))


@require_POST
@staff_view(EDIT)
def asn_move(request: HttpRequest, number: str) -> HttpResponse:
    """The goods arrive on another day; every promise that hangs on them moves."""

    def move(notice: Asn) -> Asn:
        day = day_of(request.POST.get("expected_date", ""))
        if day is None:
            raise ValidationRefused(_("This is not a date."), field="expected_date")
        reason = request.POST.get("reason", "").strip()[:200]
        return asn_way.move_asn(asn_id=notice.pk, expected_date=day, reason=reason, **who_and_when(request))

    return ASN.run(request, number, move, _("Kept: what waits for the goods has moved with them."))


asn_withdraw = ASN.step(
    "purchasing.asn.edit", asns.withdraw_asn, gettext_lazy("Withdrawn: it is expected again."), reason=True
)
