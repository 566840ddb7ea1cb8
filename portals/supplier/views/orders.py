"""Orders: seen, confirmed as asked, split, countered or rejected line by line, and reported on."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backend.kernel import clock
from backend.kernel.document import item_names
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.threads import has_unread
from backend.purchasing.models import Node, PurchaseOrder, PurchaseOrderLine
from backend.purchasing.selectors import orders as order_reads
from backend.purchasing.selectors.subcontract import material_of
from backend.purchasing.services import confirmations, orders, progress
from backend.purchasing.services.inputs import AnswerLine, PartInput, Seen
from backend.purchasing.services.lines import price_of
from portals.supplier import thread
from portals.supplier.figures import plans_of
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.guards import supplier_view

PARTS = 4
FEW = 8  # with more lines, the forms of a line are fetched when they are opened: they would be most of the page
PER_PAGE = 30


@require_safe
@supplier_view("supplier.order.view")
def order_list(request: HttpRequest) -> HttpResponse:
    """All orders that were sent to this supplier; ``?show=open`` leaves the finished ones out."""
    actor = request.actor  # type: ignore[attr-defined]
    visible = order_reads.orders_visible_to(actor).select_related(None)
    found = visible.only("number", "requested_date", "gross_amount", "confirmed", "received", "closing")
    found = found.annotate(item_names=item_names(PurchaseOrderLine), unread=has_unread(actor))
    show = request.GET.get("show", "open")
    if show != "all":
        found = found.filter(closing="open")
    wanted = reading.words(request.GET, "q", 40)
    if wanted:
        found = found.filter(number__icontains=wanted)
    paged = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return page(request, "supplier/order_list.html", "orders", {"paged": paged, "show": show, "q": wanted})


@require_safe
@supplier_view("supplier.order.view")
def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One order. Opening it the first time tells the buyer that it was seen."""
    order = order_reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    if not order.viewed_at:
        orders.mark_viewed(order_id=order.pk, **who_and_when(request))
    return _draw(request, order, opened=Opened(request.GET.get("line", ""), "answer"))


@dataclass(frozen=True)
class Opened:
    """The line whose form is open, and which of its two forms: answer or progress."""

    line: str = ""
    form: str = ""


CLOSED = Opened()


@require_safe
@supplier_view("supplier.order.confirm")
def line_forms(request: HttpRequest, number: str, line_id: UUID) -> HttpResponse:
    """The forms of one line, fetched when somebody opens them; ``?open=progress`` opens the second."""
    order = order_reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    line = _line_of(order, line_id)
    if not _may_answer(request, order) or not line.open_qty:
        raise NotFoundRefused(_("This line needs no answer any more."), value=line.line_no)
    form = "progress" if request.GET.get("open") == "progress" else "answer"
    _fill(line, {}, Opened(str(line.pk), form))
    context = {
        "order": order,
        "line": line,
        "sees_prices": request.actor.may("supplier.price.view"),
        **_form_context(order),
    }
    return render(request, "supplier/line_forms.html", context)


def _may_answer(request: HttpRequest, order: PurchaseOrder) -> bool:
    return bool(request.actor.may("supplier.order.confirm") and order.closing == "open")  # type: ignore[attr-defined]


def _form_context(order: PurchaseOrder) -> dict[str, Any]:
    """What the forms of every line need."""
    newest = max((answer.revision for answer in order.confirmations.all()), default=0)
    return {"seen_answer": newest, "nodes": Node.choices, "today": clock.today()}


def _fill(line: PurchaseOrderLine, posted: Any, opened: Opened) -> None:
    """Put on the line what its forms show: what was typed, else what stands."""
    is_open = str(line.pk) == opened.line
    line.open_form = opened.form if is_open else ""
    line.draft_parts = _parts_to_show(line, posted)
    line.own_price = price_of(line, line.document)  # a proposed price is with or without tax as the order is
    line.typed = {name: posted.get(f"{name}-{line.pk}", "") for name in ("price", "reject", "reason")}
    told = posted if is_open and opened.form == "progress" else {}
    line.typed |= {
        "node": told.get("node", line.progress_node),
        "percent": told.get("percent", line.progress_pct),
        "leaves": told.get("expected_ship_date", ""),
        "note": told.get("note", ""),
    }


def _draw(
    request: HttpRequest,
    order: PurchaseOrder,
    *,
    refusal: Refusal | None = None,
    opened: Opened = CLOSED,
) -> HttpResponse:
    lines = list(order.lines.all())
    plans = plans_of(lines)
    for line in lines:
        line.plan = plans.get(line.pk, ())
        line.forms_here = len(lines) <= FEW or str(line.pk) == opened.line
        if line.forms_here:
            _fill(line, request.POST if refusal else {}, opened)
    context: dict[str, Any] = {
        "order": order,
        "lines": lines,
        "waiting_lines": [line for line in lines if line.state == "open"],
        "confirmations": _answers(order, lines),
        "may_confirm": _may_answer(request, order),
        **_form_context(order),
        "typed_text": request.POST.get("text", "") if refusal else "",
        **thread.thread_of(request, order, reverse("supplier:order_message", args=[order.number])),
        "material": material_of(order),
        "reasons": [_("Material short"), _("Capacity full"), _("Transport"), _("Machine down")],
    }
    if refusal:
        context |= refused(refusal)
    return page(request, "supplier/order_detail.html", "orders", context, status=refusal.status if refusal else 200)


def _answers(order: PurchaseOrder, lines: list[PurchaseOrderLine]) -> list[Any]:
    """Every answer with what it said of each line, the newest first."""
    known = {line.pk: line for line in lines}
    answers = list(order.confirmations.all())
    for answer in answers:
        rows = sorted(answer.lines.all(), key=lambda row: (known[row.order_line_id].line_no, row.part_no))
        answer.parts = [{"row": row, "line": known[row.order_line_id]} for row in rows]  # type: ignore[attr-defined]
    return answers


def _parts_to_show(line: PurchaseOrderLine, posted: Any) -> list[dict[str, Any]]:
    """The rows of the split form: what was typed, else the schedule that stands, and one empty row more."""
    if f"qty-{line.pk}-0" in posted:
        return [
            {"index": n, "qty": posted.get(f"qty-{line.pk}-{n}", ""), "date": posted.get(f"date-{line.pk}-{n}", "")}
            for n in range(PARTS)
        ]
    rows: list[dict[str, Any]] = [
        {"qty": formats.plain(part.qty - part.shipped_qty), "date": part.date.isoformat()}
        for part in line.schedule.all()
        if part.qty > part.shipped_qty
    ][:PARTS]
    rows += [{"qty": "", "date": ""}] * (min(len(rows) + 1, PARTS) - len(rows))
    return [{"index": n, **row} for n, row in enumerate(rows)]


@require_POST
@supplier_view("supplier.order.confirm")
def confirm_all(request: HttpRequest, number: str) -> HttpResponse:
    """Yes to everything, in one tap."""
    order = order_reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    try:
        confirmations.confirm_order_all(order_id=order.pk, seen=_seen(request), **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, order, refusal=refusal)
    messages.success(request, _("%(number)s is confirmed. The buyer sees it now.") % {"number": order.number})
    return redirect("supplier:home" if request.POST.get("back") == "home" else _address(order))


@require_POST
@supplier_view("supplier.order.confirm")
def answer_line(request: HttpRequest, number: str, line_id: UUID) -> HttpResponse:
    """Answer one line: parts with dates, another price, or a rejection."""
    order = order_reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    line = _line_of(order, line_id)
    try:
        confirmations.answer_order(
            order_id=order.pk,
            lines=[_typed_answer(line, request)],
            note=reading.words(request.POST, "note"),
            seen=_seen(request),
            **who_and_when(request),
        )
    except Refusal as refusal:
        return _draw(request, order, refusal=refusal, opened=Opened(str(line.pk), "answer"))
    messages.success(request, _("Line %(line)s is answered. The buyer sees it now.") % {"line": line.line_no})
    return redirect(_address(order))


def _seen(request: HttpRequest) -> Seen:
    """The revision and the newest answer that stood on the page: a colleague or the buyer may have been quicker."""
    revision, answer = (request.POST.get(name, "") for name in ("seen_revision", "seen_answer"))
    return Seen(*(int(text) if text.isdecimal() and len(text) < 9 else None for text in (revision, answer)))


def _typed_answer(line: PurchaseOrderLine, request: HttpRequest) -> AnswerLine:
    posted = request.POST
    reject = reading.words(posted, f"reject-{line.pk}")
    if posted.get("verdict") == "reject":
        return AnswerLine(order_line_id=line.pk, reject_reason=reject)
    price = reading.number(posted, f"price-{line.pk}", line=line.line_no)
    parts = []
    for index in range(PARTS):
        qty = reading.number(posted, f"qty-{line.pk}-{index}", line=line.line_no)
        date = reading.day(posted, f"date-{line.pk}-{index}", line=line.line_no)
        if qty:
            parts.append(PartInput(qty=Decimal(qty), date=date or line.requested_date, price=price))
    return AnswerLine(
        order_line_id=line.pk,
        parts=parts,
        reject_reason=reject,
        reason=reading.words(posted, f"reason-{line.pk}"),
    )


@require_POST
@supplier_view("supplier.order.confirm")
def report(request: HttpRequest, number: str, line_id: UUID) -> HttpResponse:
    """How far a line is, with a photo when there is one."""
    order = order_reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    line = _line_of(order, line_id)
    try:
        progress.report_progress(
            order_line_id=line.pk,
            node=reading.words(request.POST, "node", 20),
            percent=reading.whole(request.POST, "percent", least=0, most=100),
            note=reading.words(request.POST, "note"),
            expected_ship_date=reading.day(request.POST, "expected_ship_date"),
            photo=reading.upload(request.FILES, "photo"),
            **who_and_when(request),
        )
    except Refusal as refusal:
        return _draw(request, order, refusal=refusal, opened=Opened(str(line.pk), "progress"))
    messages.success(request, _("Thank you, the buyer sees the progress now."))
    return redirect(_address(order))


@require_POST
@supplier_view("supplier.order.view")
def write(request: HttpRequest, number: str) -> HttpResponse:
    """A message to the buyer, with a file when there is one."""
    order = order_reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    try:
        thread.write(request, order)
    except Refusal as refusal:
        return _draw(request, order, refusal=refusal)
    return redirect(_address(order) + "#messages")


def _line_of(order: PurchaseOrder, line_id: UUID) -> PurchaseOrderLine:
    for line in order.lines.all():
        if line.pk == line_id:
            return line
    raise NotFoundRefused(_("There is no such line."), value=line_id)


def _address(order: PurchaseOrder) -> str:
    return reverse("supplier:order_detail", args=[order.number])
