"""Price lists: entry and pages."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.inputs import PriceLineData, PriceListData
from backend.catalog.models import (
    PriceKind,
    PriceList,
)
from backend.catalog.selectors import price_list_whole
from backend.catalog.services import save_price_list
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.money import ZERO
from backend.parties.models import Party
from portals.staff.catalog.tables import COST, whom
from portals.staff.sales.entry import day_of, items_of
from portals.staff.search.find import by_words
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import PickField, StaffForm, put_on
from portals.staff.shared.item_names import item_addresses
from portals.staff.shared.masters import sections_of
from portals.staff.shared.quantities import number_of
from portals.staff.shared.words import VERBS
from portals.ui import related as ui_related
from portals.ui.chips import chip
from portals.ui.components import Action, Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines

COLUMNS = (
    GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("min_qty", gettext_lazy("From quantity"), "qty"),
    GridColumn("price", gettext_lazy("Unit price"), "price", required=True, strong=True),
    GridColumn("valid_from", gettext_lazy("From"), "date"),
    GridColumn("valid_to", gettext_lazy("Until"), "date"),
)


class PriceListForm(StaffForm):
    """The head of a price list."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Left empty it is given on saving."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PriceKind.choices)
    party_id = PickField(
        label=gettext_lazy("Partner"),
        model=Party,
        url_name="staff:price_list_parties",
        required=False,
        help_text=gettext_lazy("Left empty: for everybody"),
    )
    customer_level = forms.CharField(label=gettext_lazy("Customer level"), max_length=20, required=False)
    includes_tax = forms.BooleanField(label=gettext_lazy("Prices include tax"), required=False, initial=True)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)


_LIST_FIELDS = ("name", "code", "kind", "party_id", "customer_level", "includes_tax", "active")


@staff_view()
def price_list_parties(request: HttpRequest) -> HttpResponse:
    """Customers and suppliers for the picker of a price list."""
    request.actor.require("catalog.price_list.edit")  # type: ignore[attr-defined]
    match = by_words(request.GET.get("q", ""), "name", "code", "mnemonic", "short_name")
    rows = Party.objects.filter(match, active=True).order_by("sort_key", "id")[:12]
    return JsonResponse({"results": [{"id": str(row.pk), "label": row.name, "sub": row.code} for row in rows]})


def _list_grid(found: PriceList | None) -> LineGrid:
    rows = []
    for line in found.lines.all() if found else ():
        rows.append(
            GridRow(
                {
                    "item_id": str(line.item_id),
                    "item_id_code": line.item.code,
                    "name": f"{line.item.name} {line.item.spec}".strip(),
                    "unit": str(line.item.unit),
                    "min_qty": line.min_qty or "",
                    "price": line.price,
                    "valid_from": line.valid_from.isoformat() if line.valid_from else "",
                    "valid_to": line.valid_to.isoformat() if line.valid_to else "",
                }
            )
        )
    return LineGrid(COLUMNS, rows=rows, **item_addresses())


def _read_prices(request: HttpRequest) -> tuple[PriceLineData, ...]:
    lines = read_lines(request.POST, COLUMNS)
    items = items_of(lines)
    problems: list[Refusal] = []
    found = []
    for line in lines:
        item, price = items.get(line.index), number_of(line, "price", problems)
        least = number_of(line, "min_qty", problems)
        if item is None:
            words = _("Line %(line)s: there is no item “%(code)s”.") % {
                "line": line.no,
                "code": line.text("item_id_code")[:40],
            }
            problems.append(ValidationRefused(words, line=line.no, field="item_id"))
        elif price is None:
            words = _("Line %(line)s: give the price.") % {"line": line.no}
            problems.append(ValidationRefused(words, line=line.no, field="price"))
        else:
            days = day_of(line.text("valid_from")), day_of(line.text("valid_to"))
            found.append(PriceLineData(item.pk, price, least or ZERO, *days))
    if problems:
        raise Refusal.many(problems)
    return tuple(found)


def _list_edit(request: HttpRequest, found: PriceList | None) -> HttpResponse:
    grid, error, status = _list_grid(found), None, 200
    initial = {name: getattr(found, name) for name in _LIST_FIELDS} if found else {"kind": "sales"}
    if request.method == "POST":
        form, refusal, status = PriceListForm(request.POST), None, 400
        if form.is_valid():
            try:
                saved = save_price_list(
                    data=PriceListData(lines=_read_prices(request), **form.cleaned_data),
                    price_list_id=found.pk if found else None,
                    version=version_of(request) if found else None,
                    **who_and_when(request),
                )
            except Refusal as caught:
                refusal, status = caught, caught.status
                error = put_on(form, caught) or block_of(caught)
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("staff:price_list_detail", kwargs={"pk": saved.pk}))
        grid = grid.with_posted(request.POST, refusal)
    else:
        form = PriceListForm(initial=initial)
    url = reverse("staff:price_list_detail", kwargs={"pk": found.pk}) if found else reverse("staff:price_list_list")
    context = {
        "form": form,
        "sections": sections_of(form, [("", _LIST_FIELDS)], ("name",)),
        "grid": grid,
        "error": error,
        "title": _("Change %(name)s") % {"name": found.name} if found else _("New price list"),
        "crumbs": [Crumb(_("Price lists"), reverse("staff:price_list_list"))],
        "cancel_url": url,
        "version": request.POST.get("version") or (found.version if found else ""),
    }
    return render(request, "staff/shared/master_form.html", context, status=status)


def _load_list(request: HttpRequest, pk: UUID) -> PriceList:
    found = price_list_whole(pk)
    if found is None or (found.kind == PriceKind.PURCHASE and not request.actor.may(COST)):  # type: ignore[attr-defined]
        raise NotFoundRefused(_("There is no such price list."), value=pk)
    return found


@staff_view("catalog.price_list.edit")
def price_list_new(request: HttpRequest) -> HttpResponse:
    return _list_edit(request, None)


@staff_view("catalog.price_list.edit")
def price_list_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _list_edit(request, _load_list(request, pk))


@staff_view("catalog.price_list.view")
def price_list_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _load_list(request, pk)
    may = request.actor.may("catalog.price_list.edit")  # type: ignore[attr-defined]
    context = {
        "it": found,
        "whom": whom(found),
        "lines": sorted(found.lines.all(), key=lambda line: (line.item.sort_key, line.min_qty)),
        "chips": [chip("active", str(found.active))],
        "actions": [Action(_("Edit"), reverse("staff:price_list_edit", kwargs={"pk": pk}), icon="edit", look="primary")]
        if may
        else [],
        "crumbs": [Crumb(_("Price lists"), reverse("staff:price_list_list"))],
        "timeline": ui_related.timeline(found.pk, limit=8, words=VERBS),
    }
    return render(request, "staff/catalog/price_list.html", context)
