"""What to buy: every suggestion with its arithmetic; accepted into orders, put off, or dismissed with a reason."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from backend.availability.models import Suggestion, SuggestionState
from backend.availability.services import suggestions as services
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.processes.replenishment import splits_of, transfer_first
from backend.purchasing.services.from_suggestions import order_from_suggestions
from backend.purchasing.services.quota_sharing import Want, share_out
from backend.purchasing.services.requisition_needs import request_suggestions
from backend.workflow import parameters
from portals.staff.sales.entry import day_of, uuid_of
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import party_choices
from portals.ui import formats
from portals.ui.components import Rung, Why
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.lists import Column, export
from portals.ui.navigation import document_address
from portals.ui.typed import amount_of

EDIT, REQUEST = "purchasing.suggestion.edit", "purchasing.requisition.edit"
_MOST = 100
TABS = (
    (SuggestionState.LIVE, gettext_lazy("To decide")),
    (SuggestionState.SNOOZED, gettext_lazy("Snoozed")),
    (SuggestionState.DISMISSED, gettext_lazy("Dismissed")),
    (SuggestionState.ACCEPTED, gettext_lazy("Ordered")),
)
EXPORT = (
    Column("code", gettext_lazy("Item code"), value="item.code"),
    Column("item", gettext_lazy("Item"), value="item.name"),
    Column("supplier", gettext_lazy("Supplier"), value="supplier.name"),
    Column("need_qty", gettext_lazy("Short"), "qty"),
    Column("qty", gettext_lazy("To buy"), "qty"),
    Column("need_date", gettext_lazy("Needed on"), "date"),
    Column("arrival_date", gettext_lazy("Could be here"), "date"),
    Column("order_number", gettext_lazy("Ordered with")),
    Column("reason", gettext_lazy("Reason")),
)


def why_of(row: Suggestion) -> Why:
    """The arithmetic as it is kept with the suggestion: every number adds up."""
    numbers = row.explanation
    unit = numbers.get("unit", "")

    def qty(key: str) -> str:
        return f"{formats.qty(Decimal(str(numbers.get(key) or 0)))} {unit}".strip()

    rungs = [Rung(_("Needed by the lines below"), qty("need"))]
    rungs.append(Rung(_("On hand in %(place)s") % {"place": row.warehouse}, qty("on_hand"), "−"))
    if Decimal(str(numbers.get("blocked") or 0)):
        rungs.append(Rung(_("Blocked: in inspection, held or expired"), qty("blocked"), "+"))
    rungs += [
        Rung(_("Reserved for other lines"), qty("reserved_for_others"), "+"),
        Rung(_("Coming for these lines"), qty("incoming"), "−"),
        Rung(_("Short"), qty("shortage"), "=", result=True),
        Rung(_("To buy"), qty("rounded_to"), "=", _rule(numbers), result=True, signal=True),
    ]
    for demand in numbers.get("demands", ()):
        label = _("%(number)s line %(line)s") % {"number": demand["ref_number"], "line": demand["line_no"]}
        url = document_address(demand["ref_type"], demand["ref_number"])
        value = (
            f"{formats.qty(Decimal(demand['qty']))} · {formats.short_day(date.fromisoformat(demand['required_date']))}"
        )
        rungs.append(Rung(label, value, "", "", url))
    rungs.append(Rung(_days(row), info=True))
    return Why(_("Why %(qty)s") % {"qty": qty("rounded_to")}, rungs)


def _rule(numbers: dict[str, Any]) -> str:
    parts = []
    shortage = Decimal(str(numbers.get("shortage") or 0))
    if Decimal(str(numbers.get("min_order_qty") or 0)) > shortage:
        parts.append(_("at least %(qty)s per order") % {"qty": formats.qty(Decimal(str(numbers["min_order_qty"])))})
    if Decimal(str(numbers.get("pack_qty") or 1)) != 1:
        parts.append(_("packs of %(qty)s") % {"qty": formats.qty(Decimal(str(numbers["pack_qty"])))})
    if Decimal(str(numbers.get("to_stock") or 0)) > 0:
        parts.append(_("%(qty)s to stock") % {"qty": formats.qty(Decimal(str(numbers["to_stock"])))})
    return " · ".join(parts)


def _days(row: Suggestion) -> str:
    numbers = row.explanation
    return _("%(supplier)s: %(lead)s days to make, %(way)s days on the way.") % {
        "supplier": numbers.get("supplier") or _("No supplier yet"),
        "lead": numbers.get("lead_days") or 0,
        "way": numbers.get("transport_days") or 0,
    }


def _state(request: HttpRequest) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in SuggestionState.values else SuggestionState.LIVE.value


def _rows(state: str) -> Any:
    found = Suggestion.objects.filter(state=state).select_related("item__unit", "warehouse", "supplier")
    order = ("-decided_at", "pk") if state == SuggestionState.ACCEPTED else ("need_date", "item__sort_key", "pk")
    return found.order_by(*order)


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    state = _state(request)
    posted = request.POST if refusal else {}
    chosen = set(posted.getlist("chosen")) if refusal else set()  # type: ignore[union-attr]
    counts = dict(Suggestion.objects.order_by().values_list("state").annotate(n=Count("pk")))
    found = list(_rows(state)[:_MOST])
    live = state == SuggestionState.LIVE
    splits = splits_of(found) if live else {}
    shared = share_out([Want(row.pk, row.item, row.qty) for row in found], day=clock.today()) if live else {}
    rows = []
    for row in found:
        key = str(row.pk)
        late = bool(row.arrival_date and row.arrival_date > row.need_date)
        typed = posted.get(f"qty-{key}") or formats.plain(row.qty)
        demands = row.explanation.get("demands", [])
        rows.append(
            {
                "it": row,
                "key": key,
                "why": why_of(row),
                "late": late,
                "qty": typed,
                "chosen": key in chosen,
                "for": [each | {"url": document_address(each["ref_type"], each["ref_number"])} for each in demands[:1]],
                "split": splits.get(row.pk),
                "shared": shared.get(row.pk),
                "order_url": document_address(row.order_type, row.order_number) if row.order_number else "",
            }
        )
    request_first = parameters.get("purchasing.request_first")
    may_order = actor.may(EDIT) and actor.may("purchasing.order.edit") and not request_first
    may_request = actor.may(EDIT) and actor.may(REQUEST)
    context = {
        "rows": rows,
        "state": state,
        "tabs": [{"key": str(key), "label": label, "count": counts.get(key, 0)} for key, label in TABS],
        "may_edit": actor.may(EDIT),
        "may_order": may_order,
        "may_request": may_request,
        "may_choose": may_order or may_request,
        "may_move": any(each.sources for each in splits.values()) and actor.may(EDIT),
        "may_export": actor.may("purchasing.order.export"),
        "suppliers": party_choices("supplier"),
        "supplier": posted.get("supplier", ""),
        "snooze_until": clock.today() + timedelta(days=7),
        "error": block_of(refusal) if refusal else None,
        "most": _MOST,
    }
    return render(request, "staff/purchasing/suggestions.html", context, status=refusal.status if refusal else 200)


@staff_view("purchasing.suggestion.view")
def suggestion_list(request: HttpRequest) -> HttpResponse:
    if request.GET.get("export") == "xlsx":
        request.actor.require("purchasing.order.export")  # type: ignore[attr-defined]
        return export.xlsx(_("Purchase suggestions"), EXPORT, _rows(_state(request)), {})
    return _page(request)


@require_POST
@staff_view(EDIT)
def suggestion_order(request: HttpRequest) -> HttpResponse:
    """Draft orders of what was chosen, one for each supplier, with the quantities that stand in the rows."""
    request.actor.require("purchasing.order.edit")  # type: ignore[attr-defined]
    try:
        made = order_from_suggestions(**_chosen(request), **who_and_when(request))
    except Refusal as refusal:
        return _page(request, refusal)
    words = ngettext("%(count)s draft order: %(numbers)s", "%(count)s draft orders: %(numbers)s", len(made))
    messages.success(request, words % {"count": len(made), "numbers": ", ".join(order.number for order in made)})
    if len(made) == 1:
        return HttpResponseRedirect(reverse("staff:purchase_order_detail", kwargs={"number": made[0].number}))
    return HttpResponseRedirect(f"{reverse('staff:purchase_order_list')}?approval=draft,submitted&view=approve")


@require_POST
@staff_view(EDIT)
def suggestion_request(request: HttpRequest) -> HttpResponse:
    """A draft requisition of what was chosen, one for each warehouse, with the quantities that stand in the rows."""
    request.actor.require(REQUEST)  # type: ignore[attr-defined]
    try:
        made = request_suggestions(**_chosen(request), **who_and_when(request))
    except Refusal as refusal:
        return _page(request, refusal)
    words = ngettext("%(count)s draft requisition: %(numbers)s", "%(count)s draft requisitions: %(numbers)s", len(made))
    messages.success(request, words % {"count": len(made), "numbers": ", ".join(one.number for one in made)})
    if len(made) == 1 and request.actor.may("purchasing.requisition.view"):  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("staff:requisition_detail", kwargs={"number": made[0].number}))
    return HttpResponseRedirect(reverse("staff:suggestion_list"))


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """What was ticked, how much of it, and from whom where that was said."""
    ids = [picked for key in request.POST.getlist("chosen") if (picked := uuid_of(key))]
    if not ids:
        raise ValidationRefused(_("Choose at least one suggestion."), field="chosen")
    supplier_id = uuid_of(request.POST.get("supplier", ""))
    return {"suggestion_ids": ids, "quantities": _quantities(request, ids), "supplier_id": supplier_id}


@require_POST
@staff_view(EDIT)
def suggestion_transfer(request: HttpRequest) -> HttpResponse:
    """Ask other warehouses for what lies free there; what is left stays to be bought."""
    try:
        made = transfer_first(suggestion_ids=_chosen(request)["suggestion_ids"], **who_and_when(request))
        if not made:
            raise ValidationRefused(_("Nothing of it lies free in another warehouse."), field="chosen")
    except Refusal as refusal:
        return _page(request, refusal)
    numbers = ", ".join(transfer.number for transfer in made)
    messages.success(request, _("Asked for with %(numbers)s; the rest is to be bought.") % {"numbers": numbers})
    return HttpResponseRedirect(reverse("staff:suggestion_list"))


def _quantities(request: HttpRequest, ids: list[UUID]) -> dict[UUID, Decimal]:
    found: dict[UUID, Decimal] = {}
    problems: list[Refusal] = []
    for each in ids:
        text = request.POST.get(f"qty-{each}", "").strip()
        if not text:
            continue
        number = amount_of(text)
        if number is None or number <= 0:
            words = _("“%(text)s” is not a quantity.") % {"text": text[:20]}
            problems.append(ValidationRefused(words, field="qty", value=text[:20]))
            continue
        found[each] = number
    if problems:
        raise Refusal.many(problems)
    return found


def _decide(request: HttpRequest, pk: UUID, do: Any, done: Any) -> HttpResponse:
    if not Suggestion.objects.filter(pk=pk).exists():
        raise NotFoundRefused(_("There is no such suggestion."), value=pk)
    try:
        do()
    except Refusal as refusal:
        return _page(request, refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("staff:suggestion_list"))


@require_POST
@staff_view(EDIT)
def suggestion_snooze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask again on a later day."""

    def snooze() -> None:
        until = day_of(request.POST.get("until", ""))
        if until is None:
            raise ValidationRefused(_("Give the day to ask again."), field="until")
        reason = request.POST.get("reason", "").strip()[:300]
        services.snooze_suggestion(suggestion_id=pk, until=until, reason=reason, **who_and_when(request))

    return _decide(request, pk, snooze, _("Put off."))


@require_POST
@staff_view(EDIT)
def suggestion_dismiss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide not to buy, with the reason."""
    reason = request.POST.get("reason", "").strip()[:300]
    return _decide(
        request,
        pk,
        lambda: services.dismiss_suggestion(suggestion_id=pk, reason=reason, **who_and_when(request)),
        _("Dismissed."),
    )


@require_POST
@staff_view(EDIT)
def suggestion_revive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide again."""
    return _decide(
        request, pk, lambda: services.revive_suggestion(suggestion_id=pk, **who_and_when(request)), _("Back to decide.")
    )
