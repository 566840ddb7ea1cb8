"""The page of a count: what is counted, what the books say, differences, accuracy, and what was decided."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from backend.inventory.models import Disposition, StockCount, StockCountLine
from backend.inventory.selectors.pieces import moved_pieces
from backend.inventory.services import count_booking, counting
from backend.inventory.services.counted_serials import LinePieces, may_be_told, pieces_so_far
from backend.kernel.document import Approval
from backend.kernel.money import total
from portals.staff.inventory.papers import Paper, approved_fact, date_fact
from portals.staff.shared.dialogs import Ask, Dialog
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Fact, Total
from portals.ui.documents import Cell, LineColumn
from portals.ui.printing import PrintSheet

VIEW, EDIT, ENTER = "inventory.count.view", "inventory.count.edit", "inventory.count.enter"


class CountPaper(Paper):
    name = "count"
    right = "inventory.count"
    model = StockCount
    template = "staff/inventory/count.html"
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
            scope = ngettext("%(count)s item", "%(count)s items", len(document.item_ids)) % {
                "count": len(document.item_ids)
            }
        elif document.abc:
            scope = f"{scope} · " + _("ABC class %(abc)s") % {"abc": document.abc}
        if document.in_some_bins:
            bins = (
                f"{document.bin_from or '…'} – {document.bin_to or '…'}" if document.bin_from or document.bin_to else ""
            )
            zone = _("zone %(zone)s") % {"zone": document.zone} if document.zone else ""
            scope = " · ".join(part for part in (scope, zone, bins) if part)
        frozen = formats.moment_beside(document.frozen_at, document.doc_date) if document.frozen_at else "–"
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

    def sheet(self, request: HttpRequest, document: StockCount) -> PrintSheet:
        """The paper names the single pieces that were found or are missing."""
        printed = super().sheet(request, document)
        if document.is_approved:
            named = [printed.remark, *told_pieces(document)]
        else:
            told = self.below(document, self.lines(document), request.actor)  # type: ignore[attr-defined]
            named = [printed.remark, *(words for row in told.get("pieces", ()) for words in _words_of(row))]
        return replace(printed, remark="\n".join(words for words in named if words))

    def below(self, document: StockCount, lines: Sequence[Any], actor: Any) -> dict[str, Any]:
        """The pieces that booking would miss and find, before it is too late to look again."""
        return {"pieces": pieces_so_far(document, lines)} if may_be_told(document, lines, actor) else {}

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


def told_pieces(document: StockCount) -> list[str]:
    """The single pieces that a booked count found, and those that it misses."""
    pieces = moved_pieces(document)
    told = {
        _("Pieces found: %(numbers)s"): [piece.serial_no for piece in pieces if piece.came],
        _("Pieces missing: %(numbers)s"): [piece.serial_no for piece in pieces if not piece.came],
    }
    return [words % {"numbers": ", ".join(numbers)} for words, numbers in told.items() if numbers]


def _words_of(row: LinePieces) -> list[str]:
    """The pieces of a line that is not booked yet, for paper."""
    place = f" · {row.line.bin.code}" if row.line.bin else ""
    told = {
        _("Seen, not on the books: %(numbers)s"): row.found,
        _("On the books, not seen: %(numbers)s"): row.missing,
        _("Of another bin: %(numbers)s"): row.carried,
        _("Of another warehouse: %(numbers)s"): row.elsewhere,
    }
    found = [words % {"numbers": ", ".join(map(str, pieces))} for words, pieces in told.items() if pieces]
    if row.unnamed:
        found.append(_("The pieces are not named yet."))
    return [f"{row.line.line_no} {row.line.item.name}{place} – {words}" for words in found]


def qty_cell_of(value: Any, line: StockCountLine) -> Cell:
    return Cell(value, unit=line.item.unit)


def _percent(value: Decimal | None) -> str:
    return "–" if value is None else formats.percent(value)


COUNTS = CountPaper()
