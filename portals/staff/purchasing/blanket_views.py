"""Blanket orders: agreed, approved, called off until they are used up."""

from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.kernel import clock
from backend.kernel.document import Approval, Closing
from backend.kernel.errors import ValidationRefused
from backend.purchasing.models import BlanketOrder
from backend.purchasing.selectors import blankets as reads
from backend.purchasing.services import blankets
from backend.purchasing.services.inputs import BlanketData, CallOffInput
from portals.staff.purchasing import blanket_forms
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.purchasing.words import item_cell, made, share, supplier_fact, symbol
from portals.staff.sales.order_views import save_entry
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.columns import APPROVAL, NUMBER
from portals.staff.shared.currency import amount_column
from portals.staff.shared.kit import Kit
from portals.staff.shared.lists import PRICES, StaffList
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Empty, Fact
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter
from portals.ui.navigation import trail

VIEW, EDIT, APPROVE = "purchasing.blanket.view", "purchasing.blanket.edit", "purchasing.blanket.approve"


class BlanketList(StaffList):
    key = "purchasing.blanket"
    title = gettext_lazy("Blanket orders")
    permission = VIEW
    export_permission = EDIT
    priced = frozenset({"gross_amount", "called_amount", "left"})
    columns = (
        NUMBER,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("supplier_ref", gettext_lazy("Contract number"), sort=True, phone="hide"),
        Column("valid_from", gettext_lazy("Holds from"), "date", sort=True, phone="hide"),
        Column("valid_to", gettext_lazy("Valid until"), "date", sort=True),
        amount_column("gross_amount", gettext_lazy("Amount agreed"), rated=False, phone="meta"),
        amount_column("called_amount", gettext_lazy("Called off"), rated=False, phone="meta"),
        amount_column("left", gettext_lazy("Left"), rated=False, strong=True),
        APPROVAL,
        Column("closing", gettext_lazy("Closing"), "chip", phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "supplier__name", "supplier_ref")),
        DateFilter("date", gettext_lazy("Valid until"), "valid_to"),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        FlagFilter("open", gettext_lazy("Under way"), when=Q(closing="open") & ~Q(approval="voided")),
    )
    presets = (Preset("open", gettext_lazy("Under way"), "open=1"),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[BlanketOrder]:
        return reads.blankets_visible_to(self.actor).annotate(left=F("gross_amount") - F("called_amount"))

    def row_url(self, row: BlanketOrder) -> str:
        return reverse("staff:blanket_detail", kwargs={"number": row.number})

    def actions(self) -> list[Action]:
        if not self.may(EDIT):
            return []
        return [Action(_("New blanket order"), reverse("staff:blanket_new"), icon="plus", look="primary")]

    def empty(self) -> Empty:
        words = _("Agree once on price and quantity for a term, then call off what you need; the rest is counted.")
        return Empty(_("No blanket orders yet"), words, self.actions())


# --- the page ------------------------------------------------------------------------------------
def draw_blanket(request: HttpRequest, blanket: BlanketOrder, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    calls = [call for line in blanket.lines.all() for call in line.call_offs.all()]
    post = request.POST if error else {}
    lines = [(line, post.get(f"qty-{line.pk}", "")) for line in blanket.lines.all()]
    context = {
        "blanket": blanket,
        "calls": sorted(calls, key=lambda call: -call.pk),
        "lines": lines,
        "may_call": _running(blanket) and actor.may(EDIT),
        "may_exceed": actor.may(APPROVE),
        "sees_prices": actor.may(PRICES),
        "requested_date": post.get("requested_date", ""),
        "reason": post.get("reason", ""),
        "dialogs": [
            BLANKET.ask(request, "void", _("Void the blanket order"), "voiding", blanket, _("Void"), danger=True),
            BLANKET.ask(request, "unapprove", _("Take the approval back"), "unapproval", blanket, _("Unapprove")),
            BLANKET.ask(request, "close", _("Close the rest"), "closing", blanket, _("Close the rest")),
        ],
    }
    return draw(request, sheet_of(request, blanket, error), template="staff/purchasing/blanket.html", **context)


def _running(blanket: BlanketOrder) -> bool:
    in_term = blanket.valid_from <= clock.today() <= blanket.valid_to
    return blanket.is_approved and blanket.closing == Closing.OPEN and in_term


BLANKET = Kit("blanket", "blanket_id", reads.blanket_for, draw_blanket)


def _steps(request: HttpRequest, blanket: BlanketOrder) -> dict[str, Any]:
    actor = request.actor  # type: ignore[attr-defined]
    primary, secondary, more = None, [], []
    if blanket.is_draft:
        if actor.may(APPROVE):
            primary = BLANKET.post(_("Approve"), "approval", blanket, "check", "primary")
        if actor.may(EDIT):
            secondary.append(Action(_("Edit"), BLANKET.url("edit", blanket), icon="edit"))
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    elif blanket.is_approved and blanket.closing == Closing.OPEN:
        if actor.may(EDIT):
            more.append(Action(_("Close the rest…"), icon="lock", dialog="close"))
        if actor.may(APPROVE):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    elif blanket.is_approved and actor.may(EDIT):
        more.append(BLANKET.post(_("Reopen"), "reopening", blanket, "lock-open"))
    return {"primary": primary, "secondary": secondary, "more": more}


def _banner(blanket: BlanketOrder) -> Banner | None:
    if blanket.is_approved and blanket.closing == Closing.OPEN and clock.today() > blanket.valid_to:
        return Banner(_("The term is over."), _("Nothing more is called off."), icon="calendar-time")
    return None


def sheet_of(request: HttpRequest, blanket: BlanketOrder, error: Any = None) -> DocumentSheet:
    actor = request.actor  # type: ignore[attr-defined]
    prices = actor.may(PRICES)
    term = f"{formats.day(blanket.valid_from)} – {formats.day(blanket.valid_to)}"
    tolerance = _("tolerance %(pct)s%%") % {"pct": formats.plain(blanket.tolerance_pct)}
    facts = [
        supplier_fact(blanket.supplier, actor, blanket.supplier_ref),
        Fact(_("Term"), term, tolerance if blanket.tolerance_pct else "", numeric=True),
        Fact(_("Date"), formats.day(blanket.doc_date), made(blanket), numeric=True),
    ]
    if prices:
        mark = symbol(blanket.currency)
        capped = blanket.limit_amount is not None
        limit = f"{mark}{formats.money(blanket.limit_amount if capped else blanket.gross_amount)}"
        sub = (_("of %(amount)s at most") if capped else _("of %(amount)s agreed")) % {"amount": limit}
        facts.append(Fact(_("Called off"), f"{mark}{formats.money(blanket.called_amount)}", sub, numeric=True))
    columns = [
        LineColumn("item", _("Item"), "item"),
        LineColumn("qty", _("Quantity agreed"), "qty"),
        LineColumn("called", _("Called off"), "qty"),
        LineColumn("left", _("Left"), "qty", strong=True),
    ]
    if prices:
        columns.append(LineColumn("price", _("Price agreed"), "price"))
    lines = [
        Line(
            line.line_no,
            {
                "item": item_cell(line, actor),
                "qty": Cell(line.qty, unit=line.item.unit),
                "called": Cell(line.called_qty or None, _percent(line)),
                "left": Cell(line.left_qty, unit=line.item.unit),
                "price": line.price,
            },
        )
        for line in blanket.lines.all()
    ]
    chips = [chip("approval", blanket.approval)]
    if blanket.closing != Closing.OPEN:
        chips.append(chip("closing", blanket.closing))
    return DocumentSheet(
        number=blanket.number,
        title=_("Blanket order"),
        chips=chips,
        crumbs=trail("staff:blanket_list"),
        banner=_banner(blanket),
        facts=facts,
        columns=columns,
        lines=lines,
        remark=blanket.remark,
        error=error,
        **_steps(request, blanket),
        **rail_of(request, blanket),
    )


def _percent(line: Any) -> str:
    part = share(line.called_qty, line.qty)
    return "" if part is None else f"{part:.0f}%"


# --- entry ---------------------------------------------------------------------------------------
def _entry(request: HttpRequest, blanket: BlanketOrder | None) -> HttpResponse:
    grid = blanket_forms.grid_of(list(blanket.lines.all())) if blanket else blanket_forms.empty_grid()
    block, status = None, 200
    if request.method == "POST":
        form = blanket_forms.BlanketForm(request.POST)

        def save(lines: tuple[Any, ...]) -> BlanketOrder:
            return blankets.save_blanket(
                data=BlanketData(lines=lines, **form.values()),
                blanket_id=blanket.pk if blanket else None,
                version=version_of(request) if blanket else None,
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save, blanket_forms.read_inputs)
        if saved is not None:
            messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
            return HttpResponseRedirect(BLANKET.url("detail", saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        first = blanket_forms.initial_of(blanket) if blanket else {"valid_from": clock.today()}
        form = blanket_forms.BlanketForm(initial=first)
    context = {
        "form": form,
        "grid": grid,
        "error": block,
        "blanket": blanket,
        "version": request.POST.get("version") or (blanket.version if blanket else ""),
        "title": _("Edit %(number)s") % {"number": blanket.number} if blanket else _("New blanket order"),
        "crumbs": trail("staff:blanket_list"),
        "cancel_url": BLANKET.url("detail", blanket) if blanket else BLANKET.list_url,
    }
    return render(request, "staff/purchasing/blanket_form.html", context, status=status)


@staff_view(EDIT)
def blanket_new(request: HttpRequest) -> HttpResponse:
    return _entry(request, None)


@staff_view(EDIT)
def blanket_edit(request: HttpRequest, number: str) -> HttpResponse:
    blanket = reads.blanket_for(request.actor, number)  # type: ignore[attr-defined]
    if not blanket.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(BLANKET.url("detail", blanket))
    return _entry(request, blanket)


@require_POST
@staff_view(EDIT)
def blanket_call(request: HttpRequest, number: str) -> HttpResponse:
    """Call a part off: a draft order at the agreed price."""

    def call(blanket: BlanketOrder) -> Any:
        day = reading.day(request.POST, "requested_date")
        if day is None:
            raise ValidationRefused(_("Give the day the goods are wanted."), field="requested_date")
        wanted = []
        for line in blanket.lines.all():
            qty = reading.number(request.POST, f"qty-{line.pk}", line=line.line_no)
            if qty:
                wanted.append(CallOffInput(line.pk, qty))
        return blankets.call_off(
            blanket_id=blanket.pk,
            lines=wanted,
            requested_date=day,
            reason=reading.words(request.POST, "reason"),
            **who_and_when(request),
        )

    def back(order: Any) -> str:
        return reverse("staff:purchase_order_detail", kwargs={"number": order.number})

    return BLANKET.run(request, number, call, _("Called off: the order is a draft."), back)


blanket_detail = BLANKET.detail(VIEW)
blanket_approve = BLANKET.step(
    APPROVE, blankets.approve_blanket, gettext_lazy("Approved: it can be called off."), seen=True
)
blanket_unapprove = BLANKET.step(
    APPROVE, blankets.unapprove_blanket, gettext_lazy("The approval is taken back."), reason=True
)
blanket_close = BLANKET.step(EDIT, blankets.close_blanket, gettext_lazy("Closed."), reason=True)
blanket_reopen = BLANKET.step(EDIT, blankets.reopen_blanket, gettext_lazy("Reopened."))
blanket_void = BLANKET.step(EDIT, blankets.void_blanket, gettext_lazy("Voided."), reason=True)
