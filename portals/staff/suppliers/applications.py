"""Firms that want to become suppliers, inviting others, and which documents suppliers need."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.catalog.models import ItemCategory
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.parties.models import Party
from backend.srm.models import ApplicationState, DocumentType, SupplierApplication
from backend.srm.selectors import qualification as reads
from backend.srm.services import admission, documents
from backend.srm.services.inputs import DocumentTypeData
from portals.staff.shared.acting import step, who_and_when
from portals.staff.shared.dialogs import reason_dialog
from portals.staff.shared.forms import StaffForm, put_on
from portals.staff.shared.lists import StaffList, axis_choices
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.chips import chip
from portals.ui.components import Action, Empty, Fact
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, Preset, TextFilter
from portals.ui.navigation import trail

ADMIT = "srm.application.edit"


class ApplicationList(StaffList):
    """Applications, the newest first."""

    key = "srm.application"
    title = gettext_lazy("Supplier applications")
    permission = ADMIT
    columns = (
        Column("company_name", gettext_lazy("Company"), sort=True),
        Column("state", gettext_lazy("State"), "chip", axis="application", sort=True),
        Column("main_products", gettext_lazy("Main products")),
        Column("contact_name", gettext_lazy("Contact")),
        Column("email", gettext_lazy("E-mail"), phone="hide"),
        Column("phone", gettext_lazy("Phone"), phone="hide"),
        Column("created_at", gettext_lazy("Came"), "moment", sort=True),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("company_name", "email", "tax_id", "main_products")),
        ChoiceFilter("state", gettext_lazy("State"), choices=axis_choices("application", ApplicationState.values)),
    )
    presets = (Preset("new", gettext_lazy("To decide"), "state=new", need=True),)
    default_sort = ("-created_at",)
    tie_breaker = "pk"

    def rows(self) -> Any:
        return reads.applications().order_by()

    def row_url(self, row: Any) -> str:
        return reverse("staff:supplier_application", kwargs={"pk": row.pk})

    def actions(self) -> Sequence[Action]:
        return (Action(_("Invite a supplier"), reverse("staff:supplier_invite_new"), icon="send", look="primary"),)

    def empty(self) -> Empty:
        text = _("Put the address /supplier/apply/ on your website: firms apply there, nothing is typed twice.")
        return Empty(_("No applications yet"), text, tuple(self.actions()))


def _application(pk: UUID) -> SupplierApplication:
    row = reads.applications().filter(pk=pk).first()
    if row is None:
        raise NotFoundRefused(_("There is no such application."), value=pk)
    return row


def _draw(request: HttpRequest, row: SupplierApplication, error: Any = None) -> HttpResponse:
    decline = reverse("staff:supplier_application_decline", kwargs={"pk": row.pk})
    words = _("The applicant reads the reason in a mail.")
    known = Party.objects.filter(tax_id=row.tax_id).first() if row.tax_id else None
    context = {
        "row": row,
        "facts": _facts(row, known),
        "chips": [chip("application", row.state)],
        "crumbs": trail("staff:supplier_application_list"),
        "error": error,
        "open": row.state == ApplicationState.NEW,
        "dialogs": [reason_dialog(request, "decline", _("Decline"), decline, _("Decline"), 0, text=words, danger=True)],
    }
    return render(request, "staff/suppliers/application.html", context)


def _facts(row: SupplierApplication, known: Party | None) -> list[Fact]:
    """What the firm says of itself; a firm that is known already is named."""
    url = reverse("staff:supplier_detail", kwargs={"pk": known.pk}) if known else ""
    note = _("known already: %(name)s") % {"name": known.name} if known else ""
    return [
        Fact(_("Contact"), row.contact_name, row.phone),
        Fact(_("E-mail"), row.email, url=f"mailto:{row.email}"),
        Fact(_("Tax id"), row.tax_id or "–", note, url),
        Fact(_("Came"), formats.moment(row.created_at), numeric=True),
    ]


@staff_view(ADMIT)
def application(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _draw(request, _application(pk))


@require_POST
@staff_view(ADMIT)
def application_accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a pending supplier of it and send its first user a link."""
    row = _application(pk)
    return step(
        request,
        lambda: admission.accept_application(application_id=row.pk, **who_and_when(request)),
        done=lambda party: _("%(supplier)s is invited to hand in its documents.") % {"supplier": party.label},
        back=lambda party: reverse("staff:supplier_qualification", kwargs={"pk": party.pk}),
        refused=lambda error: _draw(request, _application(pk), error),
    )


@require_POST
@staff_view(ADMIT)
def application_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    row, reason = _application(pk), reading.words(request.POST, "reason")
    return step(
        request,
        lambda: admission.decline_application(application_id=row.pk, reason=reason, **who_and_when(request)),
        done=_("Declined; the applicant gets a mail."),
        back=reverse("staff:supplier_application_list"),
        refused=lambda error: _draw(request, _application(pk), error),
    )


class SupplierInviteForm(StaffForm):
    """Whom to ask to become a supplier."""

    name = forms.CharField(label=gettext_lazy("Company"), max_length=120)
    tax_id = forms.CharField(label=gettext_lazy("Tax id"), max_length=30, required=False)
    contact_name = forms.CharField(label=gettext_lazy("Contact"), max_length=60)
    email = forms.CharField(label=gettext_lazy("E-mail"), max_length=254)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


@staff_view(ADMIT)
def invite_new(request: HttpRequest) -> HttpResponse:
    """A new supplier that hands in its own data and documents."""
    initial = {"language": request.tenant.language}  # type: ignore[attr-defined]
    form = SupplierInviteForm(request.POST or None, initial=initial)
    block, status = None, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                party = admission.invite_supplier(**form.cleaned_data, **who_and_when(request))
            except Refusal as refusal:
                block, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("%(email)s gets a link by mail.") % {"email": form.cleaned_data["email"]})
                return HttpResponseRedirect(reverse("staff:supplier_qualification", kwargs={"pk": party.pk}))
    names = ("name", "tax_id", "contact_name", "email", "language")
    context = {
        "form": form,
        "error": block,
        "title": _("Invite a supplier"),
        "do": _("Send the link"),
        "lead": _("The supplier fills in its profile and hands in its documents; you approve."),
        "crumbs": trail("staff:supplier_application_list"),
        "cancel_url": reverse("staff:supplier_application_list"),
        "sections": [{"title": "", "cells": [{"bound": form[name], "css": ""} for name in names]}],
    }
    return render(request, "staff/shared/master_form.html", context, status=status)


# --- which documents are needed ------------------------------------------------------------------
class DocumentTypeForm(StaffForm):
    """A kind of document."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    number_check = forms.ChoiceField(
        label=gettext_lazy("The number is"),
        choices=DocumentType._meta.get_field("number_check").flatchoices,
        required=False,
    )
    mandatory = forms.BooleanField(label=gettext_lazy("Mandatory"), required=False)
    expires = forms.BooleanField(label=gettext_lazy("Runs out on a day"), required=False, initial=True)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)
    category_ids = forms.MultipleChoiceField(
        label=gettext_lazy("Only for suppliers of"),
        required=False,
        help_text=gettext_lazy("Nothing chosen: for every supplier."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = ItemCategory.objects.order_by("code").values_list("pk", "name")
        self.fields["category_ids"].choices = [(str(pk), name) for pk, name in rows]  # type: ignore[attr-defined]

    def as_data(self) -> DocumentTypeData:
        clean = dict(self.cleaned_data)
        clean["category_ids"] = tuple(UUID(each) for each in clean["category_ids"])
        return DocumentTypeData(**clean)


@staff_view("srm.qualification.view")
def document_types(request: HttpRequest) -> HttpResponse:
    may = request.actor.may("srm.document_type.edit")  # type: ignore[attr-defined]
    new = Action(_("New document type"), reverse("staff:supplier_document_type_new"), icon="plus", look="primary")
    by_name = Prefetch("categories", queryset=ItemCategory.objects.order_by("name", "id"))
    context = {
        "rows": DocumentType.objects.prefetch_related(by_name).order_by("-mandatory", "code"),
        "may": may,
        "actions": [new] if may else [],
        "crumbs": trail("staff:supplier_document_types")[:1],
    }
    return render(request, "staff/suppliers/document_types.html", context)


@staff_view("srm.document_type.edit")
def document_type_new(request: HttpRequest) -> HttpResponse:
    return _edit_type(request, None)


@staff_view("srm.document_type.edit")
def document_type_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = DocumentType.objects.filter(pk=pk).first()
    if row is None:
        raise NotFoundRefused(_("There is no such document type."), value=pk)
    return _edit_type(request, row)


def _edit_type(request: HttpRequest, row: DocumentType | None) -> HttpResponse:
    initial: dict[str, Any] = {}
    if row is not None:
        kept = ("name", "number_check", "mandatory", "expires", "active")
        initial = {name: getattr(row, name) for name in kept}
        initial["category_ids"] = [str(each.pk) for each in row.categories.all()]
    form = DocumentTypeForm(request.POST or None, initial=initial)
    block, status = None, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                documents.save_document_type(
                    data=form.as_data(), type_id=row.pk if row else None, **who_and_when(request)
                )
            except Refusal as refusal:
                block, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("staff:supplier_document_types"))
    names = ("name", "number_check", "mandatory", "expires", "active", "category_ids")
    context = {
        "form": form,
        "error": block,
        "title": row.name if row else _("New document type"),
        "crumbs": trail("staff:supplier_document_types"),
        "cancel_url": reverse("staff:supplier_document_types"),
        "sections": [{"title": "", "cells": [{"bound": form[name], "css": ""} for name in names]}],
    }
    return render(request, "staff/shared/master_form.html", context, status=status)
