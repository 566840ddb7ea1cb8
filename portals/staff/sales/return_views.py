"""Sales returns: asked for by the customer or by us, authorised, received into inspection, decided line by line."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.processes import returns as process
from backend.sales.models import (
    ReturnOutcome,
    ReturnReason,
    ReturnState,
    SalesDelivery,
    SalesDeliveryLine,
    SalesReturn,
)
from backend.sales.selectors import returns as reads
from backend.sales.services import returns
from backend.sales.services.inputs import DecisionInput, ReturnData, ReturnLineInput
from portals.staff.purchasing.words import item_cell, made, sums
from portals.staff.sales.delivery_page import load_delivery
from portals.staff.sales.scope import visible_deliveries
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.dialogs import Dialog
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.kit import Kit
from portals.staff.shared.lists import PRICES
from portals.staff.shared.rail import rail_of
from portals.staff.shared.return_entry import ReturnEntry, row_of
from portals.ui import formats, typed
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact
from portals.ui.counted import qty_cell
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, LineGrid
from portals.ui.navigation import document_address

EDIT, DECIDE = "sales.return.edit", "sales.return.approve"


class ReturnForm(StaffForm):
    """What is keyed about a return beside its lines."""

    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    outcome = forms.ChoiceField(label=gettext_lazy("For"), choices=ReturnOutcome.choices)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=ReturnReason.choices)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False)


# --- page ------------------------------------------------------------------------------------------------
def columns_of(prices: bool, cost: bool, *, lots: bool = True, decided: bool = True) -> list[LineColumn]:
    """Columns of the lines; without lots, and before anything was decided, those that would stay empty are left out."""
    outcome = [
        LineColumn("restock", _("To stock"), "qty"),
        LineColumn("scrap", _("To scrap"), "qty"),
        LineColumn("credit", _("Credited"), "qty", phone="hide"),
    ]
    columns = [
        LineColumn("item", _("Item"), "item"),
        LineColumn("delivery", _("Delivery")),
        *([LineColumn("lot", _("Lot"))] if lots else ()),
        LineColumn("reason", _("Reason")),
        LineColumn("qty", pgettext_lazy("return", "Allowed"), "qty", strong=True),
        LineColumn("received", _("Received"), "qty"),
        *(outcome if decided else ()),
    ]
    if prices:
        columns.append(LineColumn("gross", _("Total incl. tax"), "money", strong=True))
    if cost:
        columns.append(LineColumn("cost", _("Cost"), "money", phone="hide"))
    return columns


def line_of(line: Any, actor: Any) -> Line:
    url = document_address(SalesDelivery.DOC_TYPE, line.delivery_number) if actor.may("sales.delivery.view") else ""
    cells = {
        "item": item_cell(line, actor),
        "delivery": Cell(line.delivery_number, line.order_number, url=url),
        "lot": line.lot.lot_no if line.lot else "–",
        "reason": Cell(line.get_reason_display(), line.note),
        "qty": qty_cell(line),
        "received": line.received_qty or None,
        "restock": line.restock_qty or None,
        "scrap": line.scrap_qty or None,
        "credit": line.credit_qty or None,
        "gross": line.gross_amount,
        "cost": line.cost_amount or None,
    }
    return Line(line.line_no, cells)


def _steps(document: SalesReturn, actor: Any) -> dict[str, Any]:
    primary, secondary, more = None, [], []
    if actor.may(EDIT) and document.approval != Approval.VOIDED:
        if document.state == ReturnState.REQUESTED:
            primary = RETURN.post(_("Allow the return"), "authorisation", document, "check", "primary")
        elif document.state == ReturnState.AUTHORISED:
            primary = RETURN.post(_("The goods are here"), "receiving", document, "package-import", "primary")
            secondary.append(Action(_("Count"), "#count", icon="list-check"))
        if document.state in {ReturnState.REQUESTED, ReturnState.AUTHORISED}:
            secondary.append(Action(_("Edit"), RETURN.url("edit", document), icon="edit"))
            more.append(Action(_("Refuse…"), icon="ban", dialog="refuse", look="danger"))
        if document.state in {ReturnState.AUTHORISED, ReturnState.RECEIVED}:
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    if document.state == ReturnState.RECEIVED and actor.may(DECIDE):
        primary = Action(_("Decide"), "#decide", icon="list-check", look="primary")
    if document.state == ReturnState.DONE:
        if (
            document.outcome == ReturnOutcome.EXCHANGE
            and not document.replaced_by_id
            and actor.may("sales.delivery.approve")
        ):
            primary = RETURN.post(_("Ship the exchange"), "exchange", document, "truck-fast", "primary")
        if actor.may("sales.return.unapprove"):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return {"primary": primary, "secondary": secondary, "more": [*more, *RETURN.printing(document)]}


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Sales")), Crumb(_("Sales returns"), RETURN.list_url)]


def _banner(document: SalesReturn) -> Banner | None:
    if document.state == ReturnState.REQUESTED and document.asked_by_customer:
        return Banner(_("The customer asks."), _("Allow it or say why not."), icon="message-plus")
    if document.state == ReturnState.RECEIVED:
        return Banner(
            _("In inspection."), _("Stock and books do not know of these goods yet."), look="info", icon="info"
        )
    if document.state == ReturnState.REFUSED and document.decision_note:
        return Banner(_("Refused."), document.decision_note, look="info", icon="info")
    return None


def draw_return(request: HttpRequest, document: SalesReturn, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    lines = list(document.lines.all())
    url = reverse("staff:customer_detail", kwargs={"pk": document.customer_id})
    state = chip("approval", "voided") if document.approval == Approval.VOIDED else chip("return", document.state)
    sheet = DocumentSheet(
        number=document.number,
        title=_("Sales return"),
        chips=[state],
        crumbs=_crumbs(),
        print_url=RETURN.url("print", document),
        banner=_banner(document),
        facts=[
            Fact(_("Customer"), document.customer.name, "", url if actor.may("parties.customer.view") else ""),
            Fact(_("Date"), formats.day(document.doc_date), made(document), numeric=True),
            Fact(_("Warehouse"), str(document.warehouse)),
            Fact(_("For"), document.get_outcome_display(), document.decision_note),
        ],
        columns=columns_of(
            actor.may(PRICES),
            actor.may("catalog.cost.view"),
            lots=any(line.lot_id for line in lines),
            decided=document.state == ReturnState.DONE,
        ),
        lines=[line_of(line, actor) for line in lines],
        totals=sums(document, lines, actor),
        remark=document.remark,
        error=error,
        **_steps(document, actor),
        **rail_of(request, document, partner="customer", voucher_note=_("made when it is decided")),
    )
    post = request.POST if error else {}
    extra = {
        "document": document,
        "counting": _counted(document, lines, actor, post),
        "deciding": _decided(document, lines, actor, post),
        "dialogs": _dialogs(request, document),
    }
    return draw(request, sheet, template="staff/sales/return.html", **extra)


def _counted(document: SalesReturn, lines: Sequence[Any], actor: Any, post: Any) -> list[dict[str, Any]]:
    if document.state != ReturnState.AUTHORISED or not actor.may(EDIT):
        return []
    return [{"line": line, "value": post.get(f"counted-{line.pk}", formats.plain(line.qty))} for line in lines]


def _decided(document: SalesReturn, lines: Sequence[Any], actor: Any, post: Any) -> list[dict[str, Any]]:
    if document.state != ReturnState.RECEIVED or not actor.may(DECIDE):
        return []
    return [
        {
            "line": line,
            "restock": post.get(f"restock-{line.pk}", formats.plain(line.received_qty)),
            "scrap": post.get(f"scrap-{line.pk}", "0"),
        }
        for line in lines
    ]


def _load(actor: Any, number: str) -> SalesReturn:
    found = reads.return_for(actor, number)
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return found


RETURN = Kit("sales_return", "return_id", _load, draw_return)


def _dialogs(request: HttpRequest, document: SalesReturn) -> list[Dialog]:
    refuse = _("The customer reads the reason.")
    back = _("Stock, voucher and credit note are reversed; the goods are in inspection again.")
    return [
        RETURN.ask(
            request, "refuse", _("Refuse the return"), "refusal", document, _("Refuse"), text=refuse, danger=True
        ),
        RETURN.ask(request, "void", _("Void the return"), "voiding", document, _("Void"), required=False, danger=True),
        RETURN.ask(
            request, "unapprove", _("Take the decision back"), "unapproval", document, _("Unapprove"), text=back
        ),
    ]


# --- entry -----------------------------------------------------------------------------------------------
COLUMNS = (
    GridColumn("delivery", gettext_lazy("Delivery"), out=True),
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("lot", gettext_lazy("Lot"), out=True),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("left", gettext_lazy("With the customer"), out=True, numeric=True),
    GridColumn("qty", pgettext_lazy("return", "Comes back"), "qty", strong=True),
    GridColumn("note", gettext_lazy("Note")),
)
ENTRY = ReturnEntry(
    kit=RETURN,
    form=ReturnForm,
    columns=COLUMNS,
    line=ReturnLineInput,
    data=ReturnData,
    save=returns.save_return,
    title=gettext_lazy("New sales return"),
    nothing=(gettext_lazy("Nothing comes back."), gettext_lazy("Type how much of a line comes back.")),
    first={"outcome": ReturnOutcome.CREDIT, "reason": ReturnReason.QUALITY},
)


def _grid(lines: Sequence[SalesDeliveryLine], document: SalesReturn | None) -> LineGrid:
    on_it = {line.delivery_line_id: line for line in document.lines.all()} if document else {}
    rows = []
    for line in lines:
        before = on_it.get(line.pk)
        rows.append(row_of(line, "delivery", before.qty if before else "", before.note if before else ""))
    return ENTRY.grid(rows)


def _entry(request: HttpRequest, deliveries: Sequence[SalesDelivery], document: SalesReturn | None) -> HttpResponse:
    grid = _grid(reads.lines_to_return([delivery.pk for delivery in deliveries]), document)
    return ENTRY.draw(request, document, grid, partner=deliveries[0].customer, crumbs=_crumbs())


@staff_view(EDIT)
def return_new(request: HttpRequest) -> HttpResponse:
    """A return of the deliveries named in the address; without any, choose one."""
    actor = request.actor  # type: ignore[attr-defined]
    numbers = [number for number in ",".join(request.GET.getlist("delivery")).split(",") if number]
    if numbers:
        return _entry(request, [load_delivery(actor, number) for number in numbers[:10]], None)
    found = visible_deliveries(actor).filter(approval=Approval.APPROVED).select_related("customer")
    rows = found.order_by("-doc_date", "-id")[:50]
    return render(request, "staff/sales/return_choose.html", {"rows": rows, "crumbs": _crumbs()})


@staff_view(EDIT)
def return_edit(request: HttpRequest, number: str) -> HttpResponse:
    document = _load(request.actor, number)  # type: ignore[attr-defined]
    if document.state not in {ReturnState.REQUESTED, ReturnState.AUTHORISED} or not document.is_draft:
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(RETURN.url("detail", document))
    ids = {line.delivery_line.document_id for line in document.lines.all()}
    deliveries = list(SalesDelivery.objects.select_related("customer").filter(pk__in=ids).order_by("number"))
    return _entry(request, deliveries, document)


# --- steps -----------------------------------------------------------------------------------------------
def _typed_number(request: HttpRequest, name: str, line_no: int) -> Decimal:
    return typed.number(request.POST, name, line=line_no) or Decimal(0)


@require_POST
@staff_view(EDIT)
def return_receive(request: HttpRequest, number: str) -> HttpResponse:
    """The goods are here, as allowed or as counted."""

    def receive(document: SalesReturn) -> Any:
        counted = {
            line.pk: _typed_number(request, f"counted-{line.pk}", line.line_no)
            for line in document.lines.all()
            if f"counted-{line.pk}" in request.POST
        }
        return returns.receive_return(return_id=document.pk, quantities=counted, **who_and_when(request))

    return RETURN.run(request, number, receive, _("In inspection: decide about each line next."))


@require_POST
@staff_view(DECIDE)
def return_decide(request: HttpRequest, number: str) -> HttpResponse:
    """Each line to stock and to scrap."""

    def decide(document: SalesReturn) -> Any:
        decisions = [
            DecisionInput(
                line.pk,
                _typed_number(request, f"restock-{line.pk}", line.line_no),
                _typed_number(request, f"scrap-{line.pk}", line.line_no),
            )
            for line in document.lines.all()
        ]
        note, who = typed.words(request.POST, "note"), who_and_when(request)
        return returns.decide_return(
            return_id=document.pk, decisions=decisions, note=note, version=version_of(request), **who
        )

    return RETURN.run(request, number, decide, _("Decided: stock, books and credit follow."))


return_detail = RETURN.detail("sales.return.view")
return_authorise = RETURN.step(
    EDIT, returns.authorise_return, gettext_lazy("Allowed: the customer may send the goods."), seen=True
)
return_refuse = RETURN.step(EDIT, returns.refuse_return, gettext_lazy("Refused; the customer reads why."), reason=True)
return_exchange = RETURN.step(
    "sales.delivery.approve",
    process.ship_exchange,
    gettext_lazy("Shipped; nothing is left to pay."),
    back=lambda delivery: reverse("staff:sales_delivery_detail", kwargs={"number": delivery.number}),
)
return_unapprove = RETURN.step(
    "sales.return.unapprove", returns.unapprove_return, gettext_lazy("Taken back."), reason=True
)
return_void = RETURN.step(EDIT, returns.void_return, gettext_lazy("Voided."), reason=True)
