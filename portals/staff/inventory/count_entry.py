"""Setting a count up: what is to be counted, by warehouse, category, class, items or bins."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.models import Item, ItemCategory
from backend.inventory.models import StockCount
from backend.inventory.selectors.labels import read_labels
from backend.inventory.services import counting
from backend.kernel import clock
from backend.kernel.errors import ValidationRefused
from portals.staff.inventory.count_paper import COUNTS, EDIT
from portals.staff.inventory.papers import PaperForm, place_field
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.masters import edit_page
from portals.ui.components import Crumb
from portals.ui.guards import staff_view


def _categories() -> list[tuple[str, str]]:
    rows = ItemCategory.objects.order_by("code").values_list("pk", "name")
    return [("", _("All")), *((str(pk), name) for pk, name in rows)]


class CountForm(PaperForm):
    warehouse_id = place_field(gettext_lazy("Warehouse"))
    category_id = forms.ChoiceField(label=gettext_lazy("Category"), required=False, choices=_categories)
    abc = forms.ChoiceField(
        label=gettext_lazy("ABC class"), required=False, choices=[("", gettext_lazy("All")), *((c, c) for c in "ABC")]
    )
    codes = forms.CharField(
        label=gettext_lazy("Or these item codes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line; then the category and the class do not matter."),
    )
    zone = forms.CharField(label=gettext_lazy("Zone"), required=False, max_length=30)
    bin_from = forms.CharField(label=gettext_lazy("Bins from"), required=False, max_length=30)
    bin_to = forms.CharField(
        label=gettext_lazy("Bins to"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("Only what lies in these bins, single pieces by their numbers."),
    )
    blind = forms.BooleanField(label=gettext_lazy("Blind: counters do not see the books"), required=False)


_BINS = ("zone", "bin_from", "bin_to")
_FIELDS = ("warehouse_id", "doc_date", "category_id", "abc", "zone", "bin_from", "bin_to", "codes", "blind", "remark")


def _items_of(text: str) -> list[UUID]:
    """The items of typed codes; raises a refusal naming those that are none."""
    codes = [code for line in read_labels(text).replace(",", "\n").splitlines() if (code := line.strip())]
    known = dict(Item.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
    missing = [code for code in codes if code not in known]
    if missing:
        raise ValidationRefused(
            _("There is no item “%(code)s”.") % {"code": missing[0][:40]}, field="codes", value=missing[0][:40]
        )
    return [known[code] for code in dict.fromkeys(codes)]


def _set_up(request: HttpRequest, document: StockCount | None) -> HttpResponse:
    initial: dict[str, Any] = {"doc_date": clock.today(), "blind": True}
    if document:
        codes = Item.objects.filter(pk__in=document.item_ids).order_by("code").values_list("code", flat=True)
        initial = {
            "warehouse_id": str(document.warehouse_id),
            "doc_date": document.doc_date,
            "category_id": str(document.category_id or ""),
            "abc": document.abc,
            **{name: getattr(document, name) for name in _BINS},
            "codes": "\n".join(codes),
            "blind": document.blind,
            "remark": document.remark,
        }
    form = CountForm(request.POST) if request.method == "POST" else CountForm(initial=initial)

    def save() -> StockCount:
        clean = form.cleaned_data
        return counting.save_count(
            doc_date=clean["doc_date"],
            warehouse_id=UUID(clean["warehouse_id"]),
            category_id=UUID(clean["category_id"]) if clean["category_id"] else None,
            abc=clean["abc"],
            **{name: clean[name] for name in _BINS},
            item_ids=_items_of(clean["codes"]),
            blind=clean["blind"],
            remark=clean["remark"],
            document_id=document.pk if document else None,
            version=version_of(request) if document else None,
            **who_and_when(request),
        )

    return edit_page(
        request,
        form=form,
        sections=[("", _FIELDS)],
        save=save,
        back=lambda saved: COUNTS.kit.url("detail", saved),
        title=_("Edit %(number)s") % {"number": document.number} if document else _("New count"),
        crumbs=[Crumb(_("Inventory")), Crumb(_("Counts"), COUNTS.kit.list_url)],
        cancel_url=COUNTS.kit.url("detail", document) if document else COUNTS.kit.list_url,
        version=document.version if document else "",
        wide=("codes", "remark"),
    )


@staff_view(EDIT)
def count_new(request: HttpRequest) -> HttpResponse:
    return _set_up(request, None)


@staff_view(EDIT)
def count_edit(request: HttpRequest, number: str) -> HttpResponse:
    document = COUNTS.load(request.actor, number)  # type: ignore[attr-defined]
    if not document.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(COUNTS.kit.url("detail", document))
    return _set_up(request, document)
