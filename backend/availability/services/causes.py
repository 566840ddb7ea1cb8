"""Why promises change: the cause that is carried from a document to every promise it moves."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.audit import type_of

NOT_ORDERED = "not_ordered"


@dataclass(frozen=True)
class Cause:
    """``kind`` is a word of the code (``supplier_confirmed``), ``text`` what a person reads.

    ``type``, ``id`` and ``number`` name the document to open; ``customer_reason`` may be shown to the customer.
    """

    kind: str
    type: str = ""
    id: UUID | None = None
    number: str = ""
    text: str = ""
    by_name: str = ""
    customer_reason: str = ""

    @classmethod
    def of(cls, kind: str, document: Any, text: str = "", *, by: Actor | None = None) -> "Cause":
        """The cause that is a step of a document."""
        return cls(kind, type_of(document), document.pk, str(document), text, by.name if by else "")

    def by(self, actor: Actor) -> "Cause":
        """The same with the actor's name where nobody is named."""
        return self if self.by_name else replace(self, by_name=actor.name)


def names_supplier(cause_type: str) -> bool:
    """Whether the words of a cause may say who supplies: those of purchasing's documents do, and those of production's
    where a component comes late."""
    return cause_type.startswith(("purchasing.", "production."))
