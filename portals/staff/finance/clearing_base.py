"""What documents that settle without an invoice's own money do alike: entry with what they take, page, paper, steps.

What a document takes is chosen on its form, an amount beside each open document, or left to the oldest first. The form
shows them once the party is chosen, and keeps what was typed when saving is refused.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.selectors import open_invoices
from backend.invoicing.services.sides import Side
from backend.kernel import clock, tenancy
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.parties.models import Party
from portals.staff.purchasing.words import made
from portals.staff.sales.prints import party_lines, printed
from portals.staff.shared.choosing import Choices, choices, read_allocations
from portals.staff.shared.forms import PickField, StaffForm
from portals.staff.shared.kit import Kit
from portals.staff.shared.masters import edit_page
from portals.staff.shared.parties import uuid_or_none
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Crumb, Fact, Total
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address
from portals.ui.printing import PrintSheet, PrintTotal, lines_for_print

Opened = Iterable[tuple[Any, Decimal]]


def party_field(role: str, label: Any, **more: Any) -> PickField:
    """A party of a role, picked."""
    words = dict.fromkeys(("required", "invalid"), gettext_lazy("Choose who it is."))
    return PickField(
        label=label, model=Party, role=f"is_{role}", url_name=f"staff:find_{role}s", error_messages=words, **more
    )


def open_of(side: Side, party_id: UUID) -> Opened:
    """What is to be settled with a party, due first; notes are not."""
    return [(row, row.open_amount) for row in open_invoices(side, party_id) if row.open_amount > 0]


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
    form_class: ClassVar[type[StaffForm]]
    field_names: ClassVar[tuple[str, ...]]
    related: ClassVar[tuple[str, ...]]
    steps_of: ClassVar[dict[str, Any]]

    def __init__(self) -> None:
        self.kit = Kit(self.name, self.subject, self.load, self.draw)

    # --- what each kind says -----------------------------------------------------------------
    def heading(self, document: Any) -> Any:
        return self.title

    def facts(self, document: Any) -> list[Fact]:
        raise NotImplementedError

    def lines(self, document: Any) -> list[Line]:
        raise NotImplementedError

    def initial(self, request: HttpRequest, document: Any) -> dict[str, Any]:
        raise NotImplementedError

    def opened(self, form: StaffForm) -> list[tuple[Any, Opened | None]]:
        """The groups of open documents to choose from: title, documents; None as long as no party is chosen."""
        raise NotImplementedError

    def taken(self, document: Any) -> dict[UUID, Decimal]:
        """What a draft takes already, by the id of the document; invoices where the kind says nothing else."""
        return {row.sales_invoice_id or row.purchase_invoice_id: row.amount for row in document.lines.all()}

    def save(self, request: HttpRequest, form: StaffForm, document: Any) -> Any:
        raise NotImplementedError

    def paper_party(self, document: Any) -> tuple[Any, Party]:
        """To whom the paper is addressed, and what he is."""
        raise NotImplementedError

    def seals(self, document: Any) -> list[tuple[Any, Any]]:
        """Who else signs."""
        raise NotImplementedError

    # --- page ----------------------------------------------------------------------------------
    def load(self, actor: Any, number: str) -> Any:
        found = self.model.objects.select_related(*self.related).filter(number=number).first()
        if found is None:
            raise NotFoundRefused(_("There is no such document."), value=number)
        return found

    def crumbs(self) -> list[Crumb]:
        return [Crumb(_("Finance")), Crumb(self.plural, self.kit.list_url)]

    def columns(self) -> list[LineColumn]:
        return [
            LineColumn("document", _("Document"), "item"),
            LineColumn("day", _("Date"), "date"),
            LineColumn("due", _("Due"), "date"),
            LineColumn("amount", _("Amount"), "money", strong=True),
        ]

    @staticmethod
    def line(line_no: int, document: Any, words: Any, amount: Decimal) -> Line:
        """A line over a document."""
        address = document_address(document.DOC_TYPE, document.number)
        cells = {
            "document": Cell(document.number, words, url=address),
            "day": document.doc_date,
            "due": getattr(document, "due_date", None),
            "amount": amount,
        }
        return Line(line_no, cells)

    def draw(self, request: HttpRequest, document: Any, error: Any = None) -> HttpResponse:
        sheet = DocumentSheet(
            number=document.number,
            title=self.heading(document),
            chips=[chip("approval", document.approval)],
            crumbs=self.crumbs(),
            print_url=self.kit.url("print", document),
            facts=[
                *self.facts(document),
                Fact(_("Date"), formats.day(document.doc_date), made(document), numeric=True),
            ],
            columns=self.columns(),
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
        return {"primary": primary, "secondary": secondary, "more": [*more, *self.kit.printing(document)]}

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

    # --- paper ---------------------------------------------------------------------------------
    def paper(self, request: HttpRequest, document: Any) -> PrintSheet:
        """What stands on the paper."""
        heads, rows = lines_for_print(self.columns(), self.lines(document))
        label, party = self.paper_party(document)
        return PrintSheet(
            title=self.heading(document),
            number=document.number,
            company=str(tenancy.current().name),
            party_label=label,
            party=party.name,
            party_lines=party_lines(party),
            facts=[
                (_("Date"), formats.day(document.doc_date)),
                *(
                    (fact.label, " · ".join(str(x) for x in (fact.value, fact.sub) if x))
                    for fact in self.facts(document)
                ),
            ],
            columns=heads,
            rows=rows,
            totals=[PrintTotal(_("Total"), formats.money(document.amount), True)],
            amount=document.amount,
            remark=document.remark,
            signatures=[
                (_("Made by"), document.created_by_name),
                (_("Approved by"), document.approved_by_name),
                *self.seals(document),
            ],
            watermark=_("Draft") if document.is_draft else _("Void") if document.approval == "voided" else "",
            link=request.build_absolute_uri(request.path.removesuffix("print/")),
        )

    # --- entry ---------------------------------------------------------------------------------
    def enter(self, request: HttpRequest, document: Any) -> HttpResponse:
        if document is not None and not document.is_draft and request.method == "GET":
            messages.warning(request, _("%(number)s is not a draft any more.") % {"number": document.number})
            return HttpResponseRedirect(self.kit.url("detail", document))
        form = self.form(request, document)
        groups = self.groups(request, form, document)
        saving = request.method == "POST" and "refresh" not in request.POST
        return edit_page(
            request,
            form=form,
            sections=[("", self.field_names)],
            save=lambda: self.save(request, form, document),
            back=lambda saved: self.kit.url("detail", saved),
            title=_("Edit %(number)s") % {"number": document.number} if document else self.new_title,
            crumbs=self.crumbs(),
            cancel_url=self.kit.url("detail", document) if document else self.kit.list_url,
            version=document.version if document else "",
            wide=("remark",),
            lead=self.lead,
            template="staff/finance/clearing_form.html",
            groups=groups,
            how=self.how(request) if saving else "typed" if document or request.POST else "oldest",
        )

    def form(self, request: HttpRequest, document: Any) -> StaffForm:
        """Bound to what is saved; asked for the open documents again, it is not checked yet."""
        if request.method == "POST" and "refresh" not in request.POST:
            return self.form_class(request.POST)
        return self.form_class(initial={**self.initial(request, document), **request.POST.dict()})

    def groups(self, request: HttpRequest, form: StaffForm, document: Any) -> list[Choices]:
        before = self.taken(document) if document else {}
        return [
            choices(title, opened, prefix=f"take-{number}-", typed=request.POST, before=before)
            for number, (title, opened) in enumerate(self.opened(form))
        ]

    @staticmethod
    def picked(form: StaffForm, name: str) -> UUID | None:
        """The party of a field, as far as one is chosen."""
        return uuid_or_none(str(form[name].value() or ""))

    @staticmethod
    def how(request: HttpRequest) -> str:
        """Whether the amounts that are typed count, or the oldest documents are taken first."""
        return "typed" if request.POST.get("how") == "typed" else "oldest"

    def allocations(self, request: HttpRequest, group: int = 0) -> list[tuple[UUID, Decimal]] | None:
        """The amounts typed; None takes the oldest first. Raises ValidationRefused where none is typed."""
        if self.how(request) != "typed":
            return None
        found = read_allocations(request.POST, f"take-{group}-")
        if not found:
            words = _("No amount is entered.")
            way_out = _("Enter an amount beside at least one document, or let the oldest be taken first.")
            raise ValidationRefused(words, field="amount", way_out=way_out)
        return found

    # --- addresses -----------------------------------------------------------------------------
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

        @staff_view(f"{right}.view")
        def paper(request: HttpRequest, number: str) -> HttpResponse:
            document = self.load(request.actor, number)  # type: ignore[attr-defined]
            return printed(request, number, lambda: self.paper(request, document))

        taken_back, voided = gettext_lazy("Taken back."), gettext_lazy("Voided.")
        return [
            path(f"{prefix}/", page.as_view(), name=f"{name}_list"),
            path(f"{prefix}/new/", new, name=f"{name}_new"),
            path(f"{one}/", kit.detail(f"{right}.view"), name=f"{name}_detail"),
            path(f"{one}/edit/", edit, name=f"{name}_edit"),
            path(f"{one}/print/", paper, name=f"{name}_print"),
            path(
                f"{one}/approval/",
                kit.step(f"{right}.approve", approve, gettext_lazy("Approved: it is booked."), seen=True),
                name=f"{name}_approval",
            ),
            path(
                f"{one}/approval/undo/",
                kit.step(f"{right}.unapprove", unapprove, taken_back, reason=True),
                name=f"{name}_unapproval",
            ),
            path(f"{one}/void/", kit.step(f"{right}.edit", void, voided, reason=True), name=f"{name}_voiding"),
        ]


def values_of(document: Any, *names: str) -> dict[str, Any]:
    """What a draft says, for its form."""
    return {name: getattr(document, name) for name in names}


def today() -> dict[str, Any]:
    return {"doc_date": clock.today()}


def seal(*labels: Any) -> list[tuple[Any, Any]]:
    """Places for seals."""
    return [(label, "") for label in labels]


def facts_of_parties(pairs: Sequence[tuple[Any, Party]]) -> list[Fact]:
    return [Fact(label, party.name) for label, party in pairs]
