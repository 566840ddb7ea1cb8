"""Facts about parties."""

from dataclasses import dataclass

from backend.kernel.events import Event


@dataclass(frozen=True)
class PartySaved(Event):
    """``aggregate_id`` is the party; ``changed`` names the fields that differ from before."""

    changed: tuple[str, ...] = ()
    is_new: bool = False


@dataclass(frozen=True)
class SupplierStateChanged(Event):
    """``aggregate_id`` is the supplier; both states are codes of ``SupplierState``."""

    before: str = ""
    after: str = ""
    reason: str = ""
