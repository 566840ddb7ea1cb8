"""Attributes of styles, colour and size, with their values in order."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.inputs import AttributeData, ValueData
from backend.catalog.models import Attribute, AttributeValue
from backend.catalog.services.attributes import save_attribute
from backend.kernel.errors import NotFoundRefused
from portals.staff.sales.entry import uuid_of
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.lists import StaffList
from portals.staff.shared.masters import edit_page
from portals.ui.components import Action, Crumb, Empty
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines
from portals.ui.lists import Column, TextFilter
from portals.ui.navigation import trail

EDIT = "catalog.item.edit"
VALUES = (
    GridColumn("code", gettext_lazy("Part of the code"), required=True),
    GridColumn("name", gettext_lazy("Name"), required=True, size="w-xl"),
)


class AttributeForm(StaffForm):
    """The head of an attribute."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=40)
    code = forms.CharField(label=gettext_lazy("Code"), max_length=20)
    position = forms.IntegerField(
        label=gettext_lazy("Place in the code"),
        min_value=0,
        max_value=99,
        initial=0,
        help_text=gettext_lazy("The last one of a style makes the columns of its matrix"),
    )


class AttributeList(StaffList):
    key = "catalog.attribute"
    title = gettext_lazy("Attributes")
    permission = "catalog.item.view"
    export_permission = "catalog.item.export"
    columns = (
        Column("name", gettext_lazy("Name"), sort=True),
        Column("code", gettext_lazy("Code"), sort=True),
        Column("values", gettext_lazy("Values"), value=lambda row: " · ".join(str(each) for each in row.values.all())),
        Column("count", gettext_lazy("How many"), "number", value="value_count"),
        Column("position", gettext_lazy("Place in the code"), "number", sort=True),
    )
    filters = (TextFilter("q", gettext_lazy("Search"), fields=("code", "name", "values__name")),)
    default_sort = ("position",)

    def rows(self) -> QuerySet[Attribute]:
        values = Prefetch("values", queryset=AttributeValue.objects.order_by("position", "code"))
        ordered = Attribute.objects.prefetch_related(values)
        return ordered.annotate(value_count=Count("values", distinct=True))

    def row_url(self, row: Any) -> str:
        return reverse("staff:attribute_edit", kwargs={"pk": row.pk}) if self.may(EDIT) else ""

    def crumbs(self) -> list[Crumb]:
        return trail("staff:style_list")

    def actions(self) -> list[Action]:
        if not self.may(EDIT):
            return []
        return [Action(_("New attribute"), reverse("staff:attribute_new"), icon="plus", look="primary")]

    def empty(self) -> Empty:
        text = _(
            "Colour and size, for example: a style chooses among their values and makes an item of each combination."
        )
        return Empty(_("No attributes yet"), text, tuple(self.actions()))


def _grid(attribute: Attribute | None) -> LineGrid:
    values = attribute.values.order_by("position", "code") if attribute else ()
    rows = [GridRow({"id": str(value.pk), "code": value.code, "name": value.name}) for value in values]
    return LineGrid(VALUES, rows=rows)


def _values(request: HttpRequest) -> tuple[ValueData, ...]:
    lines = read_lines(request.POST, VALUES)
    return tuple(
        ValueData(line.text("code")[:20], line.text("name")[:40] or line.text("code")[:40], uuid_of(line.text("id")))
        for line in lines
    )


def _edit(request: HttpRequest, attribute: Attribute | None) -> HttpResponse:
    names = ("name", "code", "position")
    posted = request.method == "POST"
    initial = (
        {name: getattr(attribute, name) for name in names} if attribute else {"position": Attribute.objects.count()}
    )
    form = AttributeForm(request.POST) if posted else AttributeForm(initial=initial)
    grid = _grid(attribute)
    back = reverse("staff:attribute_list")

    def save() -> Attribute:
        clean = form.cleaned_data
        data = AttributeData(clean["name"], clean["code"], _values(request), clean["position"])
        return save_attribute(
            data=data,
            attribute_id=attribute.pk if attribute else None,
            version=version_of(request) if attribute else None,
            **who_and_when(request),
        )

    return edit_page(
        request,
        form=form,
        sections=[(_("What it is"), names)],
        save=save,
        back=lambda saved: back,
        title=_("Change %(name)s") % {"name": attribute} if attribute else _("New attribute"),
        crumbs=[*trail("staff:style_list"), Crumb(_("Attributes"), back)],
        cancel_url=back,
        version=attribute.version if attribute else "",
        grid=grid.with_posted(request.POST) if posted else grid,
    )


@staff_view(EDIT)
def attribute_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@staff_view(EDIT)
def attribute_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = Attribute.objects.filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such attribute."), value=pk)
    return _edit(request, found)
