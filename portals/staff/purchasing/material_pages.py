"""Material of subcontract orders: issues, returns and losses, on the pages that all stock documents have."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel.document import Approval
from backend.purchasing.models import LossBearer, MaterialKind, MaterialMove, MaterialMoveLine, OrderKind, PurchaseOrder
from backend.purchasing.selectors import subcontract as reads
from backend.purchasing.services import materials
from backend.purchasing.services.inputs import MaterialLineInput
from portals.staff.inventory.material_papers import (
    MaterialBase,
    MaterialListBase,
    paper_columns,
    paper_line_columns,
)
from portals.staff.inventory.papers import PaperForm, approved_fact, date_fact, place_field
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.purchasing.words import supplier_fact
from portals.staff.search.find import by_words
from portals.staff.shared.forms import PickField
from portals.ui.components import Action, Empty, Fact
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, DateFilter, TextFilter

VIEW, EDIT = "purchasing.material.view", "purchasing.material.edit"


class MaterialForm(PaperForm):
    order = PickField(
        label=gettext_lazy("Subcontract order"),
        model=PurchaseOrder,
        url_name="staff:subcontract_pick",
        where={"kind": OrderKind.SUBCONTRACT},
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("Choose a subcontract order.")),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MaterialKind)
    warehouse_id = place_field(gettext_lazy("Our warehouse"))
    bearer = forms.ChoiceField(
        label=gettext_lazy("Who bears a loss"), choices=LossBearer, required=False, initial=LossBearer.US
    )
    shown_for: ClassVar = {"bearer": ("kind", MaterialKind.LOSS.value)}


class MaterialPaper(MaterialBase):
    name = "material"
    area = gettext_lazy("Purchasing")
    right = "purchasing.material"
    model = MaterialMove
    title = gettext_lazy("Material of a subcontract order")
    plural = gettext_lazy("Material issued and returned")
    new_title = gettext_lazy("Move material")
    form = MaterialForm
    book_label = gettext_lazy("Book the material")
    booked = gettext_lazy("The material is booked.")
    fields = ("order", "kind", "warehouse_id", "doc_date", "bearer", "remark")
    related = ("warehouse", "order", "supplier")
    line_input = MaterialLineInput
    save, approve = materials.save_material, materials.approve_material
    unapprove, void = materials.unapprove_material, materials.void_material

    def facts(self, document: MaterialMove, actor: Any) -> list[Fact]:
        url = reverse("staff:purchase_order_detail", kwargs={"number": document.order.number})
        shown = url if actor.may("purchasing.order.view") else ""
        lost = document.get_bearer_display() if document.kind == MaterialKind.LOSS else ""
        return [
            supplier_fact(document.supplier, actor),
            Fact(_("Kind"), document.get_kind_display(), lost),
            Fact(_("Subcontract order"), document.order.number, "", shown, numeric=True),
            Fact(_("Our warehouse"), str(document.warehouse)),
            date_fact(document),
            approved_fact(document),
        ]

    def head(self, document: MaterialMove) -> dict[str, Any]:
        return super().head(document) | {"bearer": document.bearer}

    def arguments(self, clean: Mapping[str, Any]) -> dict[str, Any]:
        return super().arguments(clean) | {"bearer": clean["bearer"] or LossBearer.US}

    def order_named(self, actor: Any, number: str) -> PurchaseOrder | None:
        return reads.subcontracts_visible_to(actor).filter(number=number).first()

    def still_to_move(self, order: PurchaseOrder, kind: str) -> Iterable[tuple[Any, Decimal]]:
        return [(row.item, materials.left_to_move(row, kind)) for row in materials.components_of([order.pk])]


@staff_view(EDIT)
def subcontract_pick(request: HttpRequest) -> HttpResponse:
    """Approved subcontract orders that are not closed, for the picker: by number, processor or what is made."""
    match = by_words(request.GET.get("q", ""), "number", "supplier__name", "supplier__mnemonic", "lines__item__name")
    found = reads.subcontracts_visible_to(request.actor).filter(match, approval=Approval.APPROVED, closing="open")  # type: ignore[attr-defined]
    rows = found.order_by("-doc_date", "-number").values_list("pk", "number", "supplier__name", "lines__item__name")
    return JsonResponse(
        {"results": [{"id": pk, "label": number, "sub": f"{who} · {what}"} for pk, number, who, what in rows[:12]]}
    )


MATERIALS = MaterialPaper()


_SUPPLIER = Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key")
_ORDER = Column("order", gettext_lazy("Subcontract order"), value="order.number", sort="order__number")


class MaterialList(MaterialListBase):
    key = "purchasing.material"
    title = MaterialPaper.plural
    permission = VIEW
    noun = "material"
    columns = paper_columns(_SUPPLIER, _ORDER)
    line_columns = paper_line_columns(Column("supplier", gettext_lazy("Supplier"), value="document.supplier.name"))
    line_model = MaterialMoveLine
    line_related = ("document__supplier", "item__unit")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "order__number", "supplier__name", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("kind", gettext_lazy("Kind"), choices=MaterialKind),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
    )

    def rows(self) -> QuerySet[MaterialMove]:
        return reads.materials_visible_to(self.actor)

    def actions(self) -> Sequence[Action]:
        found = [Action(_("Material at processors"), reverse("staff:material_stock"), icon="package")]
        if self.may(EDIT):
            found.append(Action(_("Move material"), reverse("staff:material_new"), icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        words = _("Material goes to processors for subcontract orders, and what they do not use comes back.")
        return Empty(_("No material was moved yet"), words, tuple(self.actions()))


urlpatterns = [
    *MATERIALS.patterns("materials", MaterialList),
    path("subcontract/pick/", subcontract_pick, name="subcontract_pick"),
]
