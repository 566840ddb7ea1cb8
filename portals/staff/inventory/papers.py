"""What the pages of stock documents have in common: page, entry, steps and print, from one description of each document.

A subclass says what is its own: facts, columns, form, grid and services; ``views()`` makes the views. Values are shown to
those who may see cost.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.inventory.models import Lot
from backend.kernel import clock, tenancy
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.money import total
from portals.staff.inventory.recosted import recosted
from portals.staff.inventory.tables import COST, known
from portals.staff.purchasing.words import item_cell, made
from portals.staff.sales.entry import items_of
from portals.staff.sales.forms import warehouse_choices
from portals.staff.sales.prints import printed
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.dialogs import Dialog
from portals.staff.shared.forms import StaffForm, put_on
from portals.staff.shared.item_names import item_addresses, item_cells
from portals.staff.shared.kit import Kit
from portals.staff.shared.masters import sections_of
from portals.staff.shared.printing import other_language
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Crumb, Fact, Total
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.errors import block_of
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid, read_lines
from portals.ui.printing import PrintSheet, PrintTotal, lines_for_print

ITEM_COLUMNS = (
    GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("Quantity"), "qty", required=True, strong=True),
)


class PaperForm(StaffForm):
    """The head that every stock document has."""

    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, max_length=500)


def place_field(label: Any) -> forms.ChoiceField:
    """A warehouse to choose; the choices are read when the form is made."""
    return forms.ChoiceField(label=label, choices=warehouse_choices)


class Paper:
    """One kind of stock document. ``right`` is the stem of its permissions, ``name`` that of its url names."""

    name: ClassVar[str]
    right: ClassVar[str]
    model: ClassVar[Any]
    title: ClassVar[Any]
    plural: ClassVar[Any]
    new_title: ClassVar[Any]
    lead: ClassVar[Any] = ""
    area: ClassVar[Any] = gettext_lazy("Inventory")
    form: ClassVar[type[StaffForm]]
    fields: ClassVar[tuple[str, ...]]
    grid_columns: ClassVar[tuple[GridColumn, ...]] = ITEM_COLUMNS
    costly: ClassVar[frozenset[str]] = frozenset()
    related: ClassVar[tuple[str, ...]] = ("warehouse",)
    line_related: ClassVar[tuple[str, ...]] = ("item__unit",)
    save: ClassVar[Callable[..., Any]]
    approve: ClassVar[Callable[..., Any]]
    unapprove: ClassVar[Callable[..., Any]]
    void: ClassVar[Callable[..., Any]]
    undo: ClassVar[str] = "unapprove"  # the right that taking a booking back needs
    editable: ClassVar[bool] = True
    template: ClassVar[str] = "staff/document.html"
    no_lines: ClassVar[Any] = ""
    voucher_note: ClassVar[Any] = gettext_lazy("made on booking")
    book_label: ClassVar[Any] = gettext_lazy("Book into stock")
    booked: ClassVar[Any] = gettext_lazy("Booked into stock.")
    waiting: ClassVar[Any] = gettext_lazy("Stock does not know of it.")
    undo_text: ClassVar[Any] = gettext_lazy(
        "Quantities, values and the voucher are reversed, as long as the goods are there."
    )

    def __init__(self) -> None:
        self.kit = Kit(self.name, "document_id", self.load, self.draw)

    # --- to be said by each document ------------------------------------------------------------
    def facts(self, document: Any, actor: Any) -> list[Fact]:
        raise NotImplementedError

    def columns(self, cost: bool) -> list[LineColumn]:
        raise NotImplementedError

    def cells(self, line: Any) -> dict[str, Any]:
        raise NotImplementedError

    def totals(self, document: Any, lines: Sequence[Any], cost: bool) -> list[Total]:
        found = [Total(_("Quantity in all"), formats.qty(total(line.qty for line in lines)))]
        if cost:
            found.append(Total(_("Value"), formats.money(known(document, document.total_value)), grand=True))
        return found

    def _note_of(self, document: Any) -> Any:
        """What stands where the voucher would: it comes, or the document was booked without needing one."""
        by_itself = self.voucher_note is Paper.voucher_note
        return _("none was needed") if by_itself and document.is_approved else self.voucher_note

    def chips(self, document: Any) -> list[Chip]:
        return [chip("approval", document.approval)]

    def steps(self, document: Any, actor: Any) -> dict[str, Any]:
        """Buttons of a booked document, beyond taking it back."""
        return {}

    def dialogs(self, request: HttpRequest, document: Any) -> list[Dialog]:
        return []

    def arguments(self, clean: Mapping[str, Any]) -> dict[str, Any]:
        """What of the form's head the service takes."""
        return {**clean, "warehouse_id": UUID(clean["warehouse_id"])}

    def head(self, document: Any) -> dict[str, Any]:
        """The form's first values of a saved document."""
        return {
            "doc_date": document.doc_date,
            "warehouse_id": str(document.warehouse_id),
            "remark": document.remark,
        }

    def first(self, request: HttpRequest) -> dict[str, Any]:
        """The form's first values of a new document."""
        return {"doc_date": clock.today()}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> Any:
        """The service's input from a typed line."""
        raise NotImplementedError

    def row(self, line: Any) -> dict[str, Any]:
        """The grid's values of a saved line, beyond item and quantity."""
        return {}

    # --- page -----------------------------------------------------------------------------------
    def load(self, actor: Any, number: str) -> Any:
        found = self.model.objects.select_related(*self.related).filter(number=number).first()
        if found is None:
            raise NotFoundRefused(_("There is no such document."), value=number)
        return found

    def lines(self, document: Any) -> list[Any]:
        return list(document.lines.select_related(*self.line_related).order_by("line_no"))

    def may(self, actor: Any, verb: str) -> bool:
        return bool(actor.may(f"{self.right}.{verb}"))

    def draw(self, request: HttpRequest, document: Any, error: Any = None) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        cost, lines = actor.may(COST), self.lines(document)
        sheet = DocumentSheet(
            number=document.number,
            title=self.title,
            chips=self.chips(document),
            crumbs=[Crumb(self.area), Crumb(self.plural, self.kit.list_url)],
            banner=self._banner(document) or (recosted(document) if cost else None),
            facts=self.facts(document, actor),
            columns=[LineColumn("item", _("Item"), "item"), *self.columns(cost)],
            lines=[Line(line.line_no, {"item": item_cell(line, actor), **self.cells(line)}) for line in lines],
            lines_empty=self.no_lines,
            totals=self.totals(document, lines, cost),
            remark=document.remark,
            error=error,
            print_url=self.kit.url("print", document),
            **self._acts(document, actor),
            **rail_of(request, document, voucher_note=self._note_of(document)),
        )
        dialogs = [*self._asks(request, document), *self.dialogs(request, document)]
        return draw(request, sheet, template=self.template, dialogs=dialogs, **self.below(document, lines, actor))

    def below(self, document: Any, lines: Sequence[Any], actor: Any) -> dict[str, Any]:
        """What the page's template shows below the lines."""
        return {}

    def _banner(self, document: Any) -> Banner | None:
        if not document.is_draft:
            return None
        return Banner(_("Not booked yet."), self.waiting, look="info", icon="info")

    def _acts(self, document: Any, actor: Any) -> dict[str, Any]:
        primary, secondary, more = None, [], []
        if document.is_draft:
            if self.may(actor, "approve"):
                primary = self.kit.post(self.book_label, "approval", document, "check", "primary")
            if self.may(actor, "edit"):
                if self.editable:
                    secondary.append(Action(_("Edit"), self.kit.url("edit", document), icon="edit"))
                more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
        elif document.is_approved and self.may(actor, self.undo):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
        more.append(other_language(self.kit.url("print", document)))
        return {"primary": primary, "secondary": secondary, "more": more} | self.steps(document, actor)

    def _asks(self, request: HttpRequest, document: Any) -> list[Dialog]:
        ask = self.kit.ask
        return [
            ask(request, "void", _("Void the document"), "voiding", document, _("Void"), required=False, danger=True),
            ask(
                request,
                "unapprove",
                _("Take the booking back"),
                "unapproval",
                document,
                _("Unapprove"),
                text=self.undo_text,
            ),
        ]

    # --- entry ----------------------------------------------------------------------------------
    def columns_to_type(self, actor: Any) -> tuple[GridColumn, ...]:
        hidden = frozenset() if actor.may(COST) else self.costly
        return tuple(column for column in self.grid_columns if column.key not in hidden)

    def grid(self, document: Any, actor: Any) -> LineGrid:
        rows = [
            GridRow(
                {
                    "id": str(line.pk),
                    **item_cells(line.item),
                    "qty": getattr(line, "qty", ""),
                    **self.row(line),
                }
            )
            for line in (self.lines(document) if document else ())
        ]
        columns = self.columns_to_type(actor)
        return LineGrid(columns, rows=rows, **item_addresses())

    def first_grid(self, request: HttpRequest, document: Any) -> LineGrid | None:
        """The grid that an entry begins with; nothing where the head says all."""
        return self.grid(document, request.actor) if self.grid_columns else None  # type: ignore[attr-defined]

    def keyed(self, request: HttpRequest, document: Any) -> dict[str, Any]:
        """What of the grid the service takes."""
        return {"lines": self.read(request, document)} if self.grid_columns else {}

    def read(self, request: HttpRequest, document: Any) -> list[Any]:
        """The lines for the service; raises one refusal naming every cell that cannot be read."""
        columns = self.columns_to_type(request.actor)  # type: ignore[attr-defined]
        lines = read_lines(request.POST, columns)
        items = items_of(lines)
        lots = _lots_of(lines, items)
        problems: list[Refusal] = []
        found = []
        for line in lines:
            item, typed_lot = items.get(line.index), line.text("lot_no")
            if item is None:
                words = _("Line %(line)s: there is no item “%(code)s”.") % {
                    "line": line.no,
                    "code": line.text("item_id_code")[:40],
                }
                problems.append(ValidationRefused(words, line=line.no, field="item_id"))
                continue
            lot_id = lots.get((item.pk, typed_lot)) if typed_lot else None
            found.append(self.typed(line, item, lot_id, problems))
        if problems:
            raise Refusal.many(problems)
        return found

    def enter(self, request: HttpRequest, document: Any) -> HttpResponse:
        """The entry page: a failed save keeps everything that was typed."""
        grid, error, status = self.first_grid(request, document), None, 200
        if request.method == "POST":
            form, refusal, status = self.form(request.POST), None, 400
            if form.is_valid():
                try:
                    saved = type(self).save(
                        **self.arguments(form.cleaned_data),
                        **self.keyed(request, document),
                        document_id=document.pk if document else None,
                        version=version_of(request) if document else None,
                        **who_and_when(request),
                    )
                except Refusal as caught:
                    refusal, status = caught, caught.status
                    error = put_on(form, caught) if not any(each.line for each in caught.problems) else block_of(caught)
                else:
                    messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
                    return HttpResponseRedirect(self.kit.url("detail", saved))
            grid = grid and grid.with_posted(request.POST, refusal)
        else:
            form = self.form(initial=self.head(document) if document else self.first(request))
        return self._entry_page(request, document, form, grid, error, status)

    def _entry_page(
        self, request: HttpRequest, document: Any, form: StaffForm, grid: LineGrid | None, error: Any, status: int
    ) -> HttpResponse:
        context = {
            "form": form,
            "sections": sections_of(form, [("", self.fields)], ("remark",)),
            "grid": grid,
            "error": error,
            "title": _("Edit %(number)s") % {"number": document.number} if document else self.new_title,
            "lead": self.lead,
            "crumbs": [Crumb(self.area), Crumb(self.plural, self.kit.list_url)],
            "cancel_url": self.kit.url("detail", document) if document else self.kit.list_url,
            "version": request.POST.get("version") or (document.version if document else ""),
        }
        return render(request, "staff/shared/master_form.html", context, status=status)

    # --- paper ----------------------------------------------------------------------------------
    def sheet(self, request: HttpRequest, document: Any) -> PrintSheet:
        actor = request.actor  # type: ignore[attr-defined]
        cost, lines = actor.may(COST), self.lines(document)
        columns = [LineColumn("item", _("Item"), "item"), *self.columns(cost)]
        drawn = [Line(line.line_no, {"item": item_cell(line, actor), **self.cells(line)}) for line in lines]
        return plain_paper(
            request,
            document,
            title=self.title,
            facts=self.facts(document, actor),
            columns=columns,
            lines=drawn,
            totals=self.totals(document, lines, cost),
        )

    # --- views ----------------------------------------------------------------------------------
    def patterns(self, prefix: str, page: Any, *, entry: bool = True) -> list[Any]:
        """The addresses of the document under ``prefix``; ``page`` is its list."""
        kit, name, one = self.kit, self.name, f"{prefix}/<str:number>"
        steps = [
            path(f"{prefix}/", page.as_view(), name=f"{name}_list"),
            path(f"{one}/", kit.detail(f"{self.right}.view"), name=f"{name}_detail"),
            path(
                f"{one}/approval/",
                kit.step(f"{self.right}.approve", type(self).approve, self.booked, seen=True),
                name=f"{name}_approval",
            ),
            path(
                f"{one}/approval/undo/",
                kit.step(f"{self.right}.{self.undo}", type(self).unapprove, gettext_lazy("Taken back."), reason=True),
                name=f"{name}_unapproval",
            ),
            path(
                f"{one}/void/",
                kit.step(f"{self.right}.edit", type(self).void, gettext_lazy("Voided."), reason=True),
                name=f"{name}_voiding",
            ),
            path(f"{one}/print/", self._print_view(), name=f"{name}_print"),
        ]
        if not entry:
            return steps
        return [
            steps[0],
            path(f"{prefix}/new/", self._new_view(), name=f"{name}_new"),
            *steps[1:],
            path(f"{one}/edit/", self._edit_view(), name=f"{name}_edit"),
        ]

    def _new_view(self) -> Any:
        @staff_view(f"{self.right}.edit")
        def new(request: HttpRequest) -> HttpResponse:
            return self.enter(request, None)

        return new

    def _edit_view(self) -> Any:
        @staff_view(f"{self.right}.edit")
        def edit(request: HttpRequest, number: str) -> HttpResponse:
            document = self.load(request.actor, number)  # type: ignore[attr-defined]
            if not document.is_draft and request.method == "GET":
                messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
                return HttpResponseRedirect(self.kit.url("detail", document))
            return self.enter(request, document)

        return edit

    def _print_view(self) -> Any:
        @staff_view(f"{self.right}.view")
        def paper(request: HttpRequest, number: str) -> HttpResponse:
            document = self.load(request.actor, number)  # type: ignore[attr-defined]
            return printed(request, number, lambda: self.sheet(request, document))

        return paper


def _lots_of(lines: Sequence[EntryLine], items: Mapping[int, Any]) -> dict[tuple[UUID, str], UUID]:
    """The lots that were typed, by item and number; one statement."""
    typed = {line.text("lot_no") for line in lines if line.text("lot_no")}
    if not typed:
        return {}
    rows = Lot.objects.filter(item__in=[item.pk for item in items.values()], lot_no__in=typed)
    return {(item_id, lot_no): pk for pk, item_id, lot_no in rows.values_list("pk", "item_id", "lot_no")}


def known_lot(line: EntryLine, lot_id: UUID | None, problems: list[Refusal]) -> UUID | None:
    """The lot that was typed; one that is not there becomes a problem of its cell."""
    if line.text("lot_no") and lot_id is None:
        words = _("Line %(line)s: the item has no lot “%(lot)s”.") % {
            "line": line.no,
            "lot": line.text("lot_no")[:40],
        }
        problems.append(ValidationRefused(words, line=line.no, field="lot_no", value=line.text("lot_no")[:40]))
    return lot_id


def date_fact(document: Any) -> Fact:
    return Fact(_("Date"), formats.day(document.doc_date), made(document), numeric=True)


def approved_fact(document: Any) -> Fact:
    when = formats.moment_beside(document.approved_at, document.doc_date) if document.approved_at else ""
    return Fact(_("Approved by"), document.approved_by_name or "–", when)


def qty_cell(line: Any) -> Cell:
    return Cell(line.qty, unit=line.item.unit)


def plain_paper(
    request: HttpRequest,
    document: Any,
    *,
    title: Any,
    facts: Sequence[Fact],
    columns: Sequence[LineColumn],
    lines: Sequence[Line],
    totals: Sequence[Total] = (),
) -> PrintSheet:
    """A document that stays in the house, on paper: the first fact stands large, and the warehouse keeper signs."""
    heads, rows = lines_for_print(columns, lines, ())
    return PrintSheet(
        title=str(title),
        number=document.number,
        company=str(tenancy.current().name),
        party_label=facts[0].label,
        party=str(facts[0].value),
        party_lines=[],
        facts=[(fact.label, fact.value) for fact in facts[1:]],
        columns=heads,
        rows=rows,
        totals=[PrintTotal(each.label, each.value, each.grand) for each in totals],
        remark=document.remark,
        signatures=[
            (_("Made by"), document.created_by_name),
            (_("Approved by"), document.approved_by_name),
            (_("Warehouse keeper"), ""),
        ],
        watermark=_("Draft") if document.is_draft else _("Void") if document.approval == "voided" else "",
        link=request.build_absolute_uri(request.path.removesuffix("print/")),
    )
