"""What every stock document does alike: opening a draft, storing it, stepping along its life, being thrown away."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import CannotSaveStockDocument
from backend.inventory.models import LotBalance, StockMove, Warehouse, WarehouseKind
from backend.inventory.services.balances import Pair
from backend.inventory.words import plain
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.document import Document, DocumentLine, claim_version, load_locked, require_seen
from backend.kernel.draft_lines import replace_lines
from backend.kernel.errors import IllegalTransition, Refusal
from backend.kernel.lifecycle import APPROVAL, LifeCycle
from backend.kernel.numbering import next_number
from backend.parties.models import Party

D = TypeVar("D", bound=Document)


def open_draft(model: type[D], document_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> D:
    """A new document, or the locked draft of that id; raises IllegalTransition for one that is booked."""
    if document_id is None:
        document = model()
        document.stamp_created(actor, at)
        return document
    document = load_locked(model, document_id)
    if not document.is_draft:
        raise IllegalTransition(
            _("%(document)s is booked and cannot be edited.") % {"document": document},
            document=document.number,
            field="approval",
            value=document.approval,
            way_out=_("Take the booking back first."),
        )
    claim_version(document, version, at)
    return document


def store(
    document: Document, lines: Sequence[DocumentLine], *, actor: Actor, at: datetime, numbered_as: str | None = None
) -> None:
    """Save a draft with its lines in the place of those it had; a new one gets its number, by another type's rule if named."""
    new = not document.number
    if new:
        document.number = next_number(numbered_as or document.DOC_TYPE, document.doc_date)
    document.save(force_insert=new)
    if new:
        type(lines[0])._default_manager.bulk_create(lines)
    else:
        replace_lines(document, lines, same=_place_and_item)
    audit.record(document, "create" if new else "edit", actor=actor, at=at)


def _place_and_item(line: Any) -> tuple[int, UUID]:
    """A line in the place of another of the same item is the same line to what was said about it (serial numbers)."""
    return line.line_no, line.item_id


def warehouse_of(warehouse_id: UUID, field: str = "warehouse") -> Warehouse:
    """A warehouse in use; raises CannotSaveStockDocument."""
    found = Warehouse.objects.filter(pk=warehouse_id, active=True, kind=WarehouseKind.STOCK).first()
    if found is None:
        raise CannotSaveStockDocument(_("Choose a warehouse."), field=field, value=warehouse_id)
    return found


def supplier_of(party_id: UUID | None, field: str, refusal: type[Refusal] = CannotSaveStockDocument) -> Party:
    """A supplier in use, to whom something will be owed; raises the refusal."""
    found = Party.objects.filter(pk=party_id, active=True, is_supplier=True).first() if party_id else None
    if found is None:
        raise refusal(_("Choose the supplier that it is owed to."), field=field, value=party_id or "")
    return found


def lines_of(given: Sequence[Any], make: Callable[[int, Any, Item], Any]) -> list[Any]:
    """A line for each input; every input that is wrong is named. ``make`` may raise a refusal of its own."""
    if not given:
        raise CannotSaveStockDocument(
            _("There is no line yet."), field="lines", way_out=_("Add an item with its quantity.")
        )
    items = {
        item.pk: item
        for item in Item.objects.filter(pk__in={line.item_id for line in given}).select_related("unit", "tax_code")
    }
    problems: list[Refusal] = []
    made = []
    for number, line in enumerate(given, start=1):
        try:
            made.append(make(number, line, stocked(number, line, items)))
        except Refusal as problem:
            problems.append(problem)
    refuse(problems)
    return made


def refuse(problems: Sequence[Refusal]) -> None:
    """Raise what is wrong, all of it at once; nothing when nothing is."""
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]


def stocked(number: int, line: Any, items: dict[UUID, Item]) -> Item:
    """The item of a line with a quantity that its unit can hold."""
    item = items.get(line.item_id)
    if item is None or not item.is_stocked:
        raise wrong(number, "item_id", _("Line %(line)s: choose an item that is kept in stock.") % {"line": number})
    if line.qty <= 0 or line.qty != round(line.qty, min(item.unit.decimals, 4)):
        raise wrong(
            number,
            "qty",
            _("Line %(line)s, %(item)s: a quantity is more than 0 and has at most %(decimals)s decimals.")
            % {"line": number, "item": item, "decimals": item.unit.decimals},
            plain(line.qty),
        )
    return item


def wrong(number: int, field: str, words: str, value: Any = "", way_out: str | None = None) -> CannotSaveStockDocument:
    """A problem of a line."""
    return CannotSaveStockDocument(words, line=number, field=field, value=value, way_out=way_out)


def require_lots(lines: Iterable[tuple[int, UUID, UUID | None]], warehouse_id: UUID) -> None:
    """Refuse named lots (line number, item, lot) that are none of the item's or do not lie in the warehouse; one statement."""
    named = [row for row in lines if row[2]]
    if not named:
        return
    there = set(
        LotBalance.objects.filter(
            lot_id__in={lot for _no, _item, lot in named}, warehouse_id=warehouse_id, on_hand__gt=0
        ).values_list("item_id", "lot_id")
    )
    problems = [
        wrong(number, "lot_id", _("Line %(line)s: this lot does not lie in the warehouse.") % {"line": number})
        for number, item_id, lot_id in named
        if (item_id, lot_id) not in there
    ]
    refuse(problems)


def advance(
    document: Document,
    verb: str,
    *,
    version: int | None,
    actor: Actor,
    at: datetime,
    reason: str = "",
    cycle: LifeCycle = APPROVAL,
) -> str:
    """Take one step of a locked document, save it and write it down; returns the state before."""
    require_seen(document, version)
    before = cycle.advance(document, verb)
    claim_version(document, None, at)
    if verb == "approve":
        document.stamp_approved(actor, at)
    elif verb == "unapprove":
        document.approved_at, document.approved_by_id, document.approved_by_name = None, None, ""
    document.save()
    audit.record(
        document, verb, actor=actor, at=at, axis=cycle.axis, before=before, after=document.approval, reason=reason
    )
    return before


def void(model: type[D], document_id: UUID, *, actor: Actor, at: datetime, reason: str = "") -> D:
    """Throw a draft away; its number stays taken."""
    with transaction.atomic():
        document = load_locked(model, document_id)
        advance(document, "void", version=None, actor=actor, at=at, reason=reason)
    return document


def pairs_of(moves: Iterable[StockMove]) -> tuple[Pair, ...]:
    """The (item, warehouse) pairs that moves touch, in the order of locks."""
    return tuple(sorted({(move.item_id, move.warehouse_id) for move in moves}))


def told(document: Document, moves: Iterable[StockMove], at: datetime) -> dict[str, Any]:
    """What every event of a stock document says."""
    return {
        "aggregate_id": document.pk,
        "number": document.number,
        "doc_date": document.doc_date,
        "pairs": pairs_of(moves),
        "at": at,
    }
