"""What supplier relations tell those above."""

from dataclasses import dataclass

from backend.kernel.events import Event


@dataclass(frozen=True)
class SupplierApplied(Event):
    """Somebody wants to become a supplier; ``aggregate_id`` is the application."""

    company_name: str = ""


@dataclass(frozen=True)
class SupplierSubmitted(Event):
    """A supplier says that profile and documents are complete; ``aggregate_id`` is the supplier."""


@dataclass(frozen=True)
class QualificationReviewed(Event):
    """A document was accepted or rejected; ``aggregate_id`` is the document."""

    party_id: str = ""
    accepted: bool = False
    reason: str = ""


@dataclass(frozen=True)
class OutsiderTold(Event):
    """Words for somebody who has no user here; they leave by mail after the commit."""

    to: str = ""
    language: str = "zh-hans"
    kind: str = ""
    params: tuple[tuple[str, str], ...] = ()
    url: str = ""


@dataclass(frozen=True)
class BankAccountChanged(Event):
    """Another account is paid to from now on; ``aggregate_id`` is the supplier."""

    account_id: str = ""


@dataclass(frozen=True)
class ClaimEvent(Event):
    """``aggregate_id`` is the claim."""

    number: str = ""
    supplier_id: str = ""


@dataclass(frozen=True)
class ClaimOpened(ClaimEvent):
    """Goods were bad; the supplier owes an answer."""


@dataclass(frozen=True)
class ClaimAnswered(ClaimEvent):
    """The supplier answered."""


@dataclass(frozen=True)
class ClaimReviewed(ClaimEvent):
    """The answer was enough, or went back."""

    accepted: bool = False
