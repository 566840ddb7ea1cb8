"""What goods cost otherwise since they left: by papers dated before them, and by the costing of their month.

Moves are facts; a later cost is a correction that names the move it is about. A paper corrects goods that others issued,
and what it issued itself is corrected by others. Corrections that were taken back do not count.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from backend.inventory.models import MoveKind, StockMove
from backend.kernel.document import Document
from backend.kernel.money import ZERO, total

Paper = tuple[str, str]


@dataclass(frozen=True)
class Recosting:
    """By paper (its kind and number), how much more goods cost that left: through the document, and of the document."""

    caused: dict[Paper, Decimal]
    met: dict[Paper, Decimal]

    @property
    def caused_amount(self) -> Decimal:
        return total(self.caused.values())

    @property
    def met_amount(self) -> Decimal:
        return total(self.met.values())


def recosting_of(document: Document) -> Recosting:
    """What a booked document changed in the cost of other papers' issues, and they in its own; two statements."""
    caused = _standing().filter(~Q(origin__doc_id=document.pk), doc_id=document.pk)
    met = _standing().filter(~Q(doc_id=document.pk), origin__doc_id=document.pk)
    return Recosting(
        _sums(caused, "origin__doc_type", "origin__doc_number"),
        _sums(met, "doc_type", "doc_number"),
    )


def _standing() -> QuerySet[StockMove]:
    return StockMove.objects.filter(kind=MoveKind.CORRECTION, reversed_by=None, origin__qty_out__gt=0)


def _sums(corrections: QuerySet[StockMove], *paper: str) -> dict[Paper, Decimal]:
    found: dict[Paper, Decimal] = defaultdict(lambda: ZERO)
    for kind, number, out, back in corrections.order_by("id").values_list(*paper, "value_out", "value_in"):
        found[kind, number] += out - back
    return {named: amount for named, amount in found.items() if amount}
