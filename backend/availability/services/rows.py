"""Many rows in one statement: they travel as one JSON parameter and are read by ``jsonb_to_recordset``."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from backend.kernel.bulk import uuid_array

Pair = tuple[UUID, UUID]


def write(sql: str, rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Run a statement over rows (``%s`` stands for them); returns what it returns. No rows, no statement."""
    rows = list(rows)
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(rows, default=str)])
        return cursor.fetchall() if cursor.description else []


def read(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def columns_of(pairs: Iterable[Pair]) -> list[str]:
    """(item, warehouse) pairs as two arrays for ``unnest``."""
    ordered = sorted(set(pairs))
    return [uuid_array(item for item, _ in ordered), uuid_array(warehouse for _, warehouse in ordered)]
