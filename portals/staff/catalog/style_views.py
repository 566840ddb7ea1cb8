"""Styles: their list, entry, page with the matrix of their variants, and the matrix that orders are keyed in."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from backend.catalog.models import Item, Style
from backend.catalog.services.styles import make_variants, save_style
from backend.catalog.variants import axes_of, combinations_of, matrices_of, search_styles, styles
from backend.kernel.errors import NotFoundRefused, PermissionRefused
from portals.staff.catalog.matrix import table_of
from portals.staff.catalog.style_forms import StyleForm, initial_of
from portals.staff.inventory.report_pages import place_of, tabs_of
from portals.staff.sales.entry import uuid_of
from portals.staff.shared.acting import step, version_of, who_and_when
from portals.staff.shared.lists import PRICES, StaffList
from portals.staff.shared.masters import edit_page
from portals.staff.shared.words import VERBS
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui.chips import chip
from portals.ui.components import Action, Crumb, Empty, Fact
from portals.ui.guards import staff_view
from portals.ui.lists import Column, TextFilter

EDIT, VIEW, COST = "catalog.item.edit", "catalog.item.view", "catalog.cost.view"
KEYS = {"sales": ("sales.order.edit", "sales.quote.edit"), "purchase": ("purchasing.order.edit",)}
PER_PAGE = 8


class StyleList(StaffList):
    key = "catalog.style"
    title = gettext_lazy("Styles")
    permission = VIEW
    export_permission = "catalog.item.export"
    priced = frozenset({"sale_price"})
    columns = (
        Column("code", gettext_lazy("Style code"), sort=True),
        Column("name", gettext_lazy("Name"), sort="sort_key"),
        Column("category", gettext_lazy("Category"), value="category.name", phone="hide"),
        Column("values", gettext_lazy("Exists in"), value=lambda row: words_of(row)),
        Column("variants", gettext_lazy("Variants"), "number", value="variant_count", sort="variant_count"),
        Column("sale_price", gettext_lazy("Sale price"), "price", sort=True),
        Column("active", gettext_lazy("State"), "chip", sort=True),
    )
    filters = (TextFilter("q", gettext_lazy("Search"), fields=("code", "name", "mnemonic")),)
    default_sort = ("name",)

    def rows(self) -> QuerySet[Style]:
        return styles().annotate(variant_count=Count("variants", distinct=True))

    def row_url(self, row: Any) -> str:
        return reverse("staff:style_detail", kwargs={"pk": row.pk})

    def row_mark(self, row: Any) -> str:
        return "" if row.active else "off"

    def actions(self) -> list[Action]:
        attributes = Action(_("Attributes"), reverse("staff:attribute_list"), icon="list-details")
        if not self.may(EDIT):
            return [attributes]
        return [attributes, Action(_("New style"), reverse("staff:style_new"), icon="plus", look="primary")]

    def empty(self) -> Empty:
        text = _(
            "A style exists in several colours and sizes; each combination is an item with its own code and stock."
        )
        return Empty(_("No styles yet"), text, tuple(self.actions()))


def words_of(style: Style) -> str:
    """``颜色 红 蓝 · 尺码 S M L``."""
    axes = axes_of(row.value for row in style.chosen.all())
    return " · ".join(f"{attribute} {' '.join(str(value) for value in values)}" for attribute, values in axes)


def load_style(pk: UUID) -> Style:
    """The style with what it refers to, or not found."""
    found = styles().filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such style."), value=pk)
    return found


# --- entry ---------------------------------------------------------------------------------------------------
def _edit(request: HttpRequest, style: Style | None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    rights = {"cost": actor.may(COST), "price": actor.may(PRICES)}
    posted = request.method == "POST"
    form = StyleForm(request.POST, **rights) if posted else StyleForm(initial=initial_of(style), **rights)
    url = reverse("staff:style_detail", kwargs={"pk": style.pk}) if style else reverse("staff:style_list")
    return edit_page(
        request,
        form=form,
        sections=form.sections(),
        save=lambda: save_style(
            data=form.values(style),
            style_id=style.pk if style else None,
            version=version_of(request) if style else None,
            **who_and_when(request),
        ),
        back=lambda saved: reverse("staff:style_detail", kwargs={"pk": saved.pk}),
        title=_("Change %(name)s") % {"name": style} if style else _("New style"),
        crumbs=[Crumb(_("Styles"), reverse("staff:style_list"))],
        cancel_url=url,
        version=style.version if style else "",
        wide=("name", "remark", *form.axes),
    )


@staff_view(EDIT)
def style_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@staff_view(EDIT)
def style_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _edit(request, load_style(pk))


# --- page ----------------------------------------------------------------------------------------------------
def _facts(style: Style, actor: Any) -> list[Fact]:
    tax = style.tax_code
    found = [
        Fact(_("Exists in"), words_of(style) or "–"),
        Fact(_("Unit"), str(style.unit), str(style.category)),
        Fact(_("Tax rate"), formats.percent(tax.rate), str(tax), numeric=True),
    ]
    if actor.may(PRICES):
        found.append(Fact(_("Sale price incl. tax"), formats.price(style.sale_price), numeric=True))
    if actor.may(COST):
        found.append(Fact(_("Purchase price incl. tax"), formats.price(style.purchase_price), numeric=True))
    return [*found, Fact(_("Supplier"), style.supplier.name if style.supplier else _("none yet"))]


@staff_view(VIEW)
def style_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the style is, and its variants in the matrix with their stock."""
    return _draw(request, load_style(pk))


def _draw(request: HttpRequest, style: Style, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    [matrix] = matrices_of([style])
    missing = len(combinations_of(row.value for row in style.chosen.all())) - len(matrix.items)
    actions = []
    if actor.may(EDIT):
        actions.append(Action(_("Edit"), reverse("staff:style_edit", kwargs={"pk": style.pk}), icon="edit"))
        if missing:
            label = ngettext("Make %(count)s variant", "Make %(count)s variants", missing) % {"count": missing}
            url = reverse("staff:style_variants", kwargs={"pk": style.pk})
            actions.append(Action(label, url, icon="plus", method="post", look="primary"))
    context = {
        "style": style,
        "matrix": table_of(matrix) if matrix.items else None,
        "variants": sorted(matrix.items, key=lambda item: item.code),
        "prices": actor.may(PRICES),
        "stock": actor.may("inventory.stock.view"),
        "facts": _facts(style, actor),
        "actions": actions,
        "chips": [] if style.active else [chip("active", "False")],
        "crumbs": [Crumb(_("Styles"), reverse("staff:style_list"))],
        "timeline": ui_related.timeline(style.pk, limit=8, words=VERBS, reader=actor),
        "error": error,
    }
    return render(request, "staff/catalog/style.html", context, status=400 if error else 200)


@require_POST
@staff_view(EDIT)
def style_variants(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the variants that are not there yet."""
    style = load_style(pk)
    return step(
        request,
        lambda: make_variants(style_id=style.pk, **who_and_when(request)),
        done=lambda made: (
            ngettext("%(count)s variant is made.", "%(count)s variants are made.", len(made)) % {"count": len(made)}
        ),
        back=reverse("staff:style_detail", kwargs={"pk": pk}),
        refused=lambda error: _draw(request, load_style(pk), error),
    )


# --- what other pages ask ------------------------------------------------------------------------------------
@staff_view()
def style_matrix(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The matrix to type quantities into, for the lines of an order."""
    actor, kind = request.actor, request.GET.get("for", "sales")  # type: ignore[attr-defined]
    needed = KEYS.get(kind, KEYS["sales"])
    if not any(actor.may(code) for code in needed):
        raise PermissionRefused(_("Your role does not include this: %(code)s.") % {"code": needed[0]})
    style = load_style(pk)
    [matrix] = matrices_of([style], warehouse_id=uuid_of(request.GET.get("warehouse_id", "")))
    flag = "purchasable" if kind == "purchase" else "sellable"
    table = table_of(matrix, opens=lambda item: getattr(item, flag))
    return render(request, "staff/catalog/matrix_entry.html", {"matrix": table, "style": style})


@staff_view(VIEW)
def style_pick(request: HttpRequest) -> HttpResponse:
    """The type-ahead of filters."""
    found = search_styles(request.GET.get("q", ""), limit=12) or list(styles(active_only=True)[:12])
    rows = [{"id": str(style.pk), "label": style.name, "sub": style.code} for style in found]
    return JsonResponse({"results": rows})


@staff_view("inventory.stock.view")
def style_stock(request: HttpRequest) -> HttpResponse:
    """What is available and on hand of every style, by colour and size."""
    chosen, choice = place_of(request)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:40]
    having = Item.objects.filter(style__isnull=False).values("style")
    found = styles(active_only=True).filter(pk__in=having)
    if text:
        found = found.filter(pk__in=[style.pk for style in search_styles(text, limit=50)])
    paged = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    matrices = matrices_of(list(paged.object_list), warehouse_id=chosen)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "title": _("Stock by style"),
        "tabs": tabs_of("style_stock"),
        "matrices": [(f"m-{number}", table_of(matrix)) for number, matrix in enumerate(matrices)],
        "paged": paged,
        "query": query.urlencode(),
        "q": text,
        "choice": choice,
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Stock reports"), reverse("staff:stock_ages"))],
    }
    return render(request, "staff/catalog/style_stock.html", context)
