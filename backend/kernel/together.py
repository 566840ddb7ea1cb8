"""Several lists of rows in one statement, for pages that need a little of many tables.

    found = together(said=Comment.objects.filter(…), filed=Attachment.objects.filter(…))
    found["said"], found["filed"]

Each list is what its queryset alone would give, in its order. Rows travel as JSON, so this is for tens of rows of plain
columns: no annotations, no ``select_related``.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet


def together(**lists: QuerySet[Any]) -> dict[str, list[Any]]:
    """The rows of each queryset under its name; one statement, or none when all are known to be empty."""
    found: dict[str, list[Any]] = {name: [] for name in lists}
    parts, values = [], []
    for name, rows in lists.items():
        if rows.query.annotations or rows.query.select_related:
            raise ValueError(f"{name}: only plain columns travel together.")
        try:
            sql, given = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT %s, row_number() OVER () AS place, to_jsonb(part) FROM ({sql}) AS part")
        values += [name, *given]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY 2", values)
            for name, _place, row in cursor.fetchall():
                found[name].append(_object(lists[name].model, row))
    return found


def hold(owners: Sequence[Any], name: str, rows: Sequence[Any], *, by: str) -> None:
    """Put rows that were read before where ``owner.<name>.all()`` finds them; ``by`` is the rows' way to their owner."""
    of: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        of[getattr(row, f"{by}_id")].append(row)
    for owner in owners:
        mine = of[owner.pk]
        for row in mine:
            setattr(row, by, owner)
        keep(owner, name, mine)


def keep(owner: Any, name: str, rows: Sequence[Any]) -> None:
    """``owner.<name>.all()`` is these rows, without asking the database."""
    known = getattr(owner, name).all()
    known._result_cache, known._prefetch_done = list(rows), True
    owner._prefetched_objects_cache = {**getattr(owner, "_prefetched_objects_cache", {}), name: known}


def _object(model: type[Model], row: Any) -> Model:
    columns = json.loads(row, parse_float=Decimal) if isinstance(row, str) else row
    fields = model._meta.concrete_fields
    values = [field.to_python(columns[str(field.column)]) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], values)
