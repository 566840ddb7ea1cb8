"""Lines of a purchase order as its page draws them: quantity, price and where it comes from, how far it is, its days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backend.kernel import clock
from backend.kernel.document import Approval, Closing
from backend.kernel.money import ZERO
from backend.purchasing.models import LineState, PurchaseOrderLine, ScheduleLine
from backend.purchasing.services.prices import tolerance
from portals.staff.purchasing.order_reading import OrderPage
from portals.staff.purchasing.paid import price_why, price_words
from portals.staff.purchasing.words import item_cell
from portals.staff.shared.words import price_source
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Part, Promise, Rung, Why
from portals.ui.counted import price_cell, qty_cell
from portals.ui.documents import Cell, Line, LineColumn
from portals.ui.navigation import document_address


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
    way = [_("%(qty)s on the way") % {"qty": formats.qty(on_way)}] if on_way else []
    if line.ahead_qty:
        way.append(_("%(qty)s invoiced, not here") % {"qty": formats.qty(line.ahead_qty)})
    cells = {
        "item": item_cell(line, actor),
        "qty": qty_cell(line, *notes),
        "price": _price(page, line),
        "gross": line.gross_amount,
        "received": Cell(line.received_qty or None, " · ".join(way)),
        "state": chip("confirmation", line.state) if _answered(page, line) else "–",
        "schedule": _schedule(page, line),
    }
    return Line(line.line_no, cells)


def _answered(page: OrderPage, line: PurchaseOrderLine) -> bool:
    """Whether the supplier's answer says anything: nobody waits for one to a closed order."""
    waits = line.state == LineState.OPEN
    return page.order.is_approved and not (waits and page.order.closing != Closing.OPEN)


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
    if not _expected(page, line):
        return "–"
    parts = list(line.schedule.all())
    if not parts:
        return formats.short_day(line.requested_date)
    drawn = _drawn(line, parts)
    return Promise(
        drawn, _source(parts[-1]), Why(_("When line %(no)s comes") % {"no": line.line_no}, _rungs(page, line, parts))
    )


def _expected(page: OrderPage, line: PurchaseOrderLine) -> bool:
    """Whether goods of the line come, or came: not of a rejected line, nor of what is closed without any or void."""
    if line.received_qty:
        return True
    stopped = page.order.approval == Approval.VOIDED or page.order.closing != Closing.OPEN
    return not stopped and line.state != LineState.REJECTED


def _drawn(line: PurchaseOrderLine, parts: Sequence[ScheduleLine]) -> list[Part]:
    """The parts by their days; those that come on one day are one."""
    together: dict[tuple[str, date | None], Decimal] = {}
    for part in sorted(parts, key=lambda part: (part.received_qty < part.qty, _day(part))):
        look = _look(part, line)
        key = (look, None if look == "done" else _day(part))
        together[key] = together.get(key, ZERO) + part.qty
    single = len(together) == 1
    return [Part(qty, look, _part_words(qty, day, single)) for (look, day), qty in together.items()]


def _day(part: ScheduleLine) -> date:
    return part.arrival_date or part.date


def _look(part: ScheduleLine, line: PurchaseOrderLine) -> str:
    day = _day(part)
    if part.received_qty >= part.qty:
        return "done"
    if day < clock.today():
        return "bad"
    return "need" if day > line.requested_date else "go"


def _part_words(qty: Decimal, day: date | None, single: bool) -> str:
    """``day`` None: it is here."""
    if day is None:
        return _("%(qty)s received") % {"qty": formats.qty(qty)}
    when = formats.short_day(day)
    return when if single else _("%(qty)s on %(when)s") % {"qty": formats.qty(qty), "when": when}


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
        day = None if part.received_qty >= part.qty else _day(part)
        rungs.append(
            Rung(_part_words(part.qty, day, False), "", "+", note, signal=_look(part, line) in {"need", "bad"})
        )
    for peg in page.pegs.get(line.pk, ()):
        label = _("%(customer)s, line %(line)s") % {"customer": peg.party_name, "line": peg.line_no}
        value = f"{formats.qty(peg.qty)} · {formats.short_day(peg.promise_date)}"
        rungs.append(Rung(label, value, "", peg.ref_number, document_address(peg.ref_type, peg.ref_number)))
    return rungs
