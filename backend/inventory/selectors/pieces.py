"""What is known of single pieces: where one is, how it came and went, which ones a booked document moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from backend.inventory.models import LineSerials, MoveKind, Serial, StockMove
from backend.kernel.document import Document

# What became of a piece that lies nowhere, by the move that took it.
_GONE = {
    MoveKind.SALES_DELIVERY: "with_customer",
    MoveKind.CONSIGN_SOLD: "with_customer",
    MoveKind.PURCHASE_RETURN: "with_supplier",
    MoveKind.ASSEMBLY_OUT: "used",
    MoveKind.OTHER_ISSUE: "used",
    MoveKind.SUBCONTRACT_USED: "used",
    MoveKind.SCRAP: "lost",
    MoveKind.COUNT_LOSS: "lost",
    MoveKind.TRANSFER_LOSS: "lost",
    MoveKind.SUBCONTRACT_LOSS: "lost",
}


_PLACES = {"transit": "transit", "supplier": "at_processor", "workshop": "in_workshop", "customer": "consignment"}
_ARRIVED = {MoveKind.PURCHASE_RECEIPT, MoveKind.OPENING, MoveKind.PRODUCTION_IN}
_SOLD = (MoveKind.SALES_DELIVERY, MoveKind.CONSIGN_SOLD)


def state_of(piece: Serial) -> str:
    """in_stock, transit, consignment, at_processor, in_workshop; gone: with_customer, with_supplier, used, lost; none: it
    was taken back."""
    if piece.warehouse is not None:
        return _PLACES.get(piece.warehouse.kind, "in_stock")
    return _GONE.get(MoveKind(piece.last_move.kind), "none") if piece.last_move else "none"


def all_pieces() -> QuerySet[Serial]:
    """Pieces with what a list says of each."""
    return Serial.objects.select_related("item", "warehouse", "last_move__party", "hold", "bin")


def find_pieces(words: str, limit: int) -> list[Serial]:
    """Pieces whose number begins with the words, as typed or in capitals."""
    found = all_pieces().filter(serial_no__startswith=words) | all_pieces().filter(serial_no__startswith=words.upper())
    return list(found.order_by("serial_no", "id")[:limit])


@dataclass(frozen=True)
class PieceTrace:
    """A piece with its history, the newest move first; warranty begins with the delivery to the customer who has it."""

    piece: Serial
    state: str
    steps: list[StockMove]
    came: StockMove | None
    sold: StockMove | None

    @property
    def warranty_from(self) -> date | None:
        return self.sold.move_date if self.sold else None


def trace_piece(pk: UUID) -> PieceTrace | None:
    """Everything about a piece; two statements."""
    piece = all_pieces().filter(pk=pk).first()
    if piece is None:
        return None
    moves = StockMove.objects.filter(serial_ids__contains=[pk]).select_related("warehouse", "party", "reversed_by")
    steps = list(moves.order_by("-id"))
    standing = [step for step in steps if step.kind != MoveKind.REVERSAL and not hasattr(step, "reversed_by")]
    came = next((step for step in standing if step.kind in _ARRIVED), None)
    with_customer = piece.warehouse_id is None and standing and standing[0].kind in _SOLD
    return PieceTrace(piece, state_of(piece), steps, came, standing[0] if with_customer else None)


@dataclass(frozen=True)
class MovedPiece:
    """A piece that a booked document moved; whether it came in with it."""

    id: UUID
    item_id: UUID
    serial_no: str
    came: bool


_MOVED = """
SELECT s.id, s.item_id, s.serial_no, bool_or(m.qty_in > 0)
FROM inventory_stock_move m, unnest(m.serial_ids) u (id) JOIN inventory_serial s ON s.id = u.id
WHERE m.doc_id = %s AND m.serial_ids IS NOT NULL AND m.kind <> 'reversal'
  AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
GROUP BY s.id, s.item_id, s.serial_no ORDER BY s.item_id, s.serial_no
"""


def moved_pieces(document: Document) -> list[MovedPiece]:
    """The pieces that the standing moves of a document name, by item; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [document.pk])
        return [MovedPiece(*row) for row in cursor.fetchall()]


def pieces_of(document: Document) -> list[Serial]:
    """The pieces that a document moved, else those that its lines name as far as they are known; two statements."""
    moved = [piece.id for piece in moved_pieces(document)]
    if moved:
        return list(all_pieces().filter(pk__in=moved).order_by("item__sort_key", "serial_no"))
    rows = LineSerials.objects.filter(doc_id=document.pk).values_list("item_id", "serial_nos")
    named = {(item_id, number) for item_id, numbers in rows for number in numbers}
    found = all_pieces().filter(item__in={key[0] for key in named}, serial_no__in={key[1] for key in named})
    return [
        piece for piece in found.order_by("item__sort_key", "serial_no") if (piece.item_id, piece.serial_no) in named
    ]


def wants_serials(document: Any) -> bool:
    """Whether any line of the document is about single pieces; one statement."""
    own = getattr(document, "item_id", None)
    return document.lines.filter(item__serial_tracked=True).exists() or bool(own and document.item.serial_tracked)


def numbers_by_item(pieces: Iterable[MovedPiece]) -> dict[UUID, list[MovedPiece]]:
    """Pieces by their item."""
    found: dict[UUID, list[MovedPiece]] = {}
    for piece in pieces:
        found.setdefault(piece.item_id, []).append(piece)
    return found
