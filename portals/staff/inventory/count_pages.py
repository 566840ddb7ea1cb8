"""Counts: list, setting up, counting on a phone, the page with differences and accuracy."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST

from backend.catalog.models import Item, ItemCategory
from backend.inventory.models import Disposition, Lot, StockCount, StockCountLine
from backend.inventory.selectors.bins import has_bins
from backend.inventory.services import count_booking, counting
from backend.inventory.services.inputs import CountedInput
from backend.kernel import clock
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import total
from portals.staff.inventory.papers import Paper, PaperForm, approved_fact, date_fact, place_field
from portals.staff.inventory.tables import CostList, _warehouses
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.dialogs import Ask, Dialog
from portals.staff.shared.lists import axis_choices
from portals.staff.shared.masters import edit_page
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Crumb, Empty, Fact, Total
from portals.ui.documents import Cell, LineColumn
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter

VIEW, EDIT, ENTER = "inventory.count.view", "inventory.count.edit", "inventory.count.enter"
ROWS = 50


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
    blind = forms.BooleanField(label=gettext_lazy("Blind: counters do not see the books"), required=False)


_FIELDS = ("warehouse_id", "doc_date", "category_id", "abc", "codes", "blind", "remark")


class CountPaper(Paper):
    name = "count"
    right = "inventory.count"
    model = StockCount
    title = gettext_lazy("Stock count")
    plural = gettext_lazy("Counts")
    related = ("warehouse", "category")
    line_related = ("item__unit", "lot", "bin")
    approve, unapprove, void = count_booking.approve_count, count_booking.unapprove_count, counting.void_count
    booked = gettext_lazy("The differences are booked.")
    undo_text = gettext_lazy(
        "The differences and what was decided about them are reversed; the count can be corrected."
    )

    def chips(self, document: StockCount) -> list[Chip]:
        return [chip("count", document.approval)]

    def facts(self, document: StockCount, actor: Any) -> list[Fact]:
        scope = str(document.category) if document.category else _("all categories")
        if document.item_ids:
            scope = _("%(count)s items") % {"count": len(document.item_ids)}
        elif document.abc:
            scope = f"{scope} · {document.abc}"
        frozen = formats.moment(document.frozen_at) if document.frozen_at else "–"
        found = [
            Fact(_("Warehouse"), str(document.warehouse)),
            Fact(_("What is counted"), scope),
            date_fact(document),
            Fact(_("Books frozen at"), frozen, numeric=True),
        ]
        if document.is_approved:
            found += [
                Fact(_("Accuracy by quantity"), _percent(document.accuracy_qty), _FORMULA, numeric=True),
                Fact(_("Accuracy by value"), _percent(document.accuracy_value), numeric=True),
                approved_fact(document),
            ]
        return found

    def columns(self, cost: bool) -> list[LineColumn]:
        return [
            LineColumn("bin", _("Bin")),
            LineColumn("lot", _("Lot")),
            LineColumn("book", _("On the books"), "qty"),
            LineColumn("moved", _("Moved since"), "qty"),
            LineColumn("counted", pgettext("stock count", "Counted"), "qty", strong=True),
            LineColumn("diff", _("Difference"), "qty"),
            LineColumn("accuracy", _("Accuracy"), "percent"),
            *([LineColumn("value", _("Value"), "money")] if cost else ()),
        ]

    def cells(self, line: StockCountLine) -> dict[str, Any]:
        hidden = line.document.blind and not line.document.is_approved
        diff = line.diff_qty
        accuracy = None
        if diff is not None and line.expected_qty:
            accuracy = max(Decimal(100) - 100 * abs(diff) / line.expected_qty, Decimal(0))
        return {
            "bin": line.bin.code if line.bin else "–",
            "lot": line.lot.lot_no if line.lot else "–",
            "book": None if hidden else qty_cell_of(line.book_qty, line),
            "moved": None if hidden else line.moved_qty or None,
            "counted": qty_cell_of(line.counted_qty, line) if line.counted_qty is not None else None,
            "diff": None if hidden or diff is None else Cell(diff, signal=bool(diff)),
            "accuracy": None if hidden else accuracy,
            "value": line.diff_value or None,
        }

    def lines(self, document: StockCount) -> list[Any]:
        found = super().lines(document)
        for line in found:
            line.qty = line.counted_qty or Decimal(0)
            line.document = document
        return found

    def totals(self, document: StockCount, lines: Sequence[Any], cost: bool) -> list[Total]:
        done = [line for line in lines if line.counted_qty is not None]
        found = [Total(_("Lines counted"), f"{len(done)} / {len(lines)}")]
        if document.blind and not document.is_approved:
            return found
        off = [line for line in done if line.diff_qty]
        found.append(Total(_("Lines that differ"), str(len(off))))
        if cost and document.is_approved:
            found += [
                Total(_("Found"), formats.money(document.gain_value)),
                Total(pgettext("stock count", "Missing"), formats.money(document.loss_value)),
                Total(_("Net difference"), formats.money(total(line.diff_value for line in lines)), grand=True),
            ]
        return found

    def _banner(self, document: StockCount) -> Banner | None:
        if document.is_draft:
            text = _("Starting it freezes what the books say; the warehouse goes on working.")
            return Banner(_("Not started yet."), text, look="info", icon="info")
        return None

    @staticmethod
    def _counting_first(enter: Action, booking: Action | None) -> tuple[Action, list[Action]]:
        """As long as a line is not counted, counting is the next step and booking stands beside it."""
        return replace(enter, look="primary"), [booking] if booking else []

    def _acts(self, document: StockCount, actor: Any) -> dict[str, Any]:
        primary, secondary, more = None, [], []
        enter = Action(_("Count"), self.kit.url("counting", document), icon="list-check")
        if document.is_draft and self.may(actor, "edit"):
            primary = self.kit.post(_("Start counting"), "start", document, "player-play", "primary")
            secondary.append(Action(_("Edit"), self.kit.url("edit", document), icon="edit"))
        elif document.approval == Approval.SUBMITTED:
            open_lines = document.lines.filter(counted_qty=None).exists()
            if self.may(actor, "approve"):
                look = "" if open_lines else "primary"
                primary = self.kit.post(_("Book the differences"), "approval", document, "check", look)
            if self.may(actor, "enter"):
                primary, secondary = self._counting_first(enter, primary) if open_lines else (primary, [enter])
        elif document.is_approved:
            undecided = (document.gain_value or document.loss_value) and not document.disposition
            if undecided and self.may(actor, "approve"):
                primary = Action(_("Decide the differences"), icon="scale", dialog="settle", look="primary")
            if self.may(actor, "unapprove"):
                more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
        if document.approval in {Approval.DRAFT, Approval.SUBMITTED} and self.may(actor, "edit"):
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
        return {"primary": primary, "secondary": secondary, "more": [*more, *self.kit.printing(document)]}

    def dialogs(self, request: HttpRequest, document: StockCount) -> list[Dialog]:
        ask = Ask(
            "disposition", _("They are"), "select", options=[(key, str(label)) for key, label in Disposition.choices]
        )
        why = [
            ("", _("Ordinary: nothing else happens")),
            ("1", _("Abnormal: stolen, or spoilt for want of care; input VAT is transferred out")),
        ]
        lost = Ask("abnormal", _("The loss is"), "select", options=why, required=False)
        text = _("They lie on the suspense account until somebody says what they are.")
        hidden = {"version": document.version}
        url = self.kit.url("settlement", document)
        return [Dialog("settle", _("Decide the differences"), url, _("Decide"), (ask, lost), text, hidden)]


_FORMULA = gettext_lazy("1 − Σ|difference| ÷ Σbook")


def qty_cell_of(value: Any, line: StockCountLine) -> Cell:
    return Cell(value, unit=line.item.unit)


def _percent(value: Decimal | None) -> str:
    return "–" if value is None else formats.percent(value)


COUNTS = CountPaper()


# --- setting up ----------------------------------------------------------------------------------
def _items_of(text: str) -> list[UUID]:
    """The items of typed codes; raises a refusal naming those that are none."""
    codes = [code for line in text.replace(",", "\n").splitlines() if (code := line.strip())]
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


count_start = COUNTS.kit.step(EDIT, counting.start_count, gettext_lazy("The books are frozen: count."))


@require_POST
@staff_view("inventory.count.approve")
def count_settle(request: HttpRequest, number: str) -> HttpResponse:
    given: dict[str, Any] = {
        "disposition": request.POST.get("disposition", ""),
        "abnormal": request.POST.get("abnormal", "") == "1",
    }
    return COUNTS.kit.run(
        request,
        number,
        lambda it: count_booking.settle_count(document_id=it.pk, **given, **who_and_when(request)),
        _("Decided and booked."),
    )


# --- counting ------------------------------------------------------------------------------------
def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 12 else None


def _typed(request: HttpRequest) -> list[CountedInput]:
    """What was typed; raises a refusal naming every field that is no number."""
    found, problems = [], []
    for key, text in request.POST.items():
        if not key.startswith("qty-") or not str(text).strip():
            continue
        number = _number(str(text))
        try:
            line_id = UUID(key.removeprefix("qty-"))
        except ValueError:
            continue
        if number is None:
            words = _("“%(text)s” is not a number.") % {"text": str(text)[:20]}
            problems.append(ValidationRefused(words, field=key, value=str(text)[:20]))
        else:
            found.append(CountedInput(line_id, number))
    if problems:
        raise Refusal.many(problems)
    return found


def _changed(document: StockCount, typed: Sequence[CountedInput]) -> list[CountedInput]:
    """Only what differs from what was counted before: looking at a page does not count it again."""
    known = dict(StockCountLine.objects.filter(document=document).values_list("pk", "counted_qty"))
    return [row for row in typed if row.line_id not in known or known[row.line_id] != row.qty]


def _counting_page(
    request: HttpRequest, document: StockCount, refusal: Refusal | None = None, **more: Any
) -> HttpResponse:
    q, show = request.GET.get("q", "").strip()[:60], request.GET.get("show", "left")
    every = document.lines.select_related("item__unit", "lot", "bin").order_by("line_no")
    done, all_lines = counting.progress([document.pk]).get(document.pk, (0, 0))
    lines = (
        every.filter(counted_qty=None)
        if show == "left"
        else every.exclude(counted_qty=None)
        if show == "done"
        else every
    )
    if q:
        wanted = Q(item__code__iexact=q) | Q(item__barcode=q) | Q(lot__lot_no__iexact=q) | Q(bin__code__iexact=q)
        lines = (
            every.filter(wanted)
            if every.filter(wanted).exists()
            else every.filter(Q(item__name__icontains=q) | Q(item__mnemonic__icontains=q) | Q(item__code__icontains=q))
        )
    count = lines.count()
    pages = max(ceil(count / ROWS), 1)
    asked = request.GET.get("page", "1")
    page = min(max(int(asked) if asked.isdigit() and len(asked) < 6 else 1, 1), pages)
    wrong = {problem.field for problem in refusal.problems} if refusal else set()
    rows = [
        {
            "line": line,
            "typed": request.POST.get(
                f"qty-{line.pk}", formats.plain(line.counted_qty) if line.counted_qty is not None else ""
            ),
            "wrong": f"qty-{line.pk}" in wrong,
            "first": index == 0,
        }
        for index, line in enumerate(lines[(page - 1) * ROWS : page * ROWS])
    ]
    context = {
        "document": document,
        "books": not document.blind,
        "rows": rows,
        "q": q,
        "show": show,
        "page": page,
        "pages": pages,
        "done": done,
        "all": all_lines,
        "tabs": [
            {"key": "left", "label": _("Left to count"), "count": all_lines - done},
            {"key": "done", "label": pgettext("stock count", "Counted"), "count": done},
            {"key": "all", "label": _("All"), "count": all_lines},
        ],
        "back": COUNTS.kit.url("detail", document),
        "found_url": COUNTS.kit.url("found", document),
        "in_bins": has_bins(document.warehouse_id),
        "found": {key: request.POST.get(key, "") for key in ("code", "lot", "bin", "qty")},
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Counts"), COUNTS.kit.list_url)],
        "error": block_of(refusal) if refusal else None,
        **more,
    }
    return render(request, "staff/inventory/counting.html", context, status=refusal.status if refusal else 200)


def _countable(request: HttpRequest, number: str) -> StockCount:
    return COUNTS.load(request.actor, number)  # type: ignore[attr-defined,no-any-return]


@staff_view(ENTER)
def count_counting(request: HttpRequest, number: str) -> HttpResponse:
    """Type what lies there, line by line; what is left empty is left for later."""
    document = _countable(request, number)
    if request.method != "POST":
        if document.approval != Approval.SUBMITTED:
            return HttpResponseRedirect(COUNTS.kit.url("detail", document))
        return _counting_page(request, document)
    try:
        typed = _changed(document, _typed(request))
        noted = counting.record_counts(document_id=document.pk, counted=typed, **who_and_when(request))
    except Refusal as refusal:
        return _counting_page(request, document, refusal)
    messages.success(request, _("%(count)s lines are noted.") % {"count": noted})
    return HttpResponseRedirect(COUNTS.kit.url("counting", document))


@require_POST
@staff_view(ENTER)
def count_found(request: HttpRequest, number: str) -> HttpResponse:
    """Goods that are on no list get a line."""
    document = _countable(request, number)
    code, lot_no = request.POST.get("code", "").strip()[:40], request.POST.get("lot", "").strip()[:40]
    try:
        item = Item.objects.filter(Q(code=code) | Q(barcode=code), active=True).first() if code else None
        if item is None:
            raise ValidationRefused(_("There is no item “%(code)s”.") % {"code": code}, field="code", value=code)
        lot = Lot.objects.filter(item=item, lot_no=lot_no).first() if lot_no else None
        if lot_no and lot is None:
            raise ValidationRefused(_("The item has no lot “%(lot)s”.") % {"lot": lot_no}, field="lot", value=lot_no)
        qty = _number(request.POST.get("qty", ""))
        if qty is None:
            raise ValidationRefused(_("Enter the quantity."), field="qty")
        counting.add_found(
            document_id=document.pk,
            item_id=item.pk,
            qty=qty,
            lot_id=lot.pk if lot else None,
            bin_code=request.POST.get("bin", "").strip()[:30],
            **who_and_when(request),
        )
    except Refusal as refusal:
        return _counting_page(request, document, refusal, found_open=True)
    messages.success(request, _("%(item)s is noted.") % {"item": item})
    return HttpResponseRedirect(COUNTS.kit.url("counting", document))


# --- list ----------------------------------------------------------------------------------------
_STATES = ("draft", "submitted", "approved", "voided")


class CountList(CostList):
    key = "inventory.count"
    title = CountPaper.plural
    permission = VIEW
    export_permission = "inventory.stock.export"
    costly = frozenset({"gain_value", "loss_value"})
    columns = (
        Column("number", gettext_lazy("Number"), sort=True),
        Column("doc_date", gettext_lazy("Date"), "date", sort=True),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("category", gettext_lazy("Category"), value="category.name"),
        Column("abc", gettext_lazy("ABC class")),
        Column("approval", gettext_lazy("State"), "chip", axis="count", sort=True),
        Column("accuracy_qty", gettext_lazy("Accuracy by quantity"), "percent", sort=True, strong=True),
        Column("accuracy_value", gettext_lazy("Accuracy by value"), "percent", sort=True),
        Column("gain_value", gettext_lazy("Found"), "money", sort=True, total="gain_value"),
        Column("loss_value", pgettext_lazy("stock count", "Missing"), "money", sort=True, total="loss_value"),
        Column("disposition", gettext_lazy("Decided as"), value="get_disposition_display", phone="hide"),
        Column("created_by_name", gettext_lazy("Made by"), phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("approval", gettext_lazy("State"), choices=axis_choices("count", _STATES)),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
    )
    presets = (Preset("now", gettext_lazy("Being counted"), "approval=submitted", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[StockCount]:
        return StockCount.objects.select_related("warehouse", "category")

    def row_url(self, row: Any) -> str:
        return reverse("staff:count_detail", kwargs={"number": row.number})

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        return (Action(_("New count"), reverse("staff:count_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "Count a warehouse, a category or a class while goods come and go: moves during the count are no difference."
        )
        return Empty(_("No counts yet"), text, tuple(self.actions()))


_ONE = "counts/<str:number>"
urlpatterns = [
    path("counts/new/", count_new, name="count_new"),
    *COUNTS.patterns("counts", CountList, entry=False),
    path(f"{_ONE}/edit/", count_edit, name="count_edit"),
    path(f"{_ONE}/start/", count_start, name="count_start"),
    path(f"{_ONE}/counting/", count_counting, name="count_counting"),
    path(f"{_ONE}/found/", count_found, name="count_found"),
    path(f"{_ONE}/settlement/", count_settle, name="count_settlement"),
]
