"""Filling warehouses up: what each lacks, where it comes from, and the rules (SCM-06, INV-08)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.inventory.models import ReplenishmentRule
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.processes import replenishment
from portals.staff.inventory.papers import place_field
from portals.staff.sales.entry import uuid_of
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import StaffForm
from portals.ui import formats
from portals.ui.errors import block_of
from portals.ui.guards import staff_view

VIEW, EDIT = "inventory.replenishment.view", "inventory.replenishment.edit"


class RuleForm(StaffForm):
    warehouse_id = place_field(gettext_lazy("Warehouse"))
    days = forms.IntegerField(label=gettext_lazy("Sold in (days)"), min_value=1, max_value=365, initial=30)
    factor = forms.DecimalField(
        label=gettext_lazy("Factor"), min_value=0.01, max_value=100, max_digits=7, decimal_places=4, initial="1"
    )
    automatic = forms.BooleanField(label=gettext_lazy("Class A without a click"), required=False)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)


def _page(request: HttpRequest, refusal: Refusal | None = None, form: RuleForm | None = None) -> HttpResponse:
    rules = list(ReplenishmentRule.objects.filter(active=True).select_related("warehouse").order_by("warehouse__code"))
    asked = uuid_of(request.GET.get("rule", ""))
    rule = next((each for each in rules if each.pk == asked), rules[0] if rules else None)
    if asked and (rule is None or rule.pk != asked):
        raise NotFoundRefused(_("There is no such rule."), value=asked)
    rows = replenishment.proposals(rule, clock.today()) if rule else []
    initial: dict[str, Any] = {}
    if rule:
        names = ("days", "factor", "automatic", "active")
        initial = {"warehouse_id": str(rule.warehouse_id)} | {name: getattr(rule, name) for name in names}
        initial["factor"] = formats.plain(rule.factor)
    context = {
        "rules": rules,
        "rule": rule,
        "rows": [
            {
                "it": row,
                "coming": row.coming + row.drafted,
                "buy": formats.qty(row.split.to_buy) if row.split.to_buy else "–",
            }
            for row in rows
        ],
        "form": form or RuleForm(initial=initial or None),
        "may_edit": request.actor.may(EDIT),  # type: ignore[attr-defined]
        "error": block_of(refusal) if refusal else None,
    }
    status = refusal.status if refusal else 400 if form is not None else 200
    return render(request, "staff/inventory/replenishment.html", context, status=status)


@staff_view(VIEW)
def replenishment_list(request: HttpRequest) -> HttpResponse:
    """What is lacking; posting it makes transfers and draft orders of what was chosen."""
    if request.method != "POST":
        return _page(request)
    request.actor.require(EDIT)  # type: ignore[attr-defined]
    try:
        chosen: set[UUID] = {picked for key in request.POST.getlist("chosen") if (picked := uuid_of(key))}
        rule = ReplenishmentRule.objects.filter(pk__in=[uuid_of(request.GET.get("rule", ""))]).first()
        if rule is None:
            raise NotFoundRefused(_("There is no such rule."))
        if not chosen:
            raise ValidationRefused(_("Choose at least one item."), field="chosen")
        done = replenishment.fill_up(rule_id=rule.pk, item_ids=chosen, **who_and_when(request))
    except Refusal as refusal:
        return _page(request, refusal)
    numbers = [made.number for made in (*done.transfers, *done.bought)]
    if numbers:
        messages.success(request, _("Written: %(numbers)s.") % {"numbers": ", ".join(numbers)})
    if done.without_supplier:
        words = _("No supplier is known for %(codes)s.") % {"codes": ", ".join(done.without_supplier)}
        messages.warning(request, words)
    return HttpResponseRedirect(f"{reverse('staff:replenishment_list')}?rule={rule.pk}")


@require_POST
@staff_view(EDIT)
def replenishment_rule(request: HttpRequest) -> HttpResponse:
    """Write a rule; one that is not in use proposes nothing."""
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    values = {**form.cleaned_data, "warehouse_id": UUID(form.cleaned_data["warehouse_id"])}
    try:
        rule = replenishment.save_rule(**values, **who_and_when(request))
    except Refusal as refusal:
        return _page(request, refusal, form)
    messages.success(request, _("Saved."))
    query = f"?rule={rule.pk}" if rule.active else ""
    return HttpResponseRedirect(f"{reverse('staff:replenishment_list')}{query}")


urlpatterns = [
    path("replenishment/", replenishment_list, name="replenishment_list"),
    path("replenishment/rules/", replenishment_rule, name="replenishment_rule"),
]
