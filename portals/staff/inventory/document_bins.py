"""The bins of a document: named for its lines on a page of their own, and the pick list on paper."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backend.inventory.models import LineBin
from backend.inventory.selectors.bins import stops_of
from backend.inventory.selectors.labels import read_labels
from backend.inventory.services import bins, naming
from backend.kernel import tenancy
from backend.kernel.errors import Refusal, ValidationRefused
from portals.staff.sales.prints import printed
from portals.staff.shared.acting import who_and_when
from portals.ui import formats
from portals.ui.components import Crumb
from portals.ui.documents import Cell, Line, LineColumn
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address
from portals.ui.printing import PrintSheet, lines_for_print


@staff_view()
def bin_print(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    """The pick list on paper."""
    document: Any = naming.find_moving(doc_type, pk)
    paper = naming.PAPERS[doc_type]
    request.actor.require(paper.view)  # type: ignore[attr-defined]
    return printed(request, document.number, lambda: _pick_sheet(request, document, paper))


def _pick_sheet(request: HttpRequest, document: Any, paper: naming.Paper) -> PrintSheet:
    columns = [
        LineColumn("bin", _("Bin"), strong=True),
        LineColumn("item", _("Item")),
        LineColumn("lot", _("Lot")),
        LineColumn("qty", _("Quantity"), "qty"),
    ]
    drawn = [Line(no, _cells(stop)) for no, stop in enumerate(stops_of(document), start=1)]
    heads, rows = lines_for_print(columns, drawn, ())
    return PrintSheet(
        title=_("Pick list") if paper.way == naming.OUT else _("Put-away list"),
        number=document.number,
        company=str(tenancy.current().name),
        facts=[(_("Date"), formats.day(document.doc_date))],
        columns=heads,
        rows=rows,
        signatures=[(_("Warehouse keeper"), "")],
        link=request.build_absolute_uri(request.path.removesuffix("print/")),
    )


def _cells(stop: Any) -> Mapping[str, Any]:
    zone = f"{stop.bin.code} · {stop.bin.zone}" if stop.bin.zone else stop.bin.code
    qty = Cell(stop.qty, unit=stop.item.unit)
    return {"bin": zone, "item": f"{stop.item.code} {stop.item.name}", "lot": stop.lot_no or "–", "qty": qty}


def _typed_bins(request: HttpRequest, document: Any) -> dict[UUID, list[bins.NamedBin]]:
    """``A-01 3, B-02 2`` of each line; a code alone takes the whole line."""
    found: dict[UUID, list[bins.NamedBin]] = {}
    problems: list[Refusal] = []
    for line in document.lines.order_by("line_no"):
        text = request.POST.get(f"b-{line.pk}")
        if text is None:
            continue
        text = read_labels(text)
        found[line.pk] = []
        for part in text.replace("，", ",").replace("\n", ",").split(","):
            words = part.split()
            if not words:
                continue
            qty = _decimal(words[1]) if len(words) == 2 else line.qty if len(words) == 1 else None
            if qty is None:
                text_of = _("Line %(line)s: “%(text)s” is no bin with a quantity.")
                problems.append(
                    ValidationRefused(text_of % {"line": line.line_no, "text": part.strip()[:40]}, line=line.line_no)
                )
                continue
            found[line.pk].append(bins.NamedBin(words[0], qty))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    return found


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return round(number, 4) if number.is_finite() and 0 < number < 10**12 else None


def _named_rows(request: HttpRequest, document: Any) -> list[dict[str, Any]]:
    named: dict[UUID, list[str]] = {}
    for row in LineBin.objects.filter(doc_id=document.pk).select_related("bin").order_by("bin__sequence", "bin__code"):
        named.setdefault(row.line_id, []).append(f"{row.bin.code} {formats.plain(row.qty)}")
    lines = document.lines.select_related("item__unit").order_by("line_no")
    return [
        {"line": line, "text": request.POST.get(f"b-{line.pk}", ", ".join(named.get(line.pk, ())))} for line in lines
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_view()
def bin_entry(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    """Where a document's goods go to, or come from in the order people walk; other bins can be named while it is open."""
    document: Any = naming.find_moving(doc_type, pk)
    paper, actor = naming.PAPERS[doc_type], request.actor  # type: ignore[attr-defined]
    actor.require(paper.edit if request.method == "POST" else paper.view)
    error, status = None, 200
    if request.method == "POST":
        try:
            bins.name_bins(document=document, bins=_typed_bins(request, document), **who_and_when(request))
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _("The bins are noted."))
            return HttpResponseRedirect(request.path)
    back = document_address(doc_type, document.number)
    can_name = naming.may_be_named(document) and actor.may(paper.edit) and "qty" in paper.quantities
    context = {
        "document": document,
        "stops": stops_of(document),
        "rows": _named_rows(request, document) if can_name else (),
        "picking": paper.way == naming.OUT,
        "print_url": reverse("staff:bin_print", kwargs={"doc_type": doc_type, "pk": pk}),
        "back": back,
        "error": error,
        "crumbs": [Crumb(document.number, back)],
    }
    return render(request, "staff/inventory/bin_entry.html", context, status=status)
