"""Incoming inspections: what was found, and the decision of what is good and what goes back."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.kernel.errors import Refusal, ValidationRefused
from backend.purchasing.models import Inspection, InspectionLine, InspectionState
from backend.purchasing.selectors.inspections import inspection_for
from backend.purchasing.selectors.returns import lines_to_return
from backend.purchasing.services.inputs import InspectionResult
from backend.purchasing.services.inspections import decide_inspection
from backend.srm.selectors.claims import claims_standing_over
from portals.staff.purchasing.words import item_cell, made, supplier_fact
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.kit import Kit
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address

DECIDE = "purchasing.inspection.decide"
_TYPED = ("sample", "defect", "rejected", "reason")


def draw_inspection(request: HttpRequest, document: Inspection, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    lines = list(document.lines.all())
    is_open = document.state == InspectionState.OPEN and document.is_draft
    receipt = document.receipt
    chips = [chip("approval", "voided")] if document.approval == "voided" else [chip("inspection", document.state)]
    sheet = DocumentSheet(
        number=document.number,
        title=_("Incoming inspection"),
        chips=chips,
        crumbs=[Crumb(_("Purchasing")), Crumb(_("Incoming inspections"), INSPECTION.list_url)],
        primary=_primary(document, lines, actor, is_open=is_open),
        banner=_banner(is_open),
        more=_claims(document, lines, actor),
        facts=[
            supplier_fact(document.supplier, actor),
            Fact(_("Date"), formats.day(document.doc_date), made(document), numeric=True),
            Fact(_("Warehouse"), str(document.warehouse)),
            Fact(
                _("Receipt of goods"),
                receipt.number,
                url=document_address("purchasing.receipt", receipt.number),
                numeric=True,
            ),
            Fact(
                _("Decided by"),
                document.approved_by_name or "–",
                formats.moment(document.approved_at) if document.approved_at else "",
            ),
        ],
        columns=_columns(decided=not is_open),
        lines=[_line(line, actor) for line in lines],
        remark=document.remark,
        error=error,
        **rail_of(request, document),
    )
    may_decide = is_open and actor.may(DECIDE)
    rows = [{"line": line, **_typed(request, line)} for line in lines] if may_decide else []
    extra = {"document": document, "to_decide": rows, "remark": request.POST.get("remark", "")}
    return draw(request, sheet, template="staff/purchasing/inspection.html", **extra)


def _primary(document: Inspection, lines: list[InspectionLine], actor: Any, *, is_open: bool) -> Action | None:
    """Decide; afterwards send back what was rejected and is still here."""
    if is_open:
        return Action(_("Enter the result"), "#decide", icon="check", look="primary") if actor.may(DECIDE) else None
    rejected = {line.receipt_line_id for line in lines if line.rejected_qty}
    if not rejected or not actor.may("purchasing.return.edit"):
        return None
    if not any(line.pk in rejected for line in lines_to_return([document.receipt_id])):
        return None
    url = f"{reverse('staff:purchase_return_new')}?inspection={document.number}"
    return Action(_("Send back what was rejected"), url, icon="truck-return", look="primary")


def _claims(document: Inspection, lines: list[InspectionLine], actor: Any) -> list[Action]:
    """A claim for each lot of which something was rejected."""
    if not actor.may("srm.claim.edit"):
        return []
    rejected = [line for line in lines if line.rejected_qty]
    known = dict(claims_standing_over(document.pk).values_list("lot", "number")) if rejected else {}
    return [_claim(document, line, known.get(line.lot_id, "")) for line in rejected]


def _claim(document: Inspection, line: InspectionLine, number: str) -> Action:
    """The claim that was opened for a lot, or the way to open one."""
    if number:
        return Action(number, reverse("staff:claim_detail", kwargs={"number": number}), icon="alert-triangle")
    url = f"{reverse('staff:claim_new')}?inspection={document.number}&lot={line.lot_id}"
    return Action(_("Claim against the supplier: %(lot)s") % {"lot": line.lot.lot_no}, url, icon="alert-triangle")


INSPECTION = Kit("inspection", "inspection_id", inspection_for, draw_inspection)


def _banner(is_open: bool) -> Banner | None:
    if not is_open:
        return None
    return Banner(_("The goods are in quarantine."), _("They are not sold before this is decided."), icon="lock")


def _columns(*, decided: bool) -> list[LineColumn]:
    columns = [
        LineColumn("item", _("Item"), "item"),
        LineColumn("lot", _("Lot")),
        LineColumn("qty", _("Received"), "qty", strong=True),
        LineColumn("sample", _("Sample size"), "qty"),
    ]
    if decided:
        columns += [
            LineColumn("defect", _("Defects found"), "qty"),
            LineColumn("accepted", _("Accepted quantity"), "qty", strong=True),
            LineColumn("rejected", _("Rejected quantity"), "qty", strong=True),
            LineColumn("reason", _("What is wrong")),
        ]
    return columns


def _line(line: InspectionLine, actor: Any) -> Line:
    may_lot = actor.may("inventory.lot.view")
    apart = line.rejected_lot if line.rejected_lot_id != line.lot_id else None
    cells = {
        "item": item_cell(line, actor),
        "lot": Cell(
            line.lot.lot_no, line.lot.supplier_lot_no if line.lot.supplier_lot_no != line.lot.lot_no else "",
            url=reverse("staff:lot_detail", kwargs={"pk": line.lot_id}) if may_lot else "",
        ),
        "qty": Cell(line.qty, unit=line.item.unit),
        "sample": line.sample_qty,
        "defect": line.defect_qty or None,
        "accepted": line.accepted_qty or None,
        "rejected": Cell(
            line.rejected_qty or None,
            apart.lot_no if apart else "",
            url=reverse("staff:lot_detail", kwargs={"pk": apart.pk}) if apart and may_lot else "",
        ),
        "reason": line.reason or "–",
    }  # fmt: skip
    return Line(line.line_no, cells)


def _typed(request: HttpRequest, line: InspectionLine) -> dict[str, str]:
    """What was typed, or what is to be expected."""
    first = {"sample": formats.plain(line.sample_qty), "defect": "0", "rejected": "0", "reason": ""}
    return {key: request.POST.get(f"{key}-{line.pk}", first[key]) for key in _TYPED}


def _results(request: HttpRequest, document: Inspection) -> list[InspectionResult]:
    problems: list[Refusal] = []
    found = []
    for line in document.lines.all():
        typed = {key: request.POST.get(f"{key}-{line.pk}", "") for key in _TYPED}
        numbers: dict[str, Decimal | None] = {}
        for key in ("sample", "defect", "rejected"):
            clean = typed[key].replace(",", "").strip()
            if clean and not clean.replace(".", "", 1).isdecimal():
                words = _("Line %(line)s: “%(text)s” is not a quantity.") % {"line": line.line_no, "text": clean[:20]}
                problems.append(ValidationRefused(words, line=line.line_no, field="qty", value=clean[:20]))
                continue
            numbers[key] = Decimal(clean[:15]) if clean else None
        found.append(
            InspectionResult(
                line.pk,
                numbers.get("rejected") or Decimal(0),
                numbers.get("defect"),
                numbers.get("sample"),
                typed["reason"],
            )
        )
    if problems:
        raise Refusal.many(problems)
    return found


@require_POST
@staff_view(DECIDE)
def inspection_decide(request: HttpRequest, number: str) -> HttpResponse:
    """What is good is sold from now on; the rest waits for its return."""

    def decide(document: Inspection) -> Inspection:
        return decide_inspection(
            inspection_id=document.pk,
            results=_results(request, document),
            version=version_of(request),
            remark=request.POST.get("remark", "").strip()[:2000],
            **who_and_when(request),
        )

    return INSPECTION.run(request, number, decide, _done)


def _done(document: Inspection) -> str:
    if document.state == InspectionState.ACCEPTED:
        return _("Accepted: the goods are available.")
    return _("Decided: what was rejected is on hold for its return.")


inspection_detail = INSPECTION.detail("purchasing.inspection.view")
