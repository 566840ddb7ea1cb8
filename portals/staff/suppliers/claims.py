"""Quality claims against suppliers: the list, opening one from an inspection, a lot, a ticket or by hand, the review."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.catalog.models import Item
from backend.inventory.models import Lot
from backend.kernel import clock
from backend.kernel.document import DOC_TYPES
from backend.kernel.errors import Refusal
from backend.kernel.models import Attachment
from backend.parties.models import Party
from backend.srm.models import ClaimState, QualityClaim
from backend.srm.selectors.claims import claim_for, claims_visible_to
from backend.srm.services import claims
from backend.workflow import parameters
from portals.staff.shared.acting import step, who_and_when
from portals.staff.shared.columns import DAY, NUMBER
from portals.staff.shared.dialogs import reason_dialog
from portals.staff.shared.forms import PickField, StaffForm, put_on
from portals.staff.shared.lists import StaffList
from portals.staff.shared.registry import kind_of
from portals.staff.shared.words import VERBS
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui import typed as reading
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Empty, Fact
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter
from portals.ui.navigation import document_address, trail

VIEW, EDIT, REVIEW = "srm.claim.view", "srm.claim.edit", "srm.claim.review"
OPEN = (ClaimState.OPEN, ClaimState.RETURNED, ClaimState.ANSWERED)
# What a claim may come from, by the word in the address.
SOURCES = {"inspection": "purchasing.inspection", "ticket": "service.ticket"}
_VERBS = {
    "open": gettext_lazy("raised the claim"),
    "answer": gettext_lazy("answered it"),
    "return": gettext_lazy("sent it back"),
    "cancel": gettext_lazy("dropped the claim"),
}


class ClaimList(StaffList):
    """Claims, the newest first."""

    key = "srm.claim"
    title = gettext_lazy("Quality claims")
    permission = VIEW
    export_permission = "srm.claim.export"
    columns = (
        NUMBER,
        DAY,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("item", gettext_lazy("Item"), value="item.name"),
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no", phone="hide"),
        Column("source_number", gettext_lazy("Comes from"), phone="hide"),
        Column("due_date", gettext_lazy("Answer due"), "date", sort=True),
        Column("state", gettext_lazy("State"), "chip", axis="claim", sort=True),
    )
    filters = (
        TextFilter(
            "q", gettext_lazy("Search"), fields=("number", "supplier__name", "supplier__mnemonic", "item__name")
        ),
        DateFilter("due", gettext_lazy("Answer due"), "due_date"),
        ChoiceFilter("state", gettext_lazy("State"), choices=ClaimState),
    )
    presets = (
        Preset("open", gettext_lazy("Under way"), "state=open,returned,answered"),
        Preset("check", gettext_lazy("To check"), "state=answered", need=True),
    )
    default_sort = ("-doc_date", "-number")
    tie_breaker = "pk"

    def rows(self) -> Any:
        return claims_visible_to(self.actor).order_by()

    def row_url(self, row: Any) -> str:
        return reverse("staff:claim_detail", kwargs={"number": row.number})

    def row_mark(self, row: Any) -> str:
        return "bad" if row.is_late(clock.today()) else ""

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        return (Action(_("New quality claim"), reverse("staff:claim_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("A rejected lot opens a claim by itself; the supplier answers in the portal.")
        return Empty(_("No quality claims"), text, tuple(self.actions()))


class ClaimForm(StaffForm):
    """What is wrong, with whose goods, and by when we want the answer."""

    supplier = PickField(
        model=Party, url_name="staff:find_suppliers", role="is_supplier", label=gettext_lazy("Supplier")
    )
    item_id = PickField(
        model=Item,
        url_name="staff:find_items",
        label=gettext_lazy("Item"),
        required=False,
    )
    due_date = forms.DateField(label=gettext_lazy("Answer due"), required=False, widget=DateInput())
    qty = forms.DecimalField(
        label=gettext_lazy("Quantity"), required=False, min_value=0, max_digits=18, decimal_places=4
    )
    description = forms.CharField(
        label=gettext_lazy("What is wrong"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


def _origin(request: HttpRequest) -> dict[str, Any]:
    """Supplier, lot, item and source that the address names; what the reader may not see counts for nothing."""
    actor = request.actor  # type: ignore[attr-defined]
    found: dict[str, Any] = {"supplier": request.GET.get("supplier", "")}
    for word, doc_type in SOURCES.items():
        number = request.GET.get(word, "")
        kind, model = kind_of(doc_type), DOC_TYPES.get(doc_type)
        if number and model is not None and kind is not None and actor.may(kind.permission):
            source = model._default_manager.filter(number=number).first()
            if source is not None:
                found |= _of_source(source)
    key = reading.key(request.GET.get("lot", ""))
    lot = Lot.objects.select_related("item").filter(pk=key).first() if key and actor.may("inventory.lot.view") else None
    if lot is not None:
        found |= {"lot": lot, "item_id": lot.item_id}
        found["supplier"] = found["supplier"] or str(lot.supplier_id or "")
    return found


def _of_source(source: Any) -> dict[str, Any]:
    found = {"source": source, "supplier": str(source.supplier_id or ""), "item_id": getattr(source, "item_id", None)}
    if getattr(source, "lot_id", None):
        found["lot"] = source.lot
    words = getattr(source, "description", "") or getattr(source, "remark", "")
    return {**found, "description": words, "qty": getattr(source, "affected_qty", None)}


@staff_view(EDIT)
def claim_new(request: HttpRequest) -> HttpResponse:
    """Open a claim, by hand or from what the address names."""
    origin = _origin(request)
    initial = {name: origin.get(name) for name in ("supplier", "description", "qty")}
    form = ClaimForm(request.POST or None, initial=initial)
    block, status = None, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = claims.open_claim(
                    data=_data(form, origin), files=request.FILES.getlist("file")[:6], **who_and_when(request)
                )
            except Refusal as refusal:
                block, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("%(number)s is open; the supplier is told.") % {"number": made.number})
                return HttpResponseRedirect(reverse("staff:claim_detail", kwargs={"number": made.number}))
    picked = request.POST.get("supplier") or origin["supplier"]
    context = {
        "form": form,
        "item_label": form.fields["item_id"].label_of(request.POST.get("item_id", "")),  # type: ignore[attr-defined]
        "supplier_label": form.fields["supplier"].label_of(picked),  # type: ignore[attr-defined]
        "origin": origin,
        "days": parameters.get("srm.claim_days"),
        "error": block,
        "crumbs": trail("staff:claim_list"),
    }
    return render(request, "staff/suppliers/claim_new.html", context, status=status)


def _data(form: ClaimForm, origin: dict[str, Any]) -> claims.ClaimData:
    clean, lot, source = form.cleaned_data, origin.get("lot"), origin.get("source")
    return claims.ClaimData(
        supplier_id=clean["supplier"],
        description=clean["description"],
        item_id=origin.get("item_id") or clean["item_id"] or None,
        lot_id=lot.pk if lot is not None else None,
        qty=clean["qty"] or None,
        due_date=clean["due_date"],
        source_type=source.DOC_TYPE if source is not None else "",
        source_id=source.pk if source is not None else None,
    )


def _chips(claim: QualityClaim) -> list[Chip]:
    found = [chip("claim", claim.state)]
    return [*found, chip("claim", "late")] if claim.is_late(clock.today()) else found


def _facts(claim: QualityClaim) -> list[Fact]:
    """Whom it is held against, of what, from where, until when."""
    supplier = reverse("staff:supplier_detail", kwargs={"pk": claim.supplier_id})
    found = [Fact(_("Supplier"), claim.supplier.name, url=supplier)]
    if claim.item:
        lot = claim.lot.lot_no if claim.lot else ""
        qty = f"{formats.qty(claim.qty)} {claim.unit}" if claim.qty else ""
        found.append(Fact(_("Item"), claim.item.name, " · ".join(filter(None, (lot, qty)))))
    elif claim.qty:
        found.append(Fact(_("Quantity"), formats.qty(claim.qty), numeric=True))
    if claim.source_number:
        source = document_address(claim.source_type, claim.source_number) if claim.source_type else ""
        found.append(Fact(_("Comes from"), claim.source_number, url=source, numeric=True))
    return [*found, Fact(_("Answer due"), formats.day(claim.due_date), numeric=True)]


def _draw(request: HttpRequest, claim: QualityClaim, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    kwargs = {"number": claim.number}
    more, dialogs, actions = [], [], []
    if actor.may(REVIEW) and claim.state == ClaimState.ANSWERED:
        url = reverse("staff:claim_acceptance", kwargs=kwargs)
        actions.append(Action(_("Send back…"), dialog="return"))
        actions.append(Action(_("Accept the answer"), url, "check", "post", "primary"))
        back, title = reverse("staff:claim_return", kwargs=kwargs), _("Send the answer back")
        words = _("The supplier reads what is missing.")
        dialogs.append(reason_dialog(request, "return", title, back, _("Send back"), claim.version, text=words))
    if actor.may(REVIEW) and claim.state in OPEN:
        more.append(Action(_("Drop the claim…"), icon="ban", dialog="cancel", look="danger"))
        url = reverse("staff:claim_cancel", kwargs=kwargs)
        title = _("Drop the claim")
        dialogs.append(reason_dialog(request, "cancel", title, url, _("Drop"), claim.version, danger=True))
    context = {
        "claim": claim,
        "chips": _chips(claim),
        "actions": actions,
        "more": more,
        "dialogs": dialogs,
        "facts": _facts(claim),
        "files": ui_related.file_refs(Attachment.objects.filter(subject_id=claim.pk).order_by("created_at", "id")),
        "timeline": ui_related.timeline(claim.pk, words=VERBS | _VERBS),
        "crumbs": trail("staff:claim_list"),
        "error": error,
    }
    return render(request, "staff/suppliers/claim.html", context)


@staff_view(VIEW)
def claim_detail(request: HttpRequest, number: str) -> HttpResponse:
    return _draw(request, claim_for(request.actor, number))  # type: ignore[attr-defined]


def _run(request: HttpRequest, number: str, do: Any, done: Any) -> HttpResponse:
    claim = claim_for(request.actor, number)  # type: ignore[attr-defined]
    return step(
        request,
        lambda: do(claim.pk),
        done=done,
        back=reverse("staff:claim_detail", kwargs={"number": number}),
        refused=lambda error: _draw(request, claim_for(request.actor, number), error),  # type: ignore[attr-defined]
    )


@require_POST
@staff_view(REVIEW)
def claim_accept(request: HttpRequest, number: str) -> HttpResponse:
    def do(pk: UUID) -> Any:
        return claims.review_claim(claim_id=pk, accepted=True, **who_and_when(request))

    return _run(request, number, do, _("Accepted; the supplier is told."))


@require_POST
@staff_view(REVIEW)
def claim_return(request: HttpRequest, number: str) -> HttpResponse:
    reason = reading.words(request.POST, "reason")

    def do(pk: UUID) -> Any:
        return claims.review_claim(claim_id=pk, accepted=False, reason=reason, **who_and_when(request))

    return _run(request, number, do, _("Sent back; the supplier is told why."))


@require_POST
@staff_view(REVIEW)
def claim_cancel(request: HttpRequest, number: str) -> HttpResponse:
    reason = reading.words(request.POST, "reason")

    def do(pk: UUID) -> Any:
        return claims.cancel_claim(claim_id=pk, reason=reason, **who_and_when(request))

    return _run(request, number, do, _("Dropped."))
