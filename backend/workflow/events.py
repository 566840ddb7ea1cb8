"""Facts about to-dos and messages."""

from dataclasses import dataclass

from backend.kernel.events import Event


@dataclass(frozen=True)
class MembersNotified(Event):
    """Lines were written into members' bells; those that want a mail are named."""

    notification_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApprovalAsked(Event):
    """A level of a document waits; ``aggregate_id`` is the document, ``member_ids`` are those who are asked."""

    doc_type: str = ""
    number: str = ""
    step_id: str = ""
    member_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApprovalEnded(Event):
    """Nothing waits any more: ``state`` is approved, rejected or withdrawn; ``author_ids`` wrote the document."""

    doc_type: str = ""
    number: str = ""
    approval_id: str = ""
    state: str = ""
    author_ids: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class SubstituteNamed(Event):
    """Somebody stands in for somebody; ``aggregate_id`` is the substitution."""
