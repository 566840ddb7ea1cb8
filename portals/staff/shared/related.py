"""The documents a document came from and led to, with its vouchers: one statement whatever the kinds and the size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from portals.staff.shared.registry import KINDS, Kind
from portals.ui import chips, formats
from portals.ui.components import GraphNode, RelatedLine
from portals.ui.navigation import document_address

_DEPTH = 4
_MOST_NODES = 8

_WALK = """
WITH RECURSIVE down AS (
    SELECT source_id, target_id, target_type AS kind, target_id AS other, 1 AS level
    FROM kernel_document_link WHERE source_id = %(id)s
    UNION
    SELECT l.source_id, l.target_id, l.target_type, l.target_id, d.level + 1
    FROM kernel_document_link l JOIN down d ON l.source_id = d.other WHERE d.level < %(depth)s
), up AS (
    SELECT source_id, target_id, source_type AS kind, source_id AS other, -1 AS level
    FROM kernel_document_link WHERE target_id = %(id)s
    UNION
    SELECT l.source_id, l.target_id, l.source_type, l.source_id, u.level - 1
    FROM kernel_document_link l JOIN up u ON l.target_id = u.other WHERE u.level > -%(depth)s
), walk AS (SELECT * FROM down UNION SELECT * FROM up LIMIT 500),
places AS (
    SELECT kind, other, (array_agg(level ORDER BY abs(level) DESC))[1] AS level
    FROM walk WHERE other <> %(id)s GROUP BY kind, other
)
"""


@dataclass(frozen=True)
class Relative:
    """A document in the family of another; `level` is negative above it."""

    kind: Kind
    id: UUID
    number: str
    approval: str
    amount: Decimal | None
    level: int
    mark: str = ""  # its state where it has steps of its own, else its kind of purchase order

    @property
    def label(self) -> Any:
        return _("Subcontract order") if self.mark == "subcontract" else self.kind.label

    @property
    def chip(self) -> chips.Chip:
        """How far it is: what is approved and has steps of its own says its step."""
        steps = _steps(self.kind) if self.approval == "approved" and self.mark else ""
        return chips.chip(steps, self.mark) if steps else chips.chip("approval", self.approval)

    @property
    def url(self) -> str:
        return document_address(self.kind.doc_type, self.number)


@dataclass(frozen=True)
class VoucherRef:
    number: str
    summary: str
    total: Decimal
    red: bool


@dataclass(frozen=True)
class Family:
    """All relatives, the edges between them, and the vouchers of the document itself."""

    relatives: tuple[Relative, ...] = ()
    edges: tuple[tuple[UUID, UUID], ...] = ()
    vouchers: tuple[VoucherRef, ...] = ()

    def of_type(self, doc_type: str) -> list[Relative]:
        return [each for each in self.relatives if each.kind.doc_type == doc_type]


def _mark(kind: Kind) -> str:
    """The column that says more of such a document than that it is approved."""
    if _steps(kind):
        return "d.state"
    return "d.kind" if kind.doc_type == "purchasing.order" else "''"


def _steps(kind: Kind) -> str:
    """The axis of its own steps, if it has them."""
    return next((axis for axis, column in kind.axes if column == "state"), "")


def relative_of(document: Any) -> Relative:
    """A document as its own relative."""
    kind = KINDS[document.DOC_TYPE]
    mark = str(getattr(document, _mark(kind).removeprefix("d."), ""))
    amount = getattr(document, kind.amount, None) if kind.amount else None
    return Relative(kind, document.pk, document.number, document.approval, amount, 0, mark)


def _statement() -> str:
    parts = [
        f"SELECT 'node', '{kind.doc_type}', d.id, NULL::uuid, d.number, d.approval, {_mark(kind)},"
        f" {'d.' + kind.amount if kind.amount else 'NULL::numeric'}, p.level"
        f" FROM places p JOIN {kind.table} d ON d.id = p.other WHERE p.kind = '{kind.doc_type}'"
        for kind in KINDS.values()
    ]
    parts.append("SELECT DISTINCT 'edge', '', source_id, target_id, '', '', '', NULL::numeric, 0 FROM walk")
    parts.append(
        "SELECT 'voucher', v.word, v.id, v.reverses_id, to_char(v.voucher_date, 'YYYYMM'), lpad(v.serial::text, 4, '0'),"
        " v.summary, v.total, 0 FROM accounting_voucher v WHERE v.source_id = %(id)s"
    )
    return _WALK + "\nUNION ALL\n".join(parts)


_STATEMENT = _statement()


def family_of(document_id: UUID) -> Family:
    """The family of a document, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"id": document_id, "depth": _DEPTH})
        rows = cursor.fetchall()
    relatives, edges, vouchers = [], [], []
    for row, doc_type, one, other, number, approval, summary, amount, level in rows:
        if row == "node":
            relatives.append(Relative(KINDS[doc_type], one, number, approval, amount, level, summary))
        elif row == "edge":
            edges.append((one, other))
        else:
            vouchers.append(VoucherRef(f"{doc_type}-{number}-{approval}", summary, amount, other is not None))
    relatives.sort(key=lambda each: (each.level, each.kind.doc_type, each.number))
    return Family(tuple(relatives), tuple(sorted(edges)), tuple(sorted(vouchers, key=lambda each: each.number)))


def short_number(number: str) -> str:
    """`XSDD-20261127-00018` → `XSDD-1127-00018`: the year says nothing inside a graph."""
    parts = number.split("-")
    if len(parts) == 3 and len(parts[1]) == 8 and parts[1].isdigit():
        parts[1] = parts[1][4:]
    return "-".join(parts)


def shortest_number(number: str) -> str:
    """`XSDD-20261127-00018` → `XSDD-00018`: for a small box."""
    parts = number.split("-")
    return f"{parts[0]}-{parts[2]}" if len(parts) == 3 else number


def _sub(relative: Relative, prices: bool) -> str:
    words = [str(relative.chip.label)]
    if relative.amount is not None and (prices or not relative.kind.priced):
        words.append(formats.money(relative.amount))
    return " · ".join(words)


def _node(relative: Relative, actor: Any, prices: bool, parents: Sequence[str]) -> GraphNode:
    waits = relative.approval == "submitted" and actor.may(relative.kind.permission.replace(".view", ".approve"))
    return GraphNode(
        title=f"{relative.label} {shortest_number(relative.number)}",
        sub=_sub(relative, prices),
        level=relative.level,
        look="sg" if waits else "fu" if relative.approval == "voided" else "",
        url=relative.url if actor.may(relative.kind.permission) else "",
        key=str(relative.id),
        parents=tuple(parents),
    )


def graph_of(
    document: Any, family: Family, actor: Any, *, sub: Any = "", extra: Iterable[GraphNode] = ()
) -> list[GraphNode]:
    """The small graph of the rail: nearest relatives first, `extra` are nodes that are no linked documents (a pegged order)."""
    prices = actor.may("catalog.price.view")
    kind = KINDS[document.DOC_TYPE]
    parents: dict[UUID, list[str]] = {}
    for source, target in family.edges:
        parents.setdefault(target, []).append(str(source))
    nearest = sorted(family.relatives, key=lambda each: (abs(each.level), each.number))[:_MOST_NODES]
    me = GraphNode(
        title=_("This: %(number)s") % {"number": short_number(document.number)},
        sub=sub or kind.label,
        level=0,
        look="me",
        key=str(document.pk),
        parents=tuple(parents.get(document.pk, ())),
    )
    better = {node.key: node for node in extra}
    nodes = [_node(each, actor, prices, parents.get(each.id, ())) for each in nearest if str(each.id) not in better]
    return [me, *nodes, *better.values()]


def voucher_lines(family: Family, actor: Any) -> list[RelatedLine]:
    """The vouchers of a document as rows of the rail, for those who may see the books."""
    if not actor.may("accounting.voucher.view"):
        return []
    return [
        RelatedLine(
            label=each.number,
            url=document_address("accounting.voucher", each.number),
            value=formats.money(each.total),
            icon="arrow-back-up" if each.red else "book",
        )
        for each in family.vouchers
    ]
