"""Purchase requisitions: the list, entry, the page with its approvals, ordering from it (PUR-01)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.catalog.selectors import search_items
from backend.kernel import clock, tenancy
from backend.kernel.document import Approval, Closing
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.purchasing.models import PurchaseRequisition, RequisitionLine
from backend.purchasing.selectors import requisitions as reads
from backend.purchasing.services import requisition_orders, requisitions
from backend.purchasing.services.inputs import OrderChoice, RequisitionData
from backend.purchasing.services.quota_sharing import Sharing, Want, share_out
from portals.staff.purchasing import requisition_forms as forms
from portals.staff.purchasing.words import item_cell, made, share
from portals.staff.sales.order_views import save_entry
from portals.staff.sales.prints import printed
from portals.staff.shared import approvals
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.dialogs import Dialog
from portals.staff.shared.forms import party_choices
from portals.staff.shared.kit import Kit
from portals.staff.shared.lists import PRICES
from portals.staff.shared.rail import rail_of
from portals.staff.shared.words import price_source
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Crumb, Fact, Total
from portals.ui.counted import qty_cell
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.printing import PrintSheet, PrintTotal, lines_for_print

VIEW, EDIT = "purchasing.requisition.view", "purchasing.requisition.edit"
APPROVE, UNAPPROVE = "purchasing.requisition.approve", "purchasing.requisition.unapprove"
ORDER, ASK = "purchasing.order.edit", "purchasing.rfq.edit"


# --- the page ------------------------------------------------------------------------------------
def draw_requisition(request: HttpRequest, document: PurchaseRequisition, error: Any = None) -> HttpResponse:
    standing = approvals.standing_of(document, request.actor)  # type: ignore[attr-defined]
    sheet = sheet_of(request, document, standing, error)
    extra = {"standing": standing, "dialogs": dialogs_of(request, document, standing)}
    return draw(request, sheet, template="staff/purchasing/requisition.html", **extra)


def _load(actor: Any, number: str) -> PurchaseRequisition:
    return reads.requisition_for(actor, number)


REQUISITION = Kit("requisition", "requisition_id", _load, draw_requisition)


def dialogs_of(request: HttpRequest, document: PurchaseRequisition, standing: approvals.Standing) -> list[Dialog]:
    kit = REQUISITION
    found = [
        kit.ask(
            request, "void", _("Void the requisition"), "voiding", document, _("Void"), required=False, danger=True
        ),
        kit.ask(request, "unapprove", _("Take the approval back"), "unapproval", document, _("Unapprove")),
        kit.ask(request, "close", _("Close the rest"), "closing", document, _("Close the rest")),
    ]
    if standing.may_decide:
        found.append(approvals.reject_dialog(request, kit, document, standing))
    return found


def _steps(request: HttpRequest, document: PurchaseRequisition, standing: approvals.Standing) -> dict[str, Any]:
    actor, kit = request.actor, REQUISITION  # type: ignore[attr-defined]
    primary, secondary, more = None, [], []
    if document.is_draft and actor.may(EDIT):
        primary = kit.post(_("Hand in"), "submission", document, "send", "primary")
        secondary.append(Action(_("Edit"), kit.url("edit", document), icon="edit"))
    elif document.approval == Approval.SUBMITTED:
        if standing.may_decide:
            primary = approvals.agree_action(kit, document, standing)
            secondary.append(approvals.reject_action())
        if actor.may(EDIT):
            more.append(kit.post(_("Withdraw"), "withdrawal", document, "arrow-back-up"))
    elif document.is_approved:
        primary, secondary, more = _buying(actor, document)
    if actor.may(EDIT) and document.approval in {Approval.DRAFT, Approval.REJECTED, Approval.SUBMITTED}:
        more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    return {"primary": primary, "secondary": secondary, "more": [*more, *kit.printing(document)]}


def _buying(actor: Any, document: PurchaseRequisition) -> tuple[Action | None, list[Action], list[Action]]:
    kit = REQUISITION
    primary, secondary, more = None, [], []
    if document.closing == Closing.OPEN:
        if any(line.open_qty for line in document.lines.all()):
            if actor.may(ORDER):
                primary = Action(_("Order"), kit.url("order", document), icon="truck-loading", look="primary")
            if actor.may(ASK):
                secondary.append(kit.post(_("Ask for quotes"), "rfq", document, "scale"))
        if actor.may(EDIT):
            more.append(Action(_("Close the rest…"), icon="lock", dialog="close"))
    elif document.closing == Closing.MANUAL_CLOSED and actor.may(EDIT):
        more.append(kit.post(_("Reopen"), "reopening", document, "lock-open"))
    if actor.may(UNAPPROVE):
        more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return primary, secondary, more


def _chips(document: PurchaseRequisition) -> list[Chip]:
    chips = [chip("approval", document.approval)]
    if document.is_approved:
        lines = document.lines.all()
        wanted, ordered = sum(line.qty for line in lines), sum(min(line.ordered_qty, line.qty) for line in lines)
        chips.append(chip("order", document.ordered, percent=share(ordered, wanted)))
        if document.closing == Closing.MANUAL_CLOSED:
            chips.append(chip("closing", document.closing))
    return chips


def columns_of(prices: bool) -> list[LineColumn]:
    columns = [LineColumn("item", _("Item"), "item"), LineColumn("qty", _("Quantity"), "qty", strong=True)]
    if prices:
        columns += [
            LineColumn("price", _("Estimated price"), "price"),
            LineColumn("gross", _("Estimate incl. tax"), "money", strong=True),
        ]
    return [
        *columns,
        LineColumn("wanted", _("Wanted on"), "text"),
        LineColumn("supplier", _("Preferred supplier"), "text"),
        LineColumn("ordered", _("Ordered"), "qty"),
        LineColumn("left", _("Left"), "qty"),
    ]


def line_of(line: RequisitionLine, actor: Any) -> Line:
    asked = _("%(qty)s asked for") % {"qty": formats.qty(line.asked_qty)} if line.asked_qty else ""
    cells = {
        "item": item_cell(line, actor),
        "qty": qty_cell(line),
        "price": Cell(line.price, price_source(line.price_source)),
        "gross": line.gross_amount,
        "wanted": formats.short_day(line.requested_date),
        "supplier": str(line.supplier.label) if line.supplier else "–",
        "ordered": Cell(line.ordered_qty or None, asked),
        "left": line.open_qty or None,
    }
    return Line(line.line_no, cells)


def _facts(document: PurchaseRequisition) -> list[Fact]:
    return [
        Fact(_("Requested by"), document.requester_name or "–", document.department),
        Fact(_("Needed by"), formats.day(document.need_date), numeric=True),
        Fact(_("Purpose"), document.reason or "–"),
        Fact(_("Date"), formats.day(document.doc_date), made(document), numeric=True),
        Fact(_("Warehouse"), str(document.warehouse)),
    ]


def sheet_of(
    request: HttpRequest, document: PurchaseRequisition, standing: approvals.Standing, error: Any = None
) -> DocumentSheet:
    actor = standing.reader(request.actor)  # type: ignore[attr-defined]
    prices = actor.may(PRICES)
    totals = [Total(_("Estimate incl. tax"), f"¥{formats.money(document.gross_amount)}", grand=True)] if prices else []
    return DocumentSheet(
        number=document.number,
        title=_("Purchase requisition"),
        chips=_chips(document),
        crumbs=_crumbs(),
        print_url=REQUISITION.url("print", document),
        facts=_facts(document),
        columns=columns_of(prices),
        lines=[line_of(line, actor) for line in document.lines.all()],
        totals=totals,
        remark=document.remark,
        error=error,
        **_steps(request, document, standing),
        **rail_of(request, document),
    )


def _crumbs(document: PurchaseRequisition | None = None) -> list[Crumb]:
    found = [Crumb(_("Purchasing")), Crumb(_("Purchase requisitions"), REQUISITION.list_url)]
    return [*found, Crumb(document.number, REQUISITION.url("detail", document))] if document else found


# --- entry ---------------------------------------------------------------------------------------
@staff_view(EDIT)
def pick(request: HttpRequest) -> HttpResponse:
    """The type-ahead of the grid: items that are bought; what they cost for those who may see prices."""
    priced = request.actor.may(PRICES)  # type: ignore[attr-defined]
    rows = [
        {
            "id": str(item.pk),
            "code": item.code,
            "name": item.name,
            "spec": item.spec,
            "pinyin": item.mnemonic.lower(),
            "barcode": item.barcode,
            "unit": str(item.unit),
            "price": formats.price(item.purchase_price) if priced and item.purchase_price is not None else "",
        }
        for item in search_items(request.GET.get("q", ""), purchasable=True, limit=12)
    ]
    return JsonResponse({"results": rows})


@require_POST
@staff_view(EDIT)
def recalculate(request: HttpRequest) -> HttpResponse:
    """Names, units and estimates of what is being keyed. Nothing is written."""
    priced = request.actor.may(PRICES)  # type: ignore[attr-defined]
    return JsonResponse(forms.recalculated(request.POST, priced=priced))


def _entry(request: HttpRequest, document: PurchaseRequisition | None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    priced = actor.may(PRICES)
    grid = forms.grid_of(list(document.lines.all()), priced=priced) if document else forms.empty_grid(priced=priced)
    block, status = None, 200
    if request.method == "POST":
        form = forms.RequisitionForm(request.POST)

        def save(lines: tuple[Any, ...]) -> PurchaseRequisition:
            return requisitions.save_requisition(
                data=RequisitionData(lines=lines, **form.values()),
                requisition_id=document.pk if document else None,
                version=version_of(request) if document else None,
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save, lambda post: forms.read_inputs(post, priced=priced))
        if saved is not None:
            return _saved(request, saved)
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        form = forms.RequisitionForm(initial=forms.initial_of(document, actor))
    context = {
        "form": form,
        "grid": grid,
        "error": block,
        "requisition": document,
        "version": request.POST.get("version") or (document.version if document else ""),
        "title": _("Edit %(number)s") % {"number": document.number} if document else _("New purchase requisition"),
        "crumbs": _crumbs(document),
        "cancel_url": REQUISITION.url("detail", document) if document else REQUISITION.list_url,
    }
    return render(request, "staff/purchasing/requisition_form.html", context, status=status)


def _saved(request: HttpRequest, saved: PurchaseRequisition) -> HttpResponse:
    """On to the page; handed in at once when that button was pressed."""
    if "submit" not in request.POST:
        messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
        return HttpResponseRedirect(REQUISITION.url("detail", saved))
    try:
        requisitions.submit_requisition(requisition_id=saved.pk, **who_and_when(request))
    except Refusal as refusal:
        response = draw_requisition(request, _load(request.actor, saved.number), block_of(refusal))  # type: ignore[attr-defined]
        response.status_code = refusal.status
        return response
    messages.success(request, _("%(number)s is handed in.") % {"number": saved.number})
    return HttpResponseRedirect(REQUISITION.url("detail", saved))


@staff_view(EDIT)
def requisition_new(request: HttpRequest) -> HttpResponse:
    return _entry(request, None)


@staff_view(EDIT)
def requisition_edit(request: HttpRequest, number: str) -> HttpResponse:
    document = _load(request.actor, number)  # type: ignore[attr-defined]
    if not document.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s is not a draft any more: take it back first.") % {"number": number})
        return HttpResponseRedirect(REQUISITION.url("detail", document))
    return _entry(request, document)


# --- buying --------------------------------------------------------------------------------------
@staff_view(ORDER)
def requisition_order(request: HttpRequest, number: str) -> HttpResponse:
    """Choose suppliers and quantities; draft orders follow, one for each supplier."""
    document = _load(request.actor, number)  # type: ignore[attr-defined]
    lines = [line for line in document.lines.all() if line.open_qty]
    error, status = None, 200
    if request.method == "POST":
        try:
            choices = [_choice(request, line) for line in lines]
            placed = requisition_orders.order_requisition(
                requisition_id=document.pk, choices=choices, **who_and_when(request)
            )
        except NotFoundRefused:
            raise
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            numbers = ", ".join(order.number for order in placed)
            messages.success(request, _("Draft orders: %(numbers)s.") % {"numbers": numbers})
            if len(placed) == 1:
                return HttpResponseRedirect(reverse("staff:purchase_order_detail", kwargs={"number": placed[0].number}))
            return HttpResponseRedirect(REQUISITION.url("detail", document))
    wants = [Want(line.pk, line.item, line.open_qty) for line in lines if not line.supplier_id]
    shared = share_out(wants, day=clock.today())
    context = {
        "requisition": document,
        "rows": [_order_row(request, line, shared.get(line.pk)) for line in lines],
        "suppliers": party_choices("supplier"),
        "error": error,
        "crumbs": _crumbs(document),
        "cancel_url": REQUISITION.url("detail", document),
    }
    return render(request, "staff/purchasing/requisition_order.html", context, status=status)


def _choice(request: HttpRequest, line: RequisitionLine) -> OrderChoice:
    qty = reading.number(request.POST, f"qty-{line.pk}", line=line.line_no)
    return OrderChoice(line.pk, qty or line.qty * 0, reading.key(request.POST.get(f"supplier-{line.pk}", "")))


def _order_row(request: HttpRequest, line: RequisitionLine, shared: Sharing | None) -> dict[str, Any]:
    """A line to order; the quota of its item decides where nobody names a supplier."""
    own = None if shared and shared.parts else line.item.supplier_id
    qty, supplier = formats.plain(line.open_qty), str(line.supplier_id or own or "")
    return {
        "line": line,
        "shared": shared,
        "taken": line.ordered_qty + line.asked_qty,
        "qty": request.POST.get(f"qty-{line.pk}", qty),
        "supplier": request.POST.get(f"supplier-{line.pk}", supplier),
    }


@require_POST
@staff_view(ASK)
def requisition_rfq(request: HttpRequest, number: str) -> HttpResponse:
    """A draft request for quotation over what is open; whom to ask is chosen there."""

    def ask(document: PurchaseRequisition) -> Any:
        return requisition_orders.ask_for_quotes(requisition_id=document.pk, **who_and_when(request))

    def back(made: Any) -> str:
        return reverse("staff:rfq_edit", kwargs={"number": made.number})

    return REQUISITION.run(request, number, ask, _("Choose whom to ask, and until when."), back)


# --- steps ---------------------------------------------------------------------------------------
DOC_TYPE = PurchaseRequisition.DOC_TYPE


@approvals.decider_view(DOC_TYPE, VIEW)
def requisition_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_requisition(request, _load(request.actor, number))  # type: ignore[attr-defined]


def _after(request: HttpRequest) -> Callable[[Any], str]:
    sees = request.actor.may(VIEW)  # type: ignore[attr-defined]
    return approvals.after(request, lambda _decided: sees, lambda decided: REQUISITION.url("detail", decided))


@require_POST
@approvals.decider_view(DOC_TYPE, APPROVE)
def requisition_approve(request: HttpRequest, number: str) -> HttpResponse:
    """Agree to the level that waits."""

    def agree(document: PurchaseRequisition) -> PurchaseRequisition:
        level, seen, who = approvals.level_of(request), version_of(request), who_and_when(request)
        return requisitions.approve_requisition(requisition_id=document.pk, level=level, version=seen, **who)

    return REQUISITION.run(request, number, agree, approvals.done_words, _after(request))


@require_POST
@approvals.decider_view(DOC_TYPE, APPROVE)
def requisition_reject(request: HttpRequest, number: str) -> HttpResponse:
    """Send it back with a reason."""

    def reject(document: PurchaseRequisition) -> PurchaseRequisition:
        reason, level = request.POST.get("reason", "").strip()[:300], approvals.level_of(request)
        who = who_and_when(request)
        return requisitions.reject_requisition(requisition_id=document.pk, reason=reason, level=level, **who)

    return REQUISITION.run(request, number, reject, _("Sent back."), _after(request))


requisition_submit = REQUISITION.step(EDIT, requisitions.submit_requisition, gettext_lazy("Handed in."), seen=True)
requisition_withdraw = REQUISITION.step(EDIT, requisitions.withdraw_requisition, gettext_lazy("A draft again."))
requisition_void = REQUISITION.step(EDIT, requisitions.void_requisition, gettext_lazy("Voided."), reason=True)
requisition_unapprove = REQUISITION.step(
    UNAPPROVE, requisitions.unapprove_requisition, gettext_lazy("The approval is taken back."), reason=True
)
requisition_close = REQUISITION.step(
    EDIT, requisitions.close_requisition, gettext_lazy("Closed: no more is bought for it."), reason=True
)
requisition_reopen = REQUISITION.step(EDIT, requisitions.reopen_requisition, gettext_lazy("Reopened."))


@approvals.decider_view(DOC_TYPE, VIEW)
def requisition_print(request: HttpRequest, number: str) -> HttpResponse:
    """The requisition on paper, with who agreed."""
    actor = request.actor  # type: ignore[attr-defined]
    document = _load(actor, number)
    return printed(request, number, lambda: _paper(request, document, actor))


def _paper(request: HttpRequest, document: PurchaseRequisition, actor: Any) -> PrintSheet:
    standing = approvals.standing_of(document, actor)
    priced = standing.reader(actor).may(PRICES)
    lines = [line_of(line, actor) for line in document.lines.all()]
    heads, rows = lines_for_print(columns_of(priced), lines, ("ordered", "left"))
    agreed = [
        (_("Level %(level)s") % {"level": row["step"].level}, row["step"].decided_by_name) for row in standing.rows
    ]
    return PrintSheet(
        title=_("Purchase requisition"),
        number=document.number,
        company=str(tenancy.current().name),
        party_label=_("Requested by"),
        party=document.requester_name,
        party_lines=[document.department] if document.department else [],
        facts=[
            (_("Date"), formats.day(document.doc_date)),
            (_("Needed by"), formats.day(document.need_date)),
            (_("Warehouse"), str(document.warehouse)),
            (_("Purpose"), document.reason),
        ],
        columns=heads,
        rows=rows,
        totals=[PrintTotal(_("Estimate incl. tax"), f"¥{formats.money(document.gross_amount)}", True)]
        if priced
        else (),
        amount=document.gross_amount if priced else None,
        remark=document.remark,
        signatures=[
            (_("Made by"), document.created_by_name),
            *(agreed or [(_("Approved by"), document.approved_by_name)]),
        ],
        watermark=_("Draft") if document.is_draft else _("Void") if document.approval == Approval.VOIDED else "",
        link=request.build_absolute_uri(request.path.removesuffix("print/")),
    )
