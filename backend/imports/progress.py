"""How far a worker is with a list: kept beside the transaction that does it, so that others can see it."""

from uuid import UUID

from django.core.cache import cache

_LIFE = 3600


def note(run_id: UUID, done: int) -> None:
    """So many rows are done."""
    cache.set(_key(run_id), done, _LIFE)


def done_of(run_id: UUID) -> int | None:
    """How many rows are done; None when nobody has begun."""
    found: int | None = cache.get(_key(run_id))
    return found


def forget(run_id: UUID) -> None:
    """The work is over."""
    cache.delete(_key(run_id))


def _key(run_id: UUID) -> str:
    return f"imports.{run_id}"
