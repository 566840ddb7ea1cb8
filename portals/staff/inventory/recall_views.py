"""Recall of a lot: what it reaches, one step that stops it, and the list of customers to call."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.inventory.models import Lot
from backend.inventory.selectors.recall import lots_below, shipped_of
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.processes.recall import recall_lot, recall_of
from portals.staff.inventory.recall_sheet import recall_xlsx
from portals.staff.shared.acting import who_and_when
from portals.ui.components import Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view

_SHOWN = 200


def _lot(pk: UUID) -> Lot:
    found = Lot.objects.select_related("item__unit").filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such lot."), value=pk)
    return found


def _told(lots: int, picks: int) -> str:
    held = ngettext("%(lots)s lot is on hold", "%(lots)s lots are on hold", lots) % {"lots": lots}
    stopped = ngettext("%(picks)s delivery was stopped.", "%(picks)s deliveries were stopped.", picks)
    return f"{held} · {stopped % {'picks': picks}}"


@staff_view("inventory.lot.edit")
def lot_recall(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What would be stopped and who has it; a POST stops it."""
    lot, error, status = _lot(pk), None, 200
    if request.method == "POST":
        try:
            found = recall_lot(lot_id=pk, reason=request.POST.get("reason", "").strip()[:200], **who_and_when(request))
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _told(len(found.lots), len(found.picks)))
            return HttpResponseRedirect(reverse("staff:lot_recall", kwargs={"pk": pk}))
    reach = recall_of(pk)
    context = {
        "lot": lot,
        "reach": reach,
        "lots": reach.lots[:_SHOWN],
        "holders": reach.holders[:_SHOWN],
        "free": sum(1 for row in reach.lots if row.state in {"released", "quarantine"}),
        "customers": len({holder.party_id for holder in reach.holders}),
        "reason": request.POST.get("reason", ""),
        "error": error,
        "crumbs": [
            Crumb(_("Lots"), reverse("staff:lot_list")),
            Crumb(lot.lot_no, reverse("staff:lot_detail", kwargs={"pk": pk})),
        ],
    }
    return render(request, "staff/inventory/recall.html", context, status=status)


@staff_view("inventory.lot.edit")
def lot_recall_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Customers, lots and quantities as a workbook."""
    lot = _lot(pk)
    body = recall_xlsx(shipped_of(row.lot_id for row in lots_below(pk)))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(body, content_type=kind)
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in lot.lot_no)
    answer["Content-Disposition"] = f'attachment; filename="recall-{name}.xlsx"'
    answer["Cache-Control"] = "no-store"
    return answer
