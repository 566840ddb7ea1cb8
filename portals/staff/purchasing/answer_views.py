"""What suppliers answer to an order, keyed by the buyer for those who do not use the portal, and decided."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.selectors import orders as reads
from backend.purchasing.services import confirmations
from backend.purchasing.services.inputs import AnswerLine, PartInput
from portals.staff.purchasing.order_views import EDIT, ORDER, order_crumbs
from portals.staff.sales.entry import day_of, uuid_of
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.grids import kept
from portals.staff.shared.quantities import number_of
from portals.ui import formats
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines

ANSWER_COLUMNS = (
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("open", gettext_lazy("Wanted"), out=True, numeric=True),
    GridColumn("wanted", gettext_lazy("Wanted on"), out=True),
    GridColumn("qty", gettext_lazy("First part"), "qty", strong=True),
    GridColumn("date", gettext_lazy("Comes on"), "date"),
    GridColumn("qty2", gettext_lazy("Second part"), "qty"),
    GridColumn("date2", gettext_lazy("Comes on"), "date"),
    GridColumn("price", gettext_lazy("Other price"), "price"),
    GridColumn("reason", gettext_lazy("Reason"), size="w-l"),
)


_ANSWERED = ("qty", "date", "qty2", "date2", "price", "reason")


def _answer_grid(lines: Sequence[PurchaseOrderLine]) -> LineGrid:
    rows = [
        GridRow(
            {
                "id": str(line.pk),
                "item": f"{line.line_no}. {line.item.name} {line.item.spec}".strip(),
                "open": formats.qty(line.unshipped_qty),
                "wanted": formats.short_day(line.requested_date),
                "qty": line.unshipped_qty,
                "date": line.requested_date.isoformat(),
            }
        )
        for line in lines
    ]
    return LineGrid(ANSWER_COLUMNS, rows=rows, fixed=True)


def _read_answers(request: HttpRequest) -> list[AnswerLine]:
    problems: list[Refusal] = []
    found = []
    for keyed in read_lines(request.POST, ANSWER_COLUMNS):
        line_id = uuid_of(keyed.text("id"))
        if line_id is None:
            continue
        price = number_of(keyed, "price", problems)
        parts = []
        for qty_key, day_key in (("qty", "date"), ("qty2", "date2")):
            qty, day = number_of(keyed, qty_key, problems), day_of(keyed.text(day_key))
            if not qty:
                continue
            if day is None:
                words = _("Line %(line)s: give the day.") % {"line": keyed.no}
                problems.append(ValidationRefused(words, line=keyed.no, field=day_key))
                continue
            parts.append(PartInput(qty=qty, date=day, price=price))
        reason = keyed.text("reason")[:300]
        found.append(AnswerLine(line_id, tuple(parts), reject_reason=reason, reason=reason))
    if problems:
        raise Refusal.many(problems)
    return found


@staff_view(EDIT)
def order_answer(request: HttpRequest, number: str) -> HttpResponse:
    """What the supplier said on the phone or by mail: up to two parts a line, another price, or a rejection."""
    order = reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    lines = [line for line in order.lines.all() if line.unshipped_qty > 0]
    grid, error, status = _answer_grid(lines), None, 200
    if request.method == "POST":
        try:
            note = request.POST.get("note", "").strip()[:300]
            confirmations.answer_order(
                order_id=order.pk, lines=_read_answers(request), note=note, **who_and_when(request)
            )
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
            grid = kept(grid, request.POST, refusal, _ANSWERED)
        else:
            messages.success(request, _("The answer is kept; customers' dates follow from it."))
            return HttpResponseRedirect(ORDER.url("detail", order))
    context = {
        "order": order,
        "grid": grid,
        "error": error,
        "note": request.POST.get("note", ""),
        "crumbs": order_crumbs(order),
        "cancel_url": ORDER.url("detail", order),
    }
    return render(request, "staff/purchasing/answer_form.html", context, status=status)


@require_POST
@staff_view(EDIT)
def order_decide(request: HttpRequest, number: str) -> HttpResponse:
    """Accept or decline what the supplier proposed."""
    accept = request.POST.get("verdict") == "accept"
    picked = uuid_of(request.POST.get("confirmation", ""))

    def decide(order: PurchaseOrder) -> Any:
        if picked not in {row.pk for row in order.confirmations.all()}:
            raise NotFoundRefused(_("There is no such answer."), value=picked)
        reason = request.POST.get("reason", "").strip()[:300]
        return confirmations.decide_confirmation(
            confirmation_id=picked, accept=accept, reason=reason, **who_and_when(request)
        )

    done = _("Accepted: it is agreed now.") if accept else _("Declined: the supplier is asked again.")
    return ORDER.run(request, number, decide, done)
