"""Serial numbers: the list of pieces, a piece with its history, and the page that names those of a document."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from backend.inventory.models import Serial
from backend.inventory.selectors.pieces import (
    all_pieces,
    moved_pieces,
    numbers_by_item,
    pieces_of,
    state_of,
    trace_piece,
)
from backend.inventory.services import naming
from backend.kernel.document import Document
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.sales.selectors.orders import require_in_reach
from portals.staff.inventory.tables import _warehouses
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import LINE_ITEM
from portals.staff.shared.labels import PIECES, LabelledList, label_action
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Crumb, Empty, Fact
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, FlagFilter, Preset, TextFilter
from portals.ui.navigation import document_address
from portals.ui.serials import rows_of, typed_numbers

VIEW = "inventory.stock.view"


def where_of(piece: Serial) -> str:
    """The warehouse where a piece lies, or the partner it went to."""
    if piece.warehouse is not None:
        return f"{piece.warehouse} · {piece.bin}" if piece.bin else str(piece.warehouse)
    party = piece.last_move.party if piece.last_move else None
    return party.name if party else "–"


def kept_for(piece: Serial) -> str:
    """The order that a piece is kept for."""
    return str(getattr(piece, "hold", ""))


class SerialList(LabelledList):
    key = "inventory.serial"
    label_kind = PIECES
    title = gettext_lazy("Serial numbers")
    permission = VIEW
    export_permission = "inventory.stock.export"
    columns = (
        Column("serial_no", gettext_lazy("Serial number"), sort=True),
        LINE_ITEM,
        Column("state", gettext_lazy("State"), "chip", axis="serial", value=state_of),
        Column("where", gettext_lazy("Where it is"), value=where_of, strong=True),
        Column(
            "document",
            gettext_lazy("Last document"),
            value="last_move.doc_number",
            url=lambda row: document_address(row.last_move.doc_type, row.last_move.doc_number) if row.last_move else "",
        ),
        Column("kept", gettext_lazy("Kept for"), value=kept_for, phone="hide"),
        Column("since", gettext_lazy("Since"), "date", value="last_move.move_date", sort="last_move__move_date"),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("serial_no", "item__name", "item__code", "item__mnemonic", "last_move__party__name"),
        ),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        FlagFilter("kept", gettext_lazy("Kept for an order"), when=Q(hold__isnull=False)),
        FlagFilter("some", gettext_lazy("In stock"), when=Q(warehouse__isnull=False)),
        FlagFilter(
            "sold",
            gettext_lazy("At customers"),
            when=Q(warehouse__isnull=True, last_move__kind="sales_delivery"),
        ),
    )
    presets = (
        Preset("some", gettext_lazy("In stock"), "some=1"),
        Preset("sold", gettext_lazy("At customers"), "sold=1"),
    )
    default_sort = ("serial_no",)

    def rows(self) -> QuerySet[Serial]:
        return all_pieces()

    def row_url(self, row: Any) -> str:
        return reverse("staff:serial_detail", kwargs={"pk": row.pk})

    def empty(self) -> Empty:
        text = _("Turn on serial numbers for an item: every piece that comes in is then known by its own number.")
        return Empty(_("No serial numbers yet"), text, ())


@staff_view(VIEW)
def serial_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where a piece is, who delivered it, who has it and since when."""
    trace = trace_piece(pk)
    if trace is None:
        raise NotFoundRefused(_("There is no such serial number."), value=pk)
    piece, came, sold = trace.piece, trace.came, trace.sold
    facts = [
        Fact(
            _("Item"),
            piece.item.name,
            f"{piece.item.code} {piece.item.spec}",
            reverse("staff:item_detail", kwargs={"pk": piece.item_id}),
        ),
        Fact(_("Where it is"), where_of(piece), formats.day(piece.last_move.move_date) if piece.last_move else ""),
        Fact(
            _("Supplier"),
            came.party.name if came and came.party else "–",
            came.doc_number if came else "",
            document_address(came.doc_type, came.doc_number) if came else "",
        ),
        Fact(
            _("Customer"),
            sold.party.name if sold and sold.party else "–",
            sold.doc_number if sold else "",
            document_address(sold.doc_type, sold.doc_number) if sold else "",
        ),
        *_kept_for(piece),
        Fact(_("Warranty from"), formats.day(trace.warranty_from) if trace.warranty_from else "–", numeric=True),
    ]
    context = {
        "piece": piece,
        "chips": [chip("serial", trace.state)],
        "actions": [label_action("serial_labels", pk)],
        "facts": facts,
        "steps": [(step, document_address(step.doc_type, step.doc_number)) for step in trace.steps],
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Serial numbers"), reverse("staff:serial_list"))],
    }
    return render(request, "staff/inventory/serial.html", context)


@staff_view(VIEW)
def serial_label(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The label for a piece."""
    piece = all_pieces().filter(pk=pk).first()
    if piece is None:
        raise NotFoundRefused(_("There is no such serial number."), value=pk)
    return PIECES.print(request, [piece], piece.serial_no)


def _kept_for(piece: Serial) -> list[Fact]:
    kept = getattr(piece, "hold", None)
    return [Fact(_("Kept for"), kept.doc_number, "", document_address(kept.doc_type, kept.doc_number))] if kept else []


# --- naming ----------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@staff_view()
def serial_entry(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    """The pieces of a document: named while it is open, shown once it is booked."""
    document = naming.find_document(doc_type, pk)
    paper, actor = naming.PAPERS[doc_type], request.actor  # type: ignore[attr-defined]
    actor.require(paper.edit if request.method == "POST" else paper.view)
    require_in_reach(document, actor)
    lines, error, status = naming.serial_lines(document), None, 200
    back = document_address(doc_type, document.number)
    if request.method == "POST":
        try:
            named = naming.name_serials(
                document=document, numbers=typed_numbers(request, lines), **who_and_when(request)
            )
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            count = sum(len(line.numbers) for line in named)
            messages.success(
                request,
                ngettext("%(count)s serial number is noted.", "%(count)s serial numbers are noted.", count)
                % {"count": count},
            )
            return HttpResponseRedirect(back)
    context = {
        "document": document,
        "rows": rows_of(request, lines),
        "moved": _moved(document, lines),
        "open": naming.may_be_named(document) and actor.may(paper.edit),
        "counting": doc_type == "inventory.count",
        "back": back,
        "error": error,
        "crumbs": [Crumb(document.number, back)],
    }
    return render(request, "staff/inventory/serial_entry.html", context, status=status)


def _moved(document: Document, lines: Sequence[naming.SerialLine]) -> list[tuple[Any, Any]]:
    """(item, its pieces) that a booked document moved."""
    if naming.may_be_named(document) or not naming.PAPERS[document.DOC_TYPE].bins:  # what it keeps or carries is named
        return []
    by_item = numbers_by_item(moved_pieces(document))
    return [(item, by_item.get(item.pk, [])) for item in {line.item.pk: line.item for line in lines}.values()]


@staff_view()
def serial_sheet(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    """Labels for all pieces of a document: what just came gets its numbers."""
    document, actor = naming.find_document(doc_type, pk), request.actor  # type: ignore[attr-defined]
    actor.require(naming.PAPERS[doc_type].view)
    require_in_reach(document, actor)
    return PIECES.print(request, pieces_of(document), document.number)


urlpatterns = [
    path("serials/", SerialList.as_view(), name="serial_list"),
    path("serials/<uuid:pk>/", serial_detail, name="serial_detail"),
    path("serials/<uuid:pk>/labels/", serial_label, name="serial_labels"),
    path("serials/of/<str:doc_type>/<uuid:pk>/", serial_entry, name="serial_entry"),
    path("serials/of/<str:doc_type>/<uuid:pk>/labels/", serial_sheet, name="serial_sheet"),
]
