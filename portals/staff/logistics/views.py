"""Logistics: lanes and what they cost, what carriers break, shipments with quoted and actual freight (SCM-10, SCM-13)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.logistics import damage
from backend.logistics.models import Lane, Shipment
from backend.logistics.selectors import shipments_visible_to
from backend.logistics.services import LaneData, resume_lane, save_lane, suspend_lane
from backend.logistics.services.shipments import charge_freight
from backend.reporting.freight import freight_share
from backend.service.complaints import complaint_shares
from portals.staff.shared.acting import step, version_of, who_and_when
from portals.staff.shared.forms import StaffForm, party_choices, put_on
from portals.staff.shared.lists import StaffList
from portals.ui import formats, typed
from portals.ui.components import Action, Crumb, Empty, Kpi
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.lists import Column, DateFilter, Preset, TextFilter
from portals.ui.navigation import document_address

VIEW, EDIT = "logistics.lane.view", "logistics.lane.edit"


# --- overview --------------------------------------------------------------------------------------------
def _kpis(rates: list[damage.DamageRate], may_cost: bool) -> list[Kpi]:
    sent, broken = sum(row.shipments for row in rates), sum(row.damaged for row in rates)
    percent = damage.rate(broken, sent)
    tiles = [
        Kpi(
            _("Came damaged, 90 days"),
            "–" if percent is None else formats.percent(percent),
            lines=(_("%(damaged)s of %(sent)s shipments") % {"damaged": broken, "sent": sent},),
            signal=percent is not None and percent > damage.ALERT_PCT,
        ),
    ]
    if may_cost:
        found = freight_share(clock.today())
        share = "–" if found.percent is None else formats.percent(found.percent)
        basis = _("%(freight)s of %(revenue)s this month") % {
            "freight": formats.money(found.freight),
            "revenue": formats.money(found.revenue),
        }
        tiles.append(Kpi(_("Freight of revenue"), share, lines=(basis,)))
    return tiles


@staff_view(VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    return _draw(request)


def _draw(request: HttpRequest, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    rates = damage.damage_rates(clock.today())
    lanes = list(
        Lane.objects.select_related("carrier").order_by("from_region", "to_region", "days", "carrier__sort_key", "id")
    )
    open_lanes = {(lane.carrier_id, lane.to_region): lane for lane in lanes if lane.is_open}
    stopped = damage.suspensions(most=6)
    context = {
        "kpis": _kpis(rates, actor.may("catalog.price.view")),
        "rates": [{"row": row, "lane": open_lanes.get((row.carrier_id, row.region))} for row in rates[:40]],
        "lanes": lanes,
        "stopped": stopped,
        "chart": _chart(stopped),
        "may_edit": actor.may(EDIT),
        "may_cost": actor.may("catalog.price.view"),
        "alert": damage.ALERT_PCT,
        "complaints": complaint_shares(clock.today()) if actor.may("service.ticket.view") else (),
        "error": error,
        "actions": [Action(_("New lane"), reverse("staff:lane_new"), icon="plus", look="primary")]
        if actor.may(EDIT)
        else [],
    }
    return render(request, "staff/logistics/overview.html", context)


def _chart(stopped: list[damage.Suspension]) -> dict[str, Any] | None:
    """Per cent damaged before a carrier was suspended and since, lane by lane; nothing while nothing was carried."""
    if not any(side.percent is not None for row in stopped for side in (row.before, row.after)):
        return None
    return {
        "labels": [f"{row.lane.to_region} · {row.lane.carrier.label}" for row in stopped],
        "series": [
            {
                "name": _("Before it stopped"),
                "kind": "bar",
                "values": [float(row.before.percent or 0) for row in stopped],
            },
            {
                "name": _("Since it stopped"),
                "kind": "bar",
                "values": [float(row.after.percent or 0) for row in stopped],
            },
            {"name": _("Alert"), "target": True, "values": [float(damage.ALERT_PCT)] * len(stopped)},
        ],
        "unit": "%",
    }


# --- lanes -----------------------------------------------------------------------------------------------
class LaneForm(StaffForm):
    """A lane as keyed."""

    carrier_id = forms.ChoiceField(label=gettext_lazy("Carrier"))
    from_region = forms.CharField(label=gettext_lazy("From (region)"), max_length=40)
    to_region = forms.CharField(label=gettext_lazy("To (region)"), max_length=40)
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=0, max_value=365)
    base_cost = forms.DecimalField(label=gettext_lazy("Base cost"), min_value=0, max_digits=12, decimal_places=2)
    cost_per_kg = forms.DecimalField(
        label=gettext_lazy("Cost per kilogram"), min_value=0, max_digits=12, decimal_places=4
    )
    cost_per_piece = forms.DecimalField(
        label=gettext_lazy("Cost per piece"), min_value=0, max_digits=12, decimal_places=4
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["carrier_id"].choices = party_choices("carrier")  # type: ignore[attr-defined]


def _form(request: HttpRequest, lane: Lane | None) -> HttpResponse:
    error, status = None, 200
    if request.method == "POST":
        form, status = LaneForm(request.POST), 400
        if form.is_valid():
            clean = dict(form.cleaned_data)
            data = LaneData(carrier_id=UUID(clean.pop("carrier_id")), **clean)
            known: dict[str, Any] = {"lane_id": lane.pk, "version": version_of(request)} if lane else {}
            try:
                save_lane(data=data, **known, **who_and_when(request))
            except Refusal as refusal:
                error, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("Saved; suppliers of the region follow it."))
                return HttpResponseRedirect(reverse("staff:logistics"))
    else:
        names = ("carrier_id", "from_region", "to_region", "days", "base_cost", "cost_per_kg", "cost_per_piece")
        first = {name: getattr(lane, name) for name in names} if lane else {"days": 1, **dict.fromkeys(names[4:], 0)}
        form = LaneForm(initial=first)
    context = {
        "form": form,
        "error": error,
        "lane": lane,
        "version": request.POST.get("version") or (lane.version if lane else ""),
        "crumbs": [Crumb(_("Logistics"), reverse("staff:logistics"))],
    }
    return render(request, "staff/logistics/lane_form.html", context, status=status)


@staff_view(EDIT)
def lane_new(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


@staff_view(EDIT)
def lane_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _form(request, _lane(pk))


def _lane(pk: UUID) -> Lane:
    found = Lane.objects.select_related("carrier").filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such lane."), value=pk)
    return found


@require_POST
@staff_view(EDIT)
def lane_suspend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The carrier gets nothing more on this way."""
    lane, reason = _lane(pk), typed.words(request.POST, "reason", 200)
    return _step(
        request, lambda: suspend_lane(lane_id=lane.pk, reason=reason, **who_and_when(request)), _("Suspended.")
    )


@require_POST
@staff_view(EDIT)
def lane_resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The carrier is used again."""
    lane = _lane(pk)
    return _step(request, lambda: resume_lane(lane_id=lane.pk, **who_and_when(request)), _("In use again."))


def _step(request: HttpRequest, do: Any, done: Any) -> HttpResponse:
    url = reverse("staff:logistics")
    return step(request, do, done=done, back=url, refused=lambda error: _draw(request, error))


# --- shipments -------------------------------------------------------------------------------------------
def carrier_of(shipment: Shipment) -> str:
    """Our carrier, or the one that the supplier named in the notice."""
    return shipment.carrier.name if shipment.carrier else shipment.carrier_name


class ShipmentList(StaffList):
    key = "logistics.shipment"
    title = gettext_lazy("Shipments")
    permission = "logistics.shipment.view"
    export_permission = "logistics.shipment.edit"
    priced = frozenset({"quoted_freight", "freight", "gap"})
    columns = (
        Column("source_number", gettext_lazy("Document"), sort=True),
        Column("dispatched_at", gettext_lazy("Shipped"), "moment", sort=True),
        Column("party", gettext_lazy("Partner"), value="party.name", sort="party__sort_key"),
        Column("carrier", gettext_lazy("Carrier"), value=carrier_of),
        Column("from_region", gettext_lazy("From"), sort=True, phone="hide"),
        Column("to_region", gettext_lazy("To"), sort=True),
        Column("expected_date", gettext_lazy("Expected"), "date", sort=True),
        Column("delivered_at", gettext_lazy("Delivered"), "moment", sort=True, phone="hide"),
        Column(
            "quoted_freight", gettext_lazy("Quoted freight"), "money", sort=True, total="quoted_freight", phone="meta"
        ),
        Column("freight", gettext_lazy("Actual freight"), "money", sort=True, total="freight", strong=True),
        Column("tracking_no", gettext_lazy("Tracking number"), shown=False),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("source_number", "tracking_no", "party__name", "to_region")),
        DateFilter("date", gettext_lazy("Expected"), "expected_date"),
    )
    presets = (Preset("month", gettext_lazy("This month"), "date=month"),)
    default_sort = ("-dispatched_at", "source_number")

    def rows(self) -> QuerySet[Shipment]:
        return shipments_visible_to(self.actor)

    def row_url(self, row: Any) -> str:
        return document_address(row.source_type, row.source_number)

    def empty(self) -> Empty:
        text = _("A shipment sets off with every delivery and every shipping notice.")
        return Empty(_("Nothing is on its way"), text, ())


@require_POST
@staff_view("logistics.shipment.edit")
def shipment_freight(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the carrier charged."""
    shipment = shipments_visible_to(request.actor).filter(pk=pk).first()  # type: ignore[attr-defined]
    if shipment is None:
        raise NotFoundRefused(_("There is no such shipment."), value=pk)
    back = document_address(shipment.source_type, shipment.source_number) or reverse("staff:shipment_list")
    try:
        freight = typed.number(request.POST, "freight") or Decimal(0)
        charge_freight(shipment_id=shipment.pk, freight=freight, **who_and_when(request))
    except Refusal as refusal:
        problems = block_of(refusal).problems
        messages.error(request, str(problems[0].why if problems else refusal))
        return HttpResponseRedirect(back)
    messages.success(request, _("The freight is noted."))
    return HttpResponseRedirect(back)
