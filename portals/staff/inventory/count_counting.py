"""Counting, on a phone or a desk: what lies there, line by line, and goods that are on no list."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from backend.catalog.models import Item
from backend.inventory.models import Lot, Serial, StockCount, StockCountLine
from backend.inventory.selectors.bins import has_bins
from backend.inventory.selectors.labels import read_labels
from backend.inventory.services import counting
from backend.inventory.services.inputs import CountedInput, Seen
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal, ValidationRefused
from portals.staff.inventory.count_paper import COUNTS, ENTER
from portals.staff.shared.acting import who_and_when
from portals.ui import formats
from portals.ui.components import Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view

ROWS = 50


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 12 else None


def _typed(request: HttpRequest) -> list[CountedInput]:
    """What was typed; raises a refusal naming every field that is no number."""
    found, problems = [], []
    for key, text in request.POST.items():
        if not key.startswith("qty-") or not str(text).strip():
            continue
        number = _number(str(text))
        try:
            line_id = UUID(key.removeprefix("qty-"))
        except ValueError:
            continue
        if number is None:
            words = _("“%(text)s” is not a number.") % {"text": str(text)[:20]}
            problems.append(ValidationRefused(words, field=key, value=str(text)[:20]))
        else:
            found.append(CountedInput(line_id, number, seen=_seen(request, line_id)))
    if problems:
        raise Refusal.many(problems)
    return found


def _mark(line: StockCountLine) -> str:
    """What the page says of a line, as its form sends it back."""
    return f"{line.counted_qty}@{line.counted_at.isoformat()}" if line.counted_at else "-"


def _seen(request: HttpRequest, line_id: UUID) -> Seen | None:
    """What the page that was sent said of the line; None when it does not tell."""
    text, _at, when = request.POST.get(f"seen-{line_id}", "").partition("@")
    if text == "-":
        return Seen()
    qty = _number(text)
    try:
        return None if qty is None else Seen(qty, datetime.fromisoformat(when))
    except ValueError:
        return None


def _changed(document: StockCount, typed: Sequence[CountedInput]) -> list[CountedInput]:
    """Only what differs from what the page said before: looking at a page does not count it again."""
    known = dict(StockCountLine.objects.filter(document=document).values_list("pk", "counted_qty"))
    before = {row.line_id: row.seen.qty if row.seen else known.get(row.line_id) for row in typed}
    return [row for row in typed if row.line_id not in known or before[row.line_id] != row.qty]


def _is_as_seen(typed: str, seen: Seen) -> bool:
    number = _number(typed)
    return not typed.strip() if number is None else number == seen.qty


def _shown(request: HttpRequest, line: StockCountLine) -> str:
    """What was typed over what the page said, else what was counted by now."""
    typed, seen = request.POST.get(f"qty-{line.pk}"), _seen(request, line.pk)
    if typed is not None and (seen is None or not _is_as_seen(typed, seen)):
        return typed
    return formats.plain(line.counted_qty) if line.counted_qty is not None else ""


def _counting_page(
    request: HttpRequest, document: StockCount, refusal: Refusal | None = None, **more: Any
) -> HttpResponse:
    q, show = read_labels(request.GET.get("q", "").strip()[:200])[:60], request.GET.get("show", "left")
    every = document.lines.select_related("item__unit", "lot", "bin").order_by("line_no")
    done, all_lines = counting.progress([document.pk]).get(document.pk, (0, 0))
    lines = (
        every.filter(counted_qty=None)
        if show == "left"
        else every.exclude(counted_qty=None)
        if show == "done"
        else every
    )
    if q:
        wanted = Q(item__code__iexact=q) | Q(item__barcode=q) | Q(lot__lot_no__iexact=q) | Q(bin__code__iexact=q)
        wanted |= Q(item__in=Serial.objects.filter(serial_no__in=[q, q.upper()]).values("item"))
        lines = (
            every.filter(wanted)
            if every.filter(wanted).exists()
            else every.filter(Q(item__name__icontains=q) | Q(item__mnemonic__icontains=q) | Q(item__code__icontains=q))
        )
    count = lines.count()
    pages = max(ceil(count / ROWS), 1)
    asked = request.GET.get("page", "1")
    page = min(max(int(asked) if asked.isdigit() and len(asked) < 6 else 1, 1), pages)
    wrong = {problem.field for problem in refusal.problems} if refusal else set()
    rows = [
        {
            "line": line,
            "typed": _shown(request, line),
            "mark": _mark(line),
            "wrong": f"qty-{line.pk}" in wrong,
            "first": index == 0,
        }
        for index, line in enumerate(lines[(page - 1) * ROWS : page * ROWS])
    ]
    context = {
        "document": document,
        "books": not document.blind,
        "rows": rows,
        "q": q,
        "show": show,
        "page": page,
        "pages": pages,
        "done": done,
        "all": all_lines,
        "tabs": [
            {"key": "left", "label": _("Left to count"), "count": all_lines - done},
            {"key": "done", "label": pgettext("stock count", "Counted"), "count": done},
            {"key": "all", "label": _("All"), "count": all_lines},
        ],
        "back": COUNTS.kit.url("detail", document),
        "pieces_url": reverse("staff:serial_entry", kwargs={"doc_type": document.DOC_TYPE, "pk": document.pk}),
        "found_url": COUNTS.kit.url("found", document),
        "in_bins": has_bins(document.warehouse_id),
        "found": {key: request.POST.get(key, "") for key in ("code", "lot", "bin", "qty")},
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Counts"), COUNTS.kit.list_url)],
        "error": block_of(refusal) if refusal else None,
        **more,
    }
    return render(request, "staff/inventory/counting.html", context, status=refusal.status if refusal else 200)


def _countable(request: HttpRequest, number: str) -> StockCount:
    return COUNTS.load(request.actor, number)  # type: ignore[attr-defined,no-any-return]


@staff_view(ENTER)
def count_counting(request: HttpRequest, number: str) -> HttpResponse:
    """Type what lies there, line by line; what is left empty is left for later."""
    document = _countable(request, number)
    if request.method != "POST":
        if document.approval != Approval.SUBMITTED:
            return HttpResponseRedirect(COUNTS.kit.url("detail", document))
        return _counting_page(request, document)
    try:
        typed = _changed(document, _typed(request))
        noted = counting.record_counts(document_id=document.pk, counted=typed, **who_and_when(request))
    except Refusal as refusal:
        return _counting_page(request, document, refusal)
    messages.success(request, _("Lines noted: %(count)s.") % {"count": noted})
    return HttpResponseRedirect(COUNTS.kit.url("counting", document))


@require_POST
@staff_view(ENTER)
def count_found(request: HttpRequest, number: str) -> HttpResponse:
    """Goods that are on no list get a line."""
    document = _countable(request, number)
    code, lot_no, place = (read_labels(request.POST.get(key, "").strip())[:40] for key in ("code", "lot", "bin"))
    try:
        item = Item.objects.filter(Q(code=code) | Q(barcode=code), active=True).first() if code else None
        if item is None:
            raise ValidationRefused(_("There is no item “%(code)s”.") % {"code": code}, field="code", value=code)
        lot = Lot.objects.filter(item=item, lot_no=lot_no).first() if lot_no else None
        if lot_no and lot is None:
            raise ValidationRefused(_("The item has no lot “%(lot)s”.") % {"lot": lot_no}, field="lot", value=lot_no)
        qty = _number(request.POST.get("qty", ""))
        if qty is None:
            raise ValidationRefused(_("Enter the quantity."), field="qty")
        counting.add_found(
            document_id=document.pk,
            item_id=item.pk,
            qty=qty,
            lot_id=lot.pk if lot else None,
            bin_code=place[:30],
            **who_and_when(request),
        )
    except Refusal as refusal:
        return _counting_page(request, document, refusal, found_open=True)
    messages.success(request, _("%(item)s is noted.") % {"item": item})
    return HttpResponseRedirect(COUNTS.kit.url("counting", document))
