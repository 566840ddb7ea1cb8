"""Material of production orders: issued to the workshop, taken back, lost there."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel.document import Approval
from backend.production import selectors as reads
from backend.production.models import MaterialKind, ProductionMaterial, ProductionMaterialLine, ProductionOrder
from backend.production.services import materials
from backend.production.services.inputs import MaterialLineInput
from portals.staff.inventory.material_papers import (
    MaterialBase,
    MaterialListBase,
    paper_columns,
    paper_line_columns,
)
from portals.staff.inventory.papers import PaperForm, approved_fact, date_fact, place_field
from portals.staff.production.words import order_fact
from portals.staff.shared.forms import PickField
from portals.ui.components import Action, Empty, Fact
from portals.ui.lists import ChoiceFilter, Column, DateFilter, TextFilter

VIEW, EDIT = "production.material.view", "production.material.edit"


def order_field() -> PickField:
    return PickField(
        label=gettext_lazy("Production order"),
        model=ProductionOrder,
        url_name="staff:production_pick",
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("Choose a production order.")),
    )


class MaterialForm(PaperForm):
    order = order_field()
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MaterialKind)
    warehouse_id = place_field(gettext_lazy("Our warehouse"))


class MaterialPaper(MaterialBase):
    name = "production_material"
    right = "production.material"
    undo = "approve"
    area = gettext_lazy("Production")
    model = ProductionMaterial
    title = gettext_lazy("Material of a production order")
    plural = gettext_lazy("Production material")
    new_title = gettext_lazy("New material paper")
    form = MaterialForm
    fields = ("order", "kind", "warehouse_id", "doc_date", "remark")
    related = ("warehouse", "order__item")
    line_input = MaterialLineInput
    save, approve = materials.save_material, materials.approve_material
    unapprove, void = materials.unapprove_material, materials.void_material

    def facts(self, document: ProductionMaterial, actor: Any) -> list[Fact]:
        return [
            order_fact(document.order, actor),
            Fact(_("Kind"), document.get_kind_display()),
            Fact(_("Our warehouse"), str(document.warehouse)),
            date_fact(document),
            approved_fact(document),
        ]

    def order_named(self, actor: Any, number: str) -> ProductionOrder | None:
        return reads.order_for(actor, number)

    def still_to_move(self, order: ProductionOrder, kind: str) -> Iterable[tuple[Any, Decimal]]:
        return [(row.component.item, _left(row, kind)) for row in reads.components_of_order(order)]


def _left(row: Any, kind: str) -> Decimal:
    """What of a component is still to be issued, or lies in the workshop for the order."""
    return row.to_issue if kind == MaterialKind.ISSUE else max(row.component.held_qty, Decimal(0))


MATERIALS = MaterialPaper()


class MaterialList(MaterialListBase):
    key = "production.material"
    title = MaterialPaper.plural
    permission = VIEW
    noun = "production_material"
    columns = paper_columns(
        Column(
            "order", gettext_lazy("Production order"), value="order.number", sub="order.item.name", sort="order__number"
        )
    )
    line_columns = paper_line_columns(
        Column("order", gettext_lazy("Production order"), value="document.order.number", sort="document__order__number")
    )
    line_model = ProductionMaterialLine
    line_related = ("document__order", "item__unit")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "order__number", "order__item__name", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("kind", gettext_lazy("Kind"), choices=MaterialKind),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
    )

    def rows(self) -> QuerySet[ProductionMaterial]:
        return reads.materials_visible_to(self.actor)

    def actions(self) -> Sequence[Action]:
        found = [Action(_("Material in the workshop"), reverse("staff:workshop_stock"), icon="package")]
        if self.may(EDIT):
            url = reverse("staff:production_material_new")
            found.append(Action(_("New material paper"), url, icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        words = _("Material goes to the workshop for production orders, and what is not used comes back.")
        return Empty(_("No material was moved yet"), words, tuple(self.actions()))
