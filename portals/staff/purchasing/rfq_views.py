"""Requests for quotation: written, published, opened after the deadline, compared, awarded."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p
from django.views.decorators.http import require_POST

from backend.kernel import clock
from backend.kernel.errors import ValidationRefused
from backend.purchasing.models import Rfq, RfqAward, RfqState
from backend.purchasing.selectors import rfqs as reads
from backend.purchasing.services import awards, rfqs
from backend.purchasing.services.inputs import AwardInput, RfqData
from portals.staff.purchasing import quote_views, rfq_compare, rfq_forms
from portals.staff.purchasing.words import item_cell, made
from portals.staff.sales.order_views import save_entry
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.columns import DAY, NUMBER
from portals.staff.shared.dialogs import Ask, Dialog, typed
from portals.staff.shared.kit import Kit
from portals.staff.shared.lists import PRICES, StaffList
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Empty, Fact
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter
from portals.ui.navigation import trail

VIEW, EDIT, AWARD = "purchasing.rfq.view", "purchasing.rfq.edit", "purchasing.rfq.award"


class RfqList(StaffList):
    key = "purchasing.rfq"
    title = gettext_lazy("Requests for quotation")
    permission = VIEW
    export_permission = EDIT
    columns = (
        NUMBER,
        DAY,
        Column("title", gettext_lazy("Subject"), sort=True),
        Column("deadline", gettext_lazy("Quotes until"), "moment", sort=True),
        Column("asked", gettext_lazy("Asked"), "number"),
        Column("quoted", gettext_lazy("Quoted"), "number"),
        Column("state", _p("rfq", "State"), "chip", axis="rfq", sort=True),
        Column("buyer", gettext_lazy("Buyer"), value="buyer_name", sort="buyer_name", phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "title", "lines__item__name")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("state", _p("rfq", "State"), choices=RfqState),
    )
    presets = (
        Preset("open", gettext_lazy("Under way"), "state=draft,published,closed"),
        Preset("award", gettext_lazy("To award"), "state=closed", need=True),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Rfq]:
        counts = {
            "asked": Count("invitations", distinct=True),
            "quoted": Count("invitations", filter=Q(invitations__revision__gt=0), distinct=True),
        }
        return reads.rfqs_visible_to(self.actor).annotate(**counts)

    def row_url(self, row: Rfq) -> str:
        return reverse("staff:rfq_detail", kwargs={"number": row.number})

    def row_mark(self, row: Rfq) -> str:
        return "need" if row.state == RfqState.CLOSED else ""

    def actions(self) -> list[Action]:
        if not self.may(EDIT):
            return []
        return [Action(_("New request"), reverse("staff:rfq_new"), icon="plus", look="primary")]

    def empty(self) -> Empty:
        words = _("Ask several suppliers at once; nobody reads a price before the deadline, then all are compared.")
        return Empty(_("No requests yet"), words, self.actions())


# --- the page ------------------------------------------------------------------------------------
def draw_rfq(request: HttpRequest, rfq: Rfq, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    awards = RfqAward.objects.filter(rfq=rfq).select_related("order").order_by("rfq_line__line_no", "id")
    given = list(awards) if rfq.state == RfqState.AWARDED else []
    opened = rfq.opened_at is not None and actor.may(PRICES)
    post = request.POST if error else {}
    tables = rfq_compare.tables_of(reads.compare(rfq, today=clock.today()), given, post) if opened else []
    context = {
        "rfq": rfq,
        "tables": tables,
        "charts": [(f"chart-{number}", table.chart) for number, table in enumerate(tables)],
        "may_award": rfq.state == RfqState.CLOSED and actor.may(AWARD) and bool(tables),
        "may_set_terms": rfq.state in {RfqState.PUBLISHED, RfqState.CLOSED} and actor.may(EDIT),
        "abroad": any(row.is_abroad for row in rfq.invitations.all()),
        "keying": _keying(rfq, actor),
        "papers": quote_views.papers_of(rfq) if opened else {},
        "awards": given,
        "amount": rfq_compare.awarded_amount(given),
        "dialogs": dialogs_of(request, rfq),
    }
    return draw(request, sheet_of(request, rfq, error), template="staff/purchasing/rfq.html", **context)


def _keying(rfq: Rfq, actor: Any) -> set[UUID]:
    """Suppliers whose offer may be keyed here: asked, in time, and not quoted by themselves."""
    if not actor.may(EDIT) or rfq.state != RfqState.PUBLISHED or clock.now() >= rfq.deadline:
        return set()
    return {row.supplier_id for row in rfq.invitations.all() if not row.revision or row.keyed_by_name}


RFQ = Kit("rfq", "rfq_id", reads.rfq_for, draw_rfq)


def dialogs_of(request: HttpRequest, rfq: Rfq) -> list[Dialog]:
    when = Ask("deadline", _("Quotes until"), "moment", typed(request, "deadline"), hint=_("Later than now."))
    undo = _("The draft orders are voided and the agreed prices leave the price lists.")
    return [
        Dialog("extend", _("Give more time"), RFQ.url("extension", rfq), _("Move the deadline"), (when,)),
        RFQ.ask(request, "cancel", _("Cancel the request"), "cancellation", rfq, _("Cancel the request"), danger=True),
        RFQ.ask(request, "unaward", _("Take the award back"), "unaward", rfq, _("Take the award back"), text=undo),
    ]


def _steps(request: HttpRequest, rfq: Rfq) -> dict[str, Any]:
    actor = request.actor  # type: ignore[attr-defined]
    primary, secondary, more = None, [], []
    if actor.may(EDIT):
        if rfq.state == RfqState.DRAFT:
            primary = RFQ.post(_("Publish"), "publication", rfq, "send", "primary")
            secondary.append(Action(_("Edit"), RFQ.url("edit", rfq), icon="edit"))
        elif rfq.state == RfqState.PUBLISHED:
            if clock.now() >= rfq.deadline:
                primary = RFQ.post(_("Open the quotes"), "opening", rfq, "lock-open", "primary")
            secondary.append(Action(_("Give more time…"), icon="clock", dialog="extend"))
        if rfq.state in {RfqState.DRAFT, RfqState.PUBLISHED, RfqState.CLOSED}:
            more.append(Action(_("Cancel the request…"), icon="ban", dialog="cancel", look="danger"))
    if rfq.state == RfqState.CLOSED and actor.may(AWARD) and any(row.revision for row in rfq.invitations.all()):
        secondary.append(Action(_("Award…"), "#award", icon="check", look="soft"))
    if rfq.state == RfqState.AWARDED and actor.may(AWARD):
        more.append(Action(_("Take the award back…"), icon="arrow-back-up", dialog="unaward"))
    return {"primary": primary, "secondary": secondary, "more": more}


def _banner(rfq: Rfq) -> Banner | None:
    if rfq.state == RfqState.PUBLISHED:
        words = _("Nobody reads a price before %(moment)s, neither here nor through the database.")
        return Banner(_("Sealed."), words % {"moment": formats.moment(rfq.deadline)}, look="info", icon="lock")
    return None


def sheet_of(request: HttpRequest, rfq: Rfq, error: Any = None) -> DocumentSheet:
    asked = list(rfq.invitations.all())
    quoted = sum(1 for row in asked if row.revision)
    actor = request.actor  # type: ignore[attr-defined]
    share = _("%(quoted)s of %(asked)s quoted") % {"quoted": quoted, "asked": len(asked)}
    lines = [
        Line(
            line.line_no,
            {
                "item": item_cell(line, actor),
                "qty": Cell(line.qty, unit=line.item.unit),
                "need": formats.day(line.need_date),
            },
        )
        for line in rfq.lines.all()
    ]
    return DocumentSheet(
        number=rfq.number,
        title=_("Request for quotation"),
        chips=[chip("rfq", rfq.state)],
        crumbs=trail("staff:rfq_list"),
        banner=_banner(rfq),
        facts=[
            Fact(_("Subject"), rfq.title, rfq.remark),
            Fact(_("Quotes until"), formats.moment(rfq.deadline), share, numeric=True),
            Fact(_("Date"), formats.day(rfq.doc_date), made(rfq), numeric=True),
            Fact(_("Deliver to"), str(rfq.warehouse)),
            Fact(_("Buyer"), rfq.buyer_name or "–"),
        ],
        columns=[
            LineColumn("item", _("Item"), "item"),
            LineColumn("qty", _("Quantity"), "qty", strong=True),
            LineColumn("need", _("Needed on"), "text"),
        ],
        lines=lines,
        error=error,
        **_steps(request, rfq),
        **rail_of(request, rfq),
    )


# --- entry ---------------------------------------------------------------------------------------
@require_POST
@staff_view(EDIT)
def recalculate(request: HttpRequest) -> HttpResponse:
    """Names and units of what is being keyed. Nothing is written."""
    return JsonResponse(rfq_forms.recalculated(request.POST))


def _entry(request: HttpRequest, rfq: Rfq | None) -> HttpResponse:
    grid = rfq_forms.grid_of(list(rfq.lines.all())) if rfq else rfq_forms.empty_grid()
    block, status = None, 200
    if request.method == "POST":
        form = rfq_forms.RfqForm(request.POST)

        def save(lines: tuple[Any, ...]) -> Rfq:
            return rfqs.save_rfq(
                data=RfqData(lines=lines, **form.values()),
                rfq_id=rfq.pk if rfq else None,
                version=version_of(request) if rfq else None,
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save, rfq_forms.read_inputs)
        if saved is not None:
            messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
            return HttpResponseRedirect(RFQ.url("detail", saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        form = rfq_forms.RfqForm(initial=rfq_forms.initial_of(rfq) if rfq else None)
    context = {
        "form": form,
        "grid": grid,
        "error": block,
        "rfq": rfq,
        "version": request.POST.get("version") or (rfq.version if rfq else ""),
        "title": _("Edit %(number)s") % {"number": rfq.number} if rfq else _("New request for quotation"),
        "crumbs": trail("staff:rfq_list"),
        "cancel_url": RFQ.url("detail", rfq) if rfq else RFQ.list_url,
    }
    return render(request, "staff/purchasing/rfq_form.html", context, status=status)


@staff_view(EDIT)
def rfq_new(request: HttpRequest) -> HttpResponse:
    return _entry(request, None)


@staff_view(EDIT)
def rfq_edit(request: HttpRequest, number: str) -> HttpResponse:
    rfq = reads.rfq_for(request.actor, number)  # type: ignore[attr-defined]
    if rfq.state != RfqState.DRAFT and request.method == "GET":
        messages.warning(request, _("%(number)s is published: what suppliers were asked stands.") % {"number": number})
        return HttpResponseRedirect(RFQ.url("detail", rfq))
    return _entry(request, rfq)


# --- steps ---------------------------------------------------------------------------------------
@require_POST
@staff_view(EDIT)
def rfq_extend(request: HttpRequest, number: str) -> HttpResponse:
    def extend(rfq: Rfq) -> Rfq:
        form = rfq_forms.DeadlineForm(request.POST)
        if not form.is_valid():
            raise ValidationRefused(_("Give day and time."), field="deadline")
        return rfqs.extend_deadline(rfq_id=rfq.pk, deadline=form.cleaned_data["deadline"], **who_and_when(request))

    return RFQ.run(request, number, extend, _("The deadline has moved; all suppliers are told."))


@require_POST
@staff_view(EDIT)
def rfq_terms(request: HttpRequest, number: str) -> HttpResponse:
    """Exchange rate and duty per supplier."""

    def keep(rfq: Rfq) -> None:
        terms: dict[UUID, tuple[object, object]] = {}
        for row in rfq.invitations.select_related("supplier"):
            if not row.is_abroad:
                continue
            rate = reading.number(request.POST, f"rate-{row.supplier_id}")
            duty = reading.number(request.POST, f"duty-{row.supplier_id}")
            terms[row.supplier_id] = (rate or Decimal(1), duty or Decimal(0))
        rfqs.set_terms(rfq_id=rfq.pk, terms=terms, **who_and_when(request))

    return RFQ.run(request, number, keep, _("Kept; the comparison follows."))


@require_POST
@staff_view(AWARD)
def rfq_award(request: HttpRequest, number: str) -> HttpResponse:
    """The quantities of the comparison become draft orders."""

    def award(rfq: Rfq) -> Sequence[Any]:
        return awards.award_rfq(rfq_id=rfq.pk, awards=_typed_awards(request, rfq), **who_and_when(request))

    def done(made: Sequence[Any]) -> str:
        numbers = ", ".join(order.number for order in made)
        return _("Awarded. Draft orders: %(numbers)s. Prices are in the price lists.") % {"numbers": numbers}

    return RFQ.run(request, number, award, done)


def _typed_awards(request: HttpRequest, rfq: Rfq) -> list[AwardInput]:
    found = []
    for line in rfq.lines.all():
        reason = reading.words(request.POST, f"reason-{line.pk}")
        for row in rfq.invitations.all():
            qty = reading.number(request.POST, f"qty-{line.pk}-{row.supplier_id}", line=line.line_no)
            if qty:
                found.append(AwardInput(line.pk, row.supplier_id, qty, reason))
    return found


rfq_detail = RFQ.detail(VIEW)
rfq_publish = RFQ.step(EDIT, rfqs.publish_rfq, gettext_lazy("Published: the suppliers are asked."), seen=True)
rfq_open = RFQ.step(EDIT, rfqs.open_rfq, gettext_lazy("Open: the quotes can be compared."))
rfq_cancel = RFQ.step(EDIT, rfqs.cancel_rfq, gettext_lazy("Cancelled; the suppliers are told."), reason=True)
rfq_unaward = RFQ.step(AWARD, awards.unaward_rfq, gettext_lazy("The award is taken back."), reason=True)
