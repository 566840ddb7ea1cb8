"""Scorecards: the ranking of a month, one supplier's months, and how long buying takes."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.kernel import clock
from backend.srm.models import SupplierScore
from backend.srm.selectors import scores as reads
from backend.srm.selectors.qualification import supplier_for
from backend.srm.services.scores import weights
from backend.srm.states import SUPPLIER
from backend.workflow import parameters
from portals.staff.shared.dialogs import Ask, Dialog
from portals.staff.shared.lists import StaffList
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Empty
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, Preset, TextFilter
from portals.ui.navigation import trail
from portals.ui.scorecard import scorecard

VIEW = "srm.score.view"
WEAK_MONTHS = 2


def _months() -> list[tuple[str, str]]:
    rows = SupplierScore.objects.order_by("-month").values_list("month", flat=True).distinct()[:24]
    return [(month, formats.month(month)) for month in rows]


class ScoreList(StaffList):
    """The ranking: who delivers best in a month."""

    key = "srm.score"
    title = gettext_lazy("Supplier scores")
    permission = VIEW
    export_permission = "srm.score.export"
    columns = (
        Column("party", gettext_lazy("Supplier"), value="party.name", sort="party__sort_key"),
        Column("month", gettext_lazy("Month"), value=lambda row: formats.month(row.month), sort="month"),
        Column(
            "score", gettext_lazy("Score"), "number", value=lambda row: f"{row.score:.1f}", sort="score", strong=True
        ),
        Column("on_time_pct", gettext_lazy("On time"), "percent", sort=True),
        Column("deliveries", pgettext_lazy("score", "Deliveries"), "number", sort=True),
        Column("quantity_pct", gettext_lazy("Quantity"), "percent", sort=True, phone="hide"),
        Column("quality_pct", gettext_lazy("Quality"), "percent", sort=True, phone="hide"),
        Column("price_change_pct", gettext_lazy("Price trend"), "percent", sort=True, phone="hide"),
        Column(
            "response_hours",
            gettext_lazy("Response (hours)"),
            "number",
            value=lambda row: None if row.response_hours is None else f"{row.response_hours:.1f}",
            sort="response_hours",
            phone="hide",
        ),
        Column("late_claims", gettext_lazy("Claims late"), "number", sort=True, phone="hide"),
        Column("state", gettext_lazy("State"), "chip", value="party.supplier.state", axis="supplier"),
    )
    default_sort = ("-month", "-score")
    tie_breaker = "pk"

    @property
    def filters(self) -> Sequence[Any]:  # type: ignore[override]
        return (
            TextFilter("q", _("Search"), fields=("party__name", "party__code", "party__mnemonic")),
            ChoiceFilter("month", _("Month"), choices=_months()),
        )

    @property
    def presets(self) -> Sequence[Preset]:  # type: ignore[override]
        return tuple(Preset(month, label, f"month={month}") for month, label in _months()[:3])

    def rows(self) -> Any:
        return reads.ranking().order_by()

    def row_url(self, row: Any) -> str:
        return reverse("staff:supplier_score", kwargs={"pk": row.party_id})

    def row_mark(self, row: Any) -> str:
        return "bad" if row.score < parameters.get("srm.watch_below") else ""

    def actions(self) -> Sequence[Action]:
        return (Action(_("Cycle times"), reverse("staff:supplier_cycle_times"), icon="clock"),)

    def empty(self) -> Empty:
        return Empty(_("No scores yet"), _("A supplier is scored with its first delivery; nothing is typed."))


@staff_view(VIEW)
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One supplier's months, its late deliveries, and the proposal to watch it."""
    actor = request.actor  # type: ignore[attr-defined]
    party = supplier_for(actor, pk)
    months, limit = reads.months_of(party.pk), int(parameters.get("srm.watch_below"))
    place = reads.rank_of(months[-1]) if months else None
    weak = len(months) >= WEAK_MONTHS and all(row.score < limit for row in months[-WEAK_MONTHS:])
    may_watch = actor.may("srm.supplier.grade") and SUPPLIER.may(party.supplier, "watch")
    dialogs = []
    if may_watch:
        url = reverse("staff:supplier_step", kwargs={"pk": party.pk})
        ask = Ask("reason", _("Reason"))
        dialogs.append(Dialog("watch", _("Put on watch"), url, _("Put on watch"), (ask,), "", {"verb": "watch"}))
    watch = [Action(_("Put on watch…"), dialog="watch", look="soft")] if may_watch else []
    context = {
        "party": party,
        "chips": [chip("supplier", party.supplier.state)],
        "place": place,
        "newest": months[-1] if months else None,
        "late": reads.late_deliveries(party.pk),
        "banner": Banner(_("Two months in a row below %(limit)s points.") % {"limit": limit}, actions=watch)
        if weak
        else None,
        "dialogs": dialogs,
        "crumbs": [
            *trail("staff:supplier_score_list"),
            Crumb(party.label, reverse("staff:supplier_detail", kwargs={"pk": party.pk})),
        ],
        **scorecard(months, limit, weights()),
    }
    return render(request, "staff/suppliers/score.html", context)


def _day(raw: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(raw)
    except ValueError:
        return otherwise
    return found if 2000 <= found.year <= 2099 else otherwise


@staff_view(VIEW)
def cycle_times(request: HttpRequest) -> HttpResponse:
    """From the request to the goods, by supplier: median and 90th percentile."""
    today = clock.today()
    until = _day(request.GET.get("until", ""), today)
    since = _day(request.GET.get("since", ""), until.replace(day=1, month=1))
    context = {
        "rows": reads.cycle_times(since, until),
        "since": since,
        "until": until,
        "crumbs": trail("staff:supplier_score_list"),
    }
    return render(request, "staff/suppliers/cycle_times.html", context)
