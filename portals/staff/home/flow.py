"""The business flow map and the to-do matrix of the home page, drawn from the live counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation import pgettext as _p

from portals.staff import figures
from portals.ui import formats, navigation
from portals.ui.components import Count, FlowNode, FlowNote, Part, TodoRow

Read = Callable[[str], Any]


def _note(number: Any, words: Any, *, act: bool = False) -> FlowNote:
    return FlowNote(words, number, signal=bool(act and number), number_first=True)


def _parts(read: Read, done: str, go: str, need: str, bad: str) -> list[Part]:
    pairs = ((done, "done"), (go, "go"), (need, "need"), (bad, "bad"))
    return [Part(read(name), look) for name, look in pairs if name]


def _orders(read: Read) -> dict[str, Any]:
    return {
        "value": read("open"),
        "unit": _p("orders", "open"),
        "parts": _parts(read, "done", "open", "submitted", "late"),
        "notes": [
            _note(read("submitted"), _("to approve"), act=True),
            _note(read("held"), _("on credit hold"), act=True),
        ],
        "hot": bool(read("submitted") or read("late")),
    }


def _stock(read: Read) -> dict[str, Any]:
    return {
        "value": read("free"),
        "unit": ngettext("item available", "items available", read("free")),
        "parts": _parts(read, "free", "taken", "short_lines", ""),
        "notes": [
            _note(read("reserved_lines"), ngettext("line reserved", "lines reserved", read("reserved_lines"))),
            _note(read("short_lines"), ngettext("line short", "lines short", read("short_lines")), act=True),
        ],
        "hot": bool(read("short_lines")),
    }


def _plans(read: Read) -> dict[str, Any]:
    return {
        "value": read("live"),
        "unit": ngettext("suggestion", "suggestions", read("live")),
        "parts": [Part(read("live"), "need"), Part(read("snoozed"), "rest")],
        "notes": [_note(read("ready"), _("ready to order"), act=True), _note(read("snoozed"), _("snoozed"))],
        "hot": bool(read("live")),
    }


def _purchases(read: Read) -> dict[str, Any]:
    return {
        "value": read("open"),
        "unit": _p("orders", "open"),
        "parts": _parts(read, "confirmed", "unconfirmed", "proposed", "late"),
        "notes": [_note(read("unconfirmed"), _("not confirmed")), _note(read("late"), _("late"), act=True)],
        "hot": bool(read("proposed") or read("late") or read("submitted")),
    }


def _arrivals(read: Read) -> dict[str, Any]:
    return {
        "value": read("open"),
        "unit": _("on the way"),
        "parts": [Part(read("arrived"), "done"), Part(read("today"), "go"), Part(read("late"), "bad")],
        "notes": [_note(read("today"), _("due today")), _note(read("arrived"), _("to receive"), act=True)],
        "hot": bool(read("arrived") or read("late")),
    }


def _shipments(read: Read) -> dict[str, Any]:
    return {
        "value": read("today"),
        "unit": _("today"),
        "parts": [Part(read("signed_today"), "done"), Part(read("under_way"), "go"), Part(read("late"), "bad")],
        "notes": [_note(read("signed_today"), _("signed for today")), _note(read("under_way"), _("under way"))],
        "hot": bool(read("submitted") or read("late")),
    }


def _invoices(read: Read) -> dict[str, Any]:
    return {
        "value": read("to_invoice"),
        "unit": _("to invoice"),
        "parts": [Part(read("to_invoice"), "go")],
        "notes": [FlowNote(_("Worth"), formats.whole_money(read("to_invoice_amount")))],
    }


def _money(read: Read) -> dict[str, Any]:
    return {
        "value": formats.whole_money(read("amount")),
        "unit": _("receivable"),
        "parts": [Part(float(read("amount")) - float(read("late_amount")), "done"), Part(read("late_amount"), "bad")],
        "notes": [
            _note(
                read("late_parties"), ngettext("customer overdue", "customers overdue", read("late_parties")), act=True
            ),
            *([FlowNote("", formats.whole_money(read("late_amount")))] if read("late_parties") else []),
        ],
        "hot": bool(read("late_parties")),
    }


@dataclass(frozen=True)
class _Station:
    label: Any
    icon: str
    kind: str
    url_name: str
    draw: Callable[[Read], dict[str, Any]]
    priced: bool = False


_STATIONS = (
    _Station(gettext_lazy("Orders"), "shopping-cart", "sales.order", "staff:sales_order_list", _orders),
    _Station(gettext_lazy("Stock"), "stack", "inventory.stock", "staff:stock_list", _stock),
    _Station(gettext_lazy("Planning"), "calendar-time", "purchasing.suggestion", "staff:suggestion_list", _plans),
    _Station(gettext_lazy("Purchases"), "truck-loading", "purchasing.order", "staff:purchase_order_list", _purchases),
    _Station(gettext_lazy("Arrivals"), "package-import", "purchasing.asn", "staff:asn_list", _arrivals),
    _Station(gettext_lazy("Shipping"), "truck", "sales.delivery", "staff:sales_delivery_list", _shipments),
    _Station(
        gettext_lazy("Invoicing"), "file-invoice", "sales.delivery", "staff:sales_invoice_list", _invoices, priced=True
    ),
    _Station(gettext_lazy("Collection"), "cash-banknote", "receivable", "staff:receipt_list", _money, priced=True),
)


def flow_nodes(request: HttpRequest, found: figures.Figures) -> list[FlowNode]:
    """The stations this member may look into, in the order of the business."""
    nodes = []
    for station in _STATIONS:
        url = navigation.address(request, station.url_name)
        if not url or station.kind not in found:
            continue
        if station.priced and not navigation.may(request, "catalog.price.view"):
            continue
        drawn = station.draw(partial(figures.of, found, station.kind))
        nodes.append(FlowNode(label=station.label, icon=station.icon, url=url, **drawn))
    return nodes


TODO_COLUMNS = (
    gettext_lazy("Draft"),
    gettext_lazy("To approve"),
    gettext_lazy("Next step"),
    gettext_lazy("Overdue"),
)


@dataclass(frozen=True)
class _Row:
    """A row of the matrix; each cell is (figure, query of the list)."""

    label: Any
    icon: str
    kind: str
    url_name: str
    next_step: tuple[str, str] = ("", "")
    late: tuple[str, str] = ("", "")


_ROWS = (
    _Row(
        gettext_lazy("Quotations"),
        "file-text",
        "sales.quote",
        "staff:sales_quote_list",
        ("accepted", "state=accepted"),
        ("expired", "expired=1"),
    ),
    _Row(
        gettext_lazy("Sales orders"),
        "shopping-cart",
        "sales.order",
        "staff:sales_order_list",
        ("to_ship", "ready=1"),
        ("late", "late=1"),
    ),
    _Row(
        gettext_lazy("Deliveries"),
        "truck",
        "sales.delivery",
        "staff:sales_delivery_list",
        ("to_invoice", "invoiced=none,partial&approval=approved"),
        ("late", "late=1"),
    ),
    _Row(
        gettext_lazy("Sales invoices"),
        "file-invoice",
        "invoicing.sales_invoice",
        "staff:sales_invoice_list",
        ("open", "settled=none,partial&approval=approved"),
        ("late", "late=1"),
    ),
    _Row(
        gettext_lazy("Purchase orders"),
        "truck-loading",
        "purchasing.order",
        "staff:purchase_order_list",
        ("proposed", "proposed=1"),
        ("late", "late=1"),
    ),
    _Row(
        gettext_lazy("Receipts of goods"),
        "package-import",
        "purchasing.receipt",
        "staff:purchase_receipt_list",
        ("to_invoice", "invoiced=none,partial&approval=approved"),
    ),
    _Row(
        gettext_lazy("Purchase invoices"),
        "receipt",
        "invoicing.purchase_invoice",
        "staff:purchase_invoice_list",
        ("open", "settled=none,partial&approval=approved"),
        ("late", "late=1"),
    ),
    _Row(gettext_lazy("Receipts"), "cash-banknote", "invoicing.receipt", "staff:receipt_list", ("open", "unmatched=1")),
    _Row(gettext_lazy("Payments"), "report-money", "invoicing.payment", "staff:payment_list", ("open", "unmatched=1")),
)


def _cell(number: Any, url: str, query: str, look: str = "") -> Count:
    return Count(int(number or 0), f"{url}?{query}" if query else url, look)


def todo_rows(request: HttpRequest, found: figures.Figures) -> list[TodoRow]:
    """Document × state; approvals are amber only for those who may approve."""
    rows = []
    for row in _ROWS:
        url = navigation.address(request, row.url_name)
        if not url or row.kind not in found:
            continue
        may_approve = navigation.may(request, f"{row.kind}.approve")
        read = found[row.kind]
        cells: Sequence[Count] = (
            _cell(read.get("draft"), url, "approval=draft,rejected"),
            _cell(read.get("submitted"), url, urlencode({"approval": "submitted"}), "need" if may_approve else ""),
            _cell(read.get(row.next_step[0]), url, row.next_step[1]),
            _cell(read.get(row.late[0]), url, row.late[1], "bad"),
        )
        rows.append(TodoRow(row.label, row.icon, cells))
    return rows


def waiting_for(request: HttpRequest, found: figures.Figures) -> int:
    """How many documents wait for this member's approval, with their own tasks."""
    mine = int(figures.of(found, "task", "open"))
    for row in _ROWS:
        if navigation.may(request, f"{row.kind}.approve"):
            mine += int(figures.of(found, row.kind, "submitted"))
    return mine
