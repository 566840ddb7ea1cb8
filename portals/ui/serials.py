"""Serial numbers as they are typed on any face: a box for each line, a number a line."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from backend.inventory.selectors.labels import read_labels
from backend.inventory.services import naming
from backend.kernel.errors import Refusal


def typed_numbers(request: HttpRequest, lines: Sequence[naming.SerialLine]) -> dict[UUID, list[str]]:
    """What was typed for each line; raises one refusal for all that cannot be read."""
    found, problems = {}, []
    for line in lines:
        try:
            found[line.line_id] = naming.read_numbers(read_labels(request.POST.get(f"s-{line.line_id}", "")))
        except Refusal as problem:
            problems.append(problem)
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    return found


def rows_of(request: HttpRequest, lines: Sequence[naming.SerialLine]) -> list[dict[str, Any]]:
    """The lines with what is typed in them."""
    return [
        {
            "line": line,
            "text": request.POST.get(f"s-{line.line_id}", "\n".join(line.numbers)),
            "count": len(line.numbers),
        }
        for line in lines
    ]
