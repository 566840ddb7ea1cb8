"""Links between documents: written with each push-down, read as the graph up and down.

``graph`` takes a fixed number of statements whatever the size: one recursive walk, then one query
for each document type found.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from backend.kernel.audit import type_of
from backend.kernel.document import DOC_TYPES, Document
from backend.kernel.models import DocumentLink


def link(
    source: Any,
    target: Any,
    *,
    lines: Iterable[tuple[UUID | None, UUID | None, Decimal | None]] = ((None, None, None),),
) -> None:
    """Write the links from a source to a target, one per (source line, target line, qty), in one statement."""
    DocumentLink.objects.bulk_create(rows(source, target, lines))


def rows(
    source: Any, target: Any, lines: Iterable[tuple[UUID | None, UUID | None, Decimal | None]]
) -> list[DocumentLink]:
    """Unsaved links, for those who write them together with other rows."""
    return [
        DocumentLink(
            source_type=type_of(source),
            source_id=source.pk,
            source_line_id=source_line,
            target_type=type_of(target),
            target_id=target.pk,
            target_line_id=target_line,
            qty=qty,
        )
        for source_line, target_line, qty in lines
    ]


def link_all(sources: Iterable[Any], target: Any) -> None:
    """Write whole-document links from many sources to one target, in one statement."""
    DocumentLink.objects.bulk_create(
        DocumentLink(source_type=type_of(source), source_id=source.pk, target_type=type_of(target), target_id=target.pk)
        for source in sources
    )


def unlink(*target_ids: UUID) -> None:
    """Forget the links into targets that are no more (drafts that were deleted or voided)."""
    DocumentLink.objects.filter(target_id__in=target_ids).delete()


@dataclass(frozen=True)
class Node:
    """A document in the graph; ``level`` is 0 for the one asked about, negative above it."""

    document: Document
    doc_type: str
    level: int


@dataclass(frozen=True)
class Graph:
    """Nodes by level, and edges (source id, target id)."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[UUID, UUID], ...]

    def at(self, level: int) -> list[Node]:
        """The nodes of one level."""
        return [node for node in self.nodes if node.level == level]


_WALK = """
WITH RECURSIVE down AS (
    SELECT source_id, target_id, target_type AS other_type, target_id AS other, 1 AS level
    FROM kernel_document_link WHERE source_id = %(id)s
    UNION
    SELECT l.source_id, l.target_id, l.target_type, l.target_id, d.level + 1
    FROM kernel_document_link l JOIN down d ON l.source_id = d.other WHERE d.level < %(depth)s
), up AS (
    SELECT source_id, target_id, source_type AS other_type, source_id AS other, -1 AS level
    FROM kernel_document_link WHERE target_id = %(id)s
    UNION
    SELECT l.source_id, l.target_id, l.source_type, l.source_id, u.level - 1
    FROM kernel_document_link l JOIN up u ON l.target_id = u.other WHERE u.level > -%(depth)s
)
SELECT * FROM down UNION SELECT * FROM up LIMIT 500
"""


def graph(document: Document, *, depth: int = 4) -> Graph:
    """The documents this one came from and led to."""
    with connection.cursor() as cursor:
        cursor.execute(_WALK, {"id": document.pk, "depth": depth})
        rows = cursor.fetchall()
    levels: dict[UUID, int] = {}
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for _source, _target, other_type, other, level in rows:
        if other != document.pk:
            wanted[other_type].add(other)
            levels[other] = max(levels.get(other, level), level, key=abs)
    nodes = [Node(document, document.DOC_TYPE, 0)]
    for doc_type, ids in wanted.items():
        model = DOC_TYPES.get(doc_type)
        if model:
            found = model._default_manager.filter(pk__in=ids)
            nodes += [Node(other, doc_type, levels[other.pk]) for other in found]
    nodes.sort(key=lambda node: (node.level, str(node.document)))
    return Graph(tuple(nodes), tuple(sorted({(row[0], row[1]) for row in rows})))


def targets_of(source_id: UUID, target_type: str) -> set[UUID]:
    """Ids of the documents of a type made from a source."""
    found = DocumentLink.objects.filter(source_id=source_id, target_type=target_type)
    return set(found.values_list("target_id", flat=True))
