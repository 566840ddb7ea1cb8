"""Receivables set off against payables, and refunds: lists, entry, pages, steps."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.models import Netting, NettingLine, Refund, RefundSide
from backend.invoicing.selectors import fund_accounts
from backend.invoicing.services import netting, refunds
from backend.invoicing.services.netting import NettingData
from backend.invoicing.services.refunds import RefundData
from backend.kernel import clock
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.parties.models import Party
from portals.staff.purchasing.words import made
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import PickField, StaffForm
from portals.staff.shared.kit import Kit
from portals.staff.shared.lists import StaffList
from portals.staff.shared.masters import edit_page
from portals.staff.shared.parties import uuid_or_none
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Crumb, Empty, Fact, Total
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter
from portals.ui.navigation import document_address


def _party(role: str, label: Any, **more: Any) -> PickField:
    return PickField(label=label, model=Party, role=f"is_{role}", url_name=f"staff:find_{role}s", **more)


class Clearing:
    """One kind of document: what its pages say, and its services by name."""

    name: ClassVar[str]
    right: ClassVar[str]
    subject: ClassVar[str]
    model: ClassVar[Any]
    title: ClassVar[Any]
    plural: ClassVar[Any]
    new_title: ClassVar[Any]
    lead: ClassVar[Any]
    related: ClassVar[tuple[str, ...]]
    steps_of: ClassVar[dict[str, Any]]

    def __init__(self) -> None:
        self.kit = Kit(self.name, self.subject, self.load, self.draw)

    def load(self, actor: Any, number: str) -> Any:
        found = self.model.objects.select_related(*self.related).filter(number=number).first()
        if found is None:
            raise NotFoundRefused(_("There is no such document."), value=number)
        return found

    def crumbs(self) -> list[Crumb]:
        return [Crumb(_("Finance")), Crumb(self.plural, self.kit.list_url)]

    def facts(self, document: Any) -> list[Fact]:
        raise NotImplementedError

    def lines(self, document: Any) -> list[Line]:
        raise NotImplementedError

    def form(self, request: HttpRequest, document: Any) -> tuple[StaffForm, Sequence[str]]:
        raise NotImplementedError

    def save(self, request: HttpRequest, form: StaffForm, document: Any) -> Any:
        raise NotImplementedError

    def draw(self, request: HttpRequest, document: Any, error: Any = None) -> HttpResponse:
        sheet = DocumentSheet(
            number=document.number,
            title=self.title,
            chips=[chip("approval", document.approval)],
            crumbs=self.crumbs(),
            facts=[
                *self.facts(document),
                Fact(_("Date"), formats.day(document.doc_date), made(document), numeric=True),
            ],
            columns=[
                LineColumn("document", _("Document"), "item"),
                LineColumn("amount", _("Amount"), "money", strong=True),
            ],
            lines=self.lines(document),
            totals=[Total(_("Total"), formats.money(document.amount), grand=True)],
            amount_in_words=document.amount,
            remark=document.remark,
            error=error,
            **self.acts(document, request.actor),  # type: ignore[attr-defined]
            **rail_of(request, document, voucher_note=_("made on approval")),
        )
        return draw(request, sheet, template="staff/document.html", dialogs=self.dialogs(request, document))

    def acts(self, document: Any, actor: Any) -> dict[str, Any]:
        primary, secondary, more = None, [], []
        if document.is_draft:
            if actor.may(f"{self.right}.approve"):
                primary = self.kit.post(_("Approve"), "approval", document, "check", "primary")
            if actor.may(f"{self.right}.edit"):
                secondary.append(Action(_("Edit"), self.kit.url("edit", document), icon="edit"))
                more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
        elif document.is_approved and actor.may(f"{self.right}.unapprove"):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
        return {"primary": primary, "secondary": secondary, "more": more}

    def dialogs(self, request: HttpRequest, document: Any) -> list[Any]:
        ask = self.kit.ask
        words = _("What it settled is open again and the voucher is reversed.")
        return [
            ask(request, "void", _("Void the document"), "voiding", document, _("Void"), required=False, danger=True),
            ask(
                request,
                "unapprove",
                _("Take the booking back"),
                "unapproval",
                document,
                _("Unapprove"),
                text=words,
            ),
        ]

    def enter(self, request: HttpRequest, document: Any) -> HttpResponse:
        if document is not None and not document.is_draft and request.method == "GET":
            messages.warning(request, _("%(number)s is not a draft any more.") % {"number": document.number})
            return HttpResponseRedirect(self.kit.url("detail", document))
        form, names = self.form(request, document)
        return edit_page(
            request,
            form=form,
            sections=[("", names)],
            save=lambda: self.save(request, form, document),
            back=lambda saved: self.kit.url("detail", saved),
            title=_("Edit %(number)s") % {"number": document.number} if document else self.new_title,
            crumbs=self.crumbs(),
            cancel_url=self.kit.url("detail", document) if document else self.kit.list_url,
            version=document.version if document else "",
            wide=("remark",),
            lead=self.lead,
        )

    def patterns(self, prefix: str, page: Any) -> list[Any]:
        """The addresses of the document."""
        name, one, right, kit = self.name, f"{prefix}/<str:number>", self.right, self.kit
        approve, unapprove, void = (self.steps_of[verb] for verb in ("approve", "unapprove", "void"))

        @staff_view(f"{right}.edit")
        def new(request: HttpRequest) -> HttpResponse:
            return self.enter(request, None)

        @staff_view(f"{right}.edit")
        def edit(request: HttpRequest, number: str) -> HttpResponse:
            return self.enter(request, self.load(request.actor, number))  # type: ignore[attr-defined]

        taken_back, voided = gettext_lazy("Taken back."), gettext_lazy("Voided.")
        return [
            path(f"{prefix}/", page.as_view(), name=f"{name}_list"),
            path(f"{prefix}/new/", new, name=f"{name}_new"),
            path(f"{one}/", kit.detail(f"{right}.view"), name=f"{name}_detail"),
            path(f"{one}/edit/", edit, name=f"{name}_edit"),
            path(
                f"{one}/approval/",
                kit.step(f"{right}.approve", approve, gettext_lazy("Approved: it is booked.")),
                name=f"{name}_approval",
            ),
            path(
                f"{one}/approval/undo/",
                kit.step(f"{right}.unapprove", unapprove, taken_back, reason=True),
                name=f"{name}_unapproval",
            ),
            path(f"{one}/void/", kit.step(f"{right}.edit", void, voided, reason=True), name=f"{name}_voiding"),
        ]


# --- receivables against payables ------------------------------------------------------------------
class NettingForm(StaffForm):
    customer = _party("customer", gettext_lazy("Customer who owes"))
    supplier = _party(
        "supplier", gettext_lazy("Supplier we owe"), required=False, help_text=gettext_lazy("Left empty: the same firm")
    )
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=16,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Left empty: as much as both sides have open"),
    )
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, max_length=500)


class NettingPages(Clearing):
    name, right, subject, model = "netting", "invoicing.netting", "netting_id", Netting
    title, plural = gettext_lazy("Receivable set off against payable"), gettext_lazy("Receivables against payables")
    new_title = gettext_lazy("Set a receivable off against a payable")
    lead = gettext_lazy("The invoices due first are settled on both sides, without money.")
    related = ("customer", "supplier")
    steps_of: ClassVar[dict[str, Any]] = {
        "approve": netting.approve_netting,
        "unapprove": netting.unapprove_netting,
        "void": netting.void_netting,
    }

    def facts(self, document: Netting) -> list[Fact]:
        return [Fact(_("Customer"), document.customer.name), Fact(_("Supplier"), document.supplier.name)]

    def lines(self, document: Netting) -> list[Line]:
        found = document.lines.select_related("sales_invoice", "purchase_invoice").order_by("line_no")
        return [Line(row.line_no, {"document": self._invoice(row), "amount": row.amount}) for row in found]

    @staticmethod
    def _invoice(row: NettingLine) -> Cell:
        invoice: Any = row.sales_invoice or row.purchase_invoice
        words = _("we get it") if row.sales_invoice else _("we owe it")
        return Cell(invoice.number, words, url=document_address(invoice.DOC_TYPE, invoice.number))

    def form(self, request: HttpRequest, document: Any) -> tuple[StaffForm, Sequence[str]]:
        first: dict[str, Any] = {"doc_date": clock.today()}
        if document:
            first = {name: getattr(document, name) for name in ("doc_date", "amount", "remark")} | {
                "customer": str(document.customer_id),
                "supplier": str(document.supplier_id),
            }
        form = NettingForm(request.POST) if request.method == "POST" else NettingForm(initial=first)
        return form, ("customer", "supplier", "amount", "doc_date", "remark")

    def save(self, request: HttpRequest, form: StaffForm, document: Any) -> Netting:
        clean = form.cleaned_data
        data = NettingData(
            customer_id=clean["customer"],
            supplier_id=clean["supplier"] or clean["customer"],
            doc_date=clean["doc_date"],
            amount=clean["amount"],
            remark=clean["remark"],
        )
        known = {"netting_id": document.pk, "version": version_of(request)} if document else {}
        return netting.save_netting(data=data, **known, **who_and_when(request))


NETTINGS = NettingPages()


class NettingList(StaffList):
    key = "invoicing.netting"
    title = NettingPages.plural
    permission = "invoicing.netting.view"
    export_permission = "invoicing.receipt.export"
    columns = (
        Column("number", gettext_lazy("Number"), sort=True),
        Column("doc_date", gettext_lazy("Date"), "date", sort=True),
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("amount", gettext_lazy("Amount"), "money", sort=True, total="amount", strong=True),
        Column("approval", gettext_lazy("Approval"), "chip", sort=True),
        Column("created_by_name", gettext_lazy("Made by"), phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "customer__name", "supplier__name", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
    )
    presets = (Preset("draft", gettext_lazy("To approve"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Netting]:
        return Netting.objects.select_related("customer", "supplier")

    def row_url(self, row: Any) -> str:
        return NETTINGS.kit.url("detail", row)

    def actions(self) -> Sequence[Action]:
        if not self.may("invoicing.netting.edit"):
            return ()
        return (Action(NettingPages.new_title, reverse("staff:netting_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        words = _("A firm that is customer and supplier pays with what you owe it.")
        return Empty(_("Nothing was set off yet"), words, tuple(self.actions()))


# --- refunds -------------------------------------------------------------------------------------
class RefundForm(StaffForm):
    side = forms.ChoiceField(label=gettext_lazy("Refund"), choices=RefundSide)
    customer = _party("customer", gettext_lazy("Customer"), required=False)
    supplier = _party("supplier", gettext_lazy("Supplier"), required=False)
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=16, decimal_places=2)
    fund_account = forms.ChoiceField(label=gettext_lazy("Account"))
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=80, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(row.pk), row.name) for row in fund_accounts()]
        self.fields["fund_account"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        side = clean.get("side")
        if side and not clean.get(side) and side not in self.errors:
            self.add_error(side, _("Choose who it is."))
        return clean


class RefundPages(Clearing):
    name, right, subject, model = "refund", "invoicing.refund", "refund_id", Refund
    title, plural, new_title = gettext_lazy("Refund"), gettext_lazy("Refunds"), gettext_lazy("New refund")
    lead = gettext_lazy("Notes that set off no invoice are paid back, then advances, the oldest first.")
    related = ("party", "fund_account")
    steps_of: ClassVar[dict[str, Any]] = {
        "approve": refunds.approve_refund,
        "unapprove": refunds.unapprove_refund,
        "void": refunds.void_refund,
    }

    def facts(self, document: Refund) -> list[Fact]:
        return [
            Fact(document.get_side_display(), document.party.name),
            Fact(_("Account"), document.fund_account.name, document.reference),
        ]

    def lines(self, document: Refund) -> list[Line]:
        return [
            Line(
                row.line_no,
                {
                    "document": Cell(row.source_number, url=document_address(row.source_type, row.source_number)),
                    "amount": row.amount,
                },
            )
            for row in document.lines.order_by("line_no")
        ]

    def form(self, request: HttpRequest, document: Any) -> tuple[StaffForm, Sequence[str]]:
        first: dict[str, Any] = {"doc_date": clock.today(), "side": request.GET.get("side", "")[:10]}
        if document:
            names = ("side", "amount", "doc_date", "reference", "remark")
            first = {name: getattr(document, name) for name in names} | {
                document.side: str(document.party_id),
                "fund_account": str(document.fund_account_id),
            }
        form = RefundForm(request.POST) if request.method == "POST" else RefundForm(initial=first)
        return form, ("side", "customer", "supplier", "amount", "fund_account", "doc_date", "reference", "remark")

    def save(self, request: HttpRequest, form: StaffForm, document: Any) -> Refund:
        clean = form.cleaned_data
        fund_id = uuid_or_none(clean["fund_account"])
        assert fund_id is not None
        data = RefundData(
            side=clean["side"],
            party_id=clean[clean["side"]],
            fund_account_id=fund_id,
            doc_date=clean["doc_date"],
            amount=clean["amount"],
            reference=clean["reference"],
            remark=clean["remark"],
        )
        known = {"refund_id": document.pk, "version": version_of(request)} if document else {}
        return refunds.save_refund(data=data, **known, **who_and_when(request))


REFUNDS = RefundPages()


class RefundList(StaffList):
    key = "invoicing.refund"
    title = RefundPages.plural
    permission = "invoicing.refund.view"
    export_permission = "invoicing.payment.export"
    columns = (
        Column("number", gettext_lazy("Number"), sort=True),
        Column("doc_date", gettext_lazy("Date"), "date", sort=True),
        Column("side", gettext_lazy("Refund"), value="get_side_display", sort="side"),
        Column("party", gettext_lazy("Partner"), value="party.name", sort="party__sort_key"),
        Column("amount", gettext_lazy("Amount"), "money", sort=True, total="amount", strong=True),
        Column("fund_account", gettext_lazy("Account"), value="fund_account.name", sort="fund_account__name"),
        Column("approval", gettext_lazy("Approval"), "chip", sort=True),
        Column("created_by_name", gettext_lazy("Made by"), phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "party__name", "reference", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("side", gettext_lazy("Refund"), choices=RefundSide),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
    )
    presets = (Preset("draft", gettext_lazy("To approve"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Refund]:
        return Refund.objects.select_related("party", "fund_account")

    def row_url(self, row: Any) -> str:
        return REFUNDS.kit.url("detail", row)

    def actions(self) -> Sequence[Action]:
        if not self.may("invoicing.refund.edit"):
            return ()
        return (Action(RefundPages.new_title, reverse("staff:refund_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        words = _("An advance that was not used, or a note that set off nothing, is paid back.")
        return Empty(_("No refunds yet"), words, tuple(self.actions()))


urlpatterns = [*NETTINGS.patterns("nettings", NettingList), *REFUNDS.patterns("refunds", RefundList)]
