"""Typed refusals: every "no" names document, line, field and value, says why, and offers the way out.

A refusal is raised before or inside the transaction, which rolls back: after it nothing has changed.
Faces turn it into a page, a form error or a JSON answer; none of them invents words of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WayOut:
    """A link that helps: a label, and either an address or a document to open."""

    label: str
    url: str = ""
    doc_type: str = ""
    number: str = ""


class Refusal(Exception):
    """Something that was asked for and is not done. ``status`` is the HTTP status of the answer."""

    status = 409
    code = "refused"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        document: str | None = None,
        line: int | None = None,
        field: str | None = None,
        value: Any = None,
        way_out: str | None = None,
        links: Iterable[WayOut] = (),
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = str(message)
        self.code = code or self.code
        self.document = document
        self.line = line
        self.field = field
        self.value = value
        self.way_out = str(way_out) if way_out else None
        self.links = tuple(links)
        self.status = status or self.status
        self.problems: tuple[Refusal, ...] = (self,)

    @classmethod
    def many(cls, problems: Iterable["Refusal"]) -> "Refusal":
        """One refusal for several problems; its own words are those of the first."""
        found = tuple(problems)
        first = found[0]
        whole = cls(first.message, code=first.code, document=first.document, status=first.status)
        whole.problems = tuple(part for problem in found for part in problem.problems)
        return whole

    def as_dict(self) -> dict[str, Any]:
        """The refusal as data, for the API."""
        return {
            "code": self.code,
            "message": self.message,
            "problems": [
                {
                    "code": p.code,
                    "message": p.message,
                    "document": p.document,
                    "line": p.line,
                    "field": p.field,
                    "value": None if p.value is None else str(p.value),
                    "way_out": p.way_out,
                    "links": [{"label": str(w.label), "url": w.url, "number": w.number} for w in p.links],
                }
                for p in self.problems
            ],
        }


class ValidationRefused(Refusal):
    """What was typed cannot be right."""

    status = 400
    code = "invalid"


class PermissionRefused(Refusal):
    """The actor lacks the right."""

    status = 403
    code = "permission_missing"


class NotFoundRefused(Refusal):
    """There is no such thing for this actor: unknown and foreign ids are the same."""

    status = 404
    code = "not_found"


class Conflict(Refusal):
    """The state of things forbids it."""

    status = 409
    code = "conflict"


class IllegalTransition(Conflict):
    """The document is in a state from which this step does not go."""

    code = "illegal_transition"


class StaleVersion(Conflict):
    """Somebody else saved the document in the meantime."""

    code = "stale_version"


class ReadOnlyTenant(Refusal):
    """The trial or subscription has ended: reading and export work, writing waits for payment."""

    status = 402
    code = "subscription_needed"
