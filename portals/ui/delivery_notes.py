"""The paper that goes with a supplier's shipment: the supplier's own letterhead, and no prices, since drivers carry it.

Its QR code is the shipping notice's, so that the warehouse receives the goods by scanning the paper as well as a label.
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portals.ui import formats
from portals.ui.documents import Cell, Line, LineColumn
from portals.ui.printing import PrintSheet, PrintTotal, lines_for_print


def delivery_note(notice: Any, buyer: str, address: str) -> PrintSheet:
    """The paper of a shipping notice to ``buyer``; a scan opens ``address``."""
    lines = list(notice.lines.all())
    heads, rows = lines_for_print(_columns(lines), [_line_of(line) for line in lines])
    return PrintSheet(
        title=_("Delivery note"),
        number=notice.number,
        company=notice.supplier.name,
        company_lines=[notice.supplier.phone, notice.supplier.email],
        party_label=_("Deliver to"),
        party=buyer,
        party_lines=[str(notice.warehouse)],
        facts=[
            (_("Date"), formats.day(notice.shipped_at)),
            (_("Arrives on"), formats.day(notice.expected_date)),
            (_("Carrier"), f"{notice.carrier_name} {notice.tracking_no}".strip()),
        ],
        columns=heads,
        rows=rows,
        totals=[PrintTotal(_("Packages"), str(notice.packages), True)],
        remark=notice.remark,
        signatures=[(_("Delivered by"), ""), (_("Received by"), ""), (pgettext("delivery note", "Date"), "")],
        link=address,
    )


def _columns(lines: list[Any]) -> list[LineColumn]:
    """Only what some line has."""
    found = [LineColumn("item", _("Item"), "item"), LineColumn("order", _("Purchase order"))]
    if any(line.lot_no for line in lines):
        found.append(LineColumn("lot", _("Lot")))
    if any(line.expiry_date for line in lines):
        found.append(LineColumn("expiry", _("Expires"), "date"))
    if any(line.packages for line in lines):
        found.append(LineColumn("packages", _("Packages"), "number"))
    return [*found, LineColumn("qty", _("Quantity"), "qty"), LineColumn("came", pgettext("delivery note", "Received"))]


def _line_of(line: Any) -> Line:
    cells = {
        "item": Cell(line.item.name, f"{line.item.code} {line.item.spec}".strip()),
        "order": line.order_number,
        "lot": line.lot_no,
        "expiry": line.expiry_date,
        "packages": line.packages or None,
        "qty": Cell(line.qty, unit=line.item.unit),
    }
    return Line(line.line_no, cells)
