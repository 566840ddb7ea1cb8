"""What accounting tells those above."""

from dataclasses import dataclass
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class VoucherPosted(Event):
    """A voucher stands in the books; ``source_id`` is the business document it came from, if any."""

    number: str = ""
    source_id: UUID | str | None = None
    rule: str = ""


@dataclass(frozen=True)
class ItemsMatched(Event):
    """Open items were settled, or the settlement was undone: the raising documents as (type, id)."""

    kind: str = ""
    sources: tuple[tuple[str, UUID | str], ...] = ()
    undone: bool = False


@dataclass(frozen=True)
class AccountDivided(Event):
    """A leaf got its first sub-account, which takes its place wherever it was used."""

    child_id: UUID | str = ""


@dataclass(frozen=True)
class PeriodClosed(Event):
    """No voucher goes into that month any more."""

    code: str = ""


@dataclass(frozen=True)
class PeriodReopened(Event):
    """The month takes vouchers again."""

    code: str = ""
    reason: str = ""
