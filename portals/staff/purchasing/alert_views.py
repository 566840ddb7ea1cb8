"""Material prices: what was heard, alerts when one jumps, what it touches, new prices ready to be listed (SRM-09)."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from backend.catalog.models import Item
from backend.catalog.services.agreeing import ListedPrice, list_prices
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.processes.price_impact import GoodTouched, Impact, impact_of
from backend.purchasing.models import AlertState, MaterialPrice, PriceAlert
from backend.purchasing.services.material_prices import PriceHeard, note_price, settle_alert
from portals.staff.shared.acting import step, who_and_when
from portals.staff.shared.dialogs import Dialog, reason_dialog
from portals.staff.shared.forms import PickField, StaffForm, put_on
from portals.staff.shared.lists import StaffList
from portals.staff.shared.words import VERBS
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui import typed as reading
from portals.ui.chips import Chip
from portals.ui.components import Action, Empty, Fact
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, Preset, TextFilter
from portals.ui.navigation import trail

VIEW, KEY, LIST = "catalog.cost.view", "purchasing.rfq.edit", "catalog.price_list.edit"
CHART_DAYS, MOST = 180, 200


def _state_chip(alert: PriceAlert) -> Chip:
    return Chip("need" if alert.state == AlertState.OPEN else "ok", alert.get_state_display())


class AlertList(StaffList):
    key = "purchasing.price_alert"
    title = gettext_lazy("Material prices")
    permission = VIEW
    export_permission = KEY
    columns = (
        Column("item", gettext_lazy("Material"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("raised_at", gettext_lazy("Alert"), "moment", sort=True),
        Column("price", gettext_lazy("Price now"), "price", sort=True, strong=True),
        Column("mean", gettext_lazy("Mean before"), "price", render=lambda row: formats.unit_cost(row.mean), sort=True),
        Column("change_pct", gettext_lazy("Change %"), "percent", sort=True),
        Column("state", gettext_lazy("State"), "chip", value=lambda row: _state_chip(row), sort=True),
        Column("settled_by_name", gettext_lazy("Settled by"), phone="hide"),
        Column("note", gettext_lazy("Note"), phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("item__code", "item__name", "item__mnemonic")),
        ChoiceFilter("state", gettext_lazy("State"), choices=AlertState),
    )
    presets = (
        Preset("open", AlertState.OPEN.label, "state=open", need=True),
        Preset("settled", gettext_lazy("Settled"), "state=settled"),
    )
    default_sort = ("-raised_at",)

    def rows(self) -> QuerySet[PriceAlert]:
        return PriceAlert.objects.select_related("item__unit")

    def row_url(self, row: Any) -> str:
        return reverse("staff:price_alert_detail", kwargs={"pk": row.pk})

    def row_mark(self, row: Any) -> str:
        return "need" if row.state == AlertState.OPEN else ""

    def actions(self) -> list[Action]:
        if not self.may(KEY):
            return []
        return [Action(_("Note a price"), reverse("staff:material_price_new"), icon="plus", look="primary")]

    def empty(self) -> Empty:
        words = _("Prices of the market and opened quotes are compared with the mean of the days before.")
        return Empty(_("No material has jumped"), words, self.actions())


# --- noting a price ------------------------------------------------------------------------------
class PriceForm(StaffForm):
    """A price heard of on the market."""

    item_id = PickField(
        label=gettext_lazy("Material"),
        model=Item,
        url_name="staff:find_items",
        error_messages={"required": gettext_lazy("Choose an item."), "invalid": gettext_lazy("Choose an item.")},
    )
    price = forms.DecimalField(
        label=gettext_lazy("Net price"), min_value=0, max_digits=14, decimal_places=6,
        help_text=gettext_lazy("Without tax, per own unit, in CNY"),
    )  # fmt: skip
    day = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    note = forms.CharField(label=gettext_lazy("Where it was heard"), max_length=200, required=False)

    @property
    def item_label(self) -> str:
        picked = self.data.get("item_id") if self.is_bound else self.initial.get("item_id")
        return self.fields["item_id"].label_of(picked)  # type: ignore[attr-defined]


@staff_view(KEY)
def price_new(request: HttpRequest) -> HttpResponse:
    """Key what a material costs on the market; a jump becomes an alert at once."""
    form, block, status = PriceForm(initial={"day": clock.today(), "item_id": request.GET.get("item")}), None, 200
    if request.method == "POST":
        form, status = PriceForm(request.POST), 400
        if form.is_valid():
            try:
                heard = note_price(data=PriceHeard(**form.cleaned_data), **who_and_when(request))
            except Refusal as refusal:
                block, status = put_on(form, refusal), refusal.status
            else:
                return HttpResponseRedirect(_after(heard))
    context = {
        "form": form,
        "error": block,
        "crumbs": trail("staff:price_alert_list"),
        "cancel_url": reverse("staff:price_alert_list"),
    }
    return render(request, "staff/purchasing/material_price_form.html", context, status=status)


def _after(heard: MaterialPrice) -> str:
    """The alert that the price raised, else the list."""
    alert = PriceAlert.objects.filter(item=heard.item_id, state=AlertState.OPEN).first()
    if alert is None:
        return reverse("staff:price_alert_list")
    return reverse("staff:price_alert_detail", kwargs={"pk": alert.pk})


# --- the alert -----------------------------------------------------------------------------------
def _alert(pk: UUID) -> PriceAlert:
    found = PriceAlert.objects.select_related("item__unit").filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such alert."), value=pk)
    return found


@require_safe
@staff_view(VIEW)
def alert_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How the price went, which goods and open quotations it touches, and what they should cost."""
    return _draw(request, _alert(pk))


def _draw(request: HttpRequest, alert: PriceAlert, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    impact, is_open = impact_of(alert, today=clock.today()), alert.state == AlertState.OPEN
    heard = list(
        MaterialPrice.objects.filter(item=alert.item_id, day__gte=clock.today() - timedelta(days=CHART_DAYS))
        .select_related("supplier")
        .order_by("-day", "-id")[:MOST]
    )
    context = {
        "alert": alert,
        "facts": _facts(alert),
        "chips": [_state_chip(alert)],
        "goods": [_good(request, good) for good in impact.goods],
        "quotes": impact.quotes,
        "heard": heard,
        "chart": _chart(heard, alert),
        "may_list": is_open and actor.may(LIST) and any(good.proposed for good in impact.goods),
        "valid_from": request.POST.get("valid_from") or clock.today().isoformat(),
        "actions": _actions(request, alert),
        "dialogs": _dialogs(request, alert),
        "timeline": ui_related.timeline(alert.pk, limit=8, words=VERBS),
        "crumbs": trail("staff:price_alert_list"),
        "error": error,
    }
    return render(request, "staff/purchasing/price_alert.html", context)


def _facts(alert: PriceAlert) -> list[Fact]:
    days = ngettext("mean of %(days)s day", "mean of %(days)s days", alert.days) % {"days": alert.days}
    settled = ""
    if alert.settled_at:
        settled = f"{alert.settled_by_name} {formats.moment(alert.settled_at)}"
    return [
        Fact(
            _("Price now"), formats.price(alert.price), _("net, per %(unit)s") % {"unit": alert.item.unit}, numeric=True
        ),
        Fact(_("Mean before"), formats.unit_cost(alert.mean), days, numeric=True),
        Fact(_("Change %"), formats.change(alert.change_pct), formats.moment(alert.raised_at), numeric=True),
        Fact(_("State"), alert.get_state_display(), " · ".join(part for part in (settled, alert.note) if part)),
    ]


def _good(request: HttpRequest, good: GoodTouched) -> dict[str, Any]:
    field = f"price-{good.item.pk}"
    proposed = formats.plain(good.proposed) if good.proposed is not None else ""
    return {"good": good, "field": field, "value": request.POST.get(field, proposed)}


def _chart(heard: Sequence[MaterialPrice], alert: PriceAlert) -> dict[str, Any]:
    rows = list(reversed(heard))
    return {
        "labels": [row.day.isoformat() for row in rows],
        "series": [
            {"name": _("Net price"), "kind": "line", "values": [float(row.price) for row in rows]},
            {"name": _("Mean before"), "target": True, "values": [float(alert.mean)] * len(rows)},
        ],
    }


def _actions(request: HttpRequest, alert: PriceAlert) -> list[Action]:
    actor, found = request.actor, []  # type: ignore[attr-defined]
    if actor.may(KEY):
        url = f"{reverse('staff:material_price_new')}?item={alert.item_id}"
        found.append(Action(_("Note a price"), url, icon="plus"))
    if alert.state == AlertState.OPEN and (actor.may(LIST) or actor.may(KEY)):
        found.append(Action(_("Settle…"), icon="check", dialog="settle"))
    return found


def _dialogs(request: HttpRequest, alert: PriceAlert) -> list[Dialog]:
    url = reverse("staff:price_alert_settle", kwargs={"pk": alert.pk})
    words = _("Say what was decided; a new jump raises a new alert.")
    return [reason_dialog(request, "settle", _("Settle the alert"), url, _("Settle"), 0, text=words)]


def _step(request: HttpRequest, alert: PriceAlert, do: Any, done: Any) -> HttpResponse:
    back = reverse("staff:price_alert_detail", kwargs={"pk": alert.pk})
    return step(request, do, done=done, back=back, refused=lambda error: _draw(request, alert, error))


@require_POST
@staff_view(VIEW)
def alert_settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What follows from it is decided."""
    actor, alert = request.actor, _alert(pk)  # type: ignore[attr-defined]
    actor.require(KEY if actor.may(KEY) else LIST)
    note = reading.words(request.POST, "reason")
    return _step(
        request,
        alert,
        lambda: settle_alert(alert_id=pk, note=note, **who_and_when(request)),
        _("The alert is settled."),
    )


@require_POST
@staff_view(LIST)
def alert_list_prices(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the proposed prices, as they stand in their fields, on the general price list."""
    request.actor.require(VIEW)  # type: ignore[attr-defined]
    alert = _alert(pk)

    def write() -> Any:
        day = reading.day(request.POST, "valid_from") or clock.today()
        prices = _typed(request, impact_of(alert, today=clock.today()), day)
        return list_prices(prices=prices, reason=str(alert), **who_and_when(request))

    return _step(request, alert, write, _("The new prices are on the price list."))


def _typed(request: HttpRequest, impact: Impact, day: Any) -> list[ListedPrice]:
    chosen = set(request.POST.getlist("good"))
    found = []
    for good in impact.goods:
        price: Decimal | None = reading.number(request.POST, f"price-{good.item.pk}")
        if str(good.item.pk) not in chosen:
            continue
        if price is None or price <= 0:
            raise ValidationRefused(
                _("%(item)s: a price is above zero.") % {"item": good.item.name}, field=f"price-{good.item.pk}"
            )
        found.append(ListedPrice(good.item.pk, price, day))
    if not found:
        raise ValidationRefused(_("Choose at least one item."), field="good")
    return found
