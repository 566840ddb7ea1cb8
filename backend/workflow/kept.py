"""Values of a company that are read all the time and changed hardly ever: kept in the cache, true inside a transaction.

Who changes them says so by ``changed()`` in the same transaction: it reads the tables itself from then on, and the cache is
dropped after the commit (a rollback drops nothing).

A process remembers what it read for ``NEAR_SECONDS`` more: an action asks for a handful of values, and each question to the
cache takes as long as a statement. So another process follows a change within that time; the process that made it, at once.
Whoever shows the values to change them reads the tables.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.cache import cache
from django.db import transaction

from backend.kernel import tenancy
from backend.kernel.cache import Near

T = TypeVar("T")
SECONDS = 60
NEAR_SECONDS = 1.0
_NEAR = Near(NEAR_SECONDS)


@dataclass(frozen=True)
class Kept(Generic[T]):
    """``read`` takes the value from the tables; ``key`` is its place in the company's cache."""

    key: str
    read: Callable[[], T]

    def get(self) -> T:
        if self._changed_here():
            return self.read()
        place = (tenancy.schema_name(), self.key)
        found: T | None = _NEAR.get(place)
        if found is None:
            found = self._from_cache()
            _NEAR.set(place, found)
        return found

    def _from_cache(self) -> T:
        value = cache.get(self.key)
        if value is None:
            value = self.read()
            cache.set(self.key, value, SECONDS)
        found: T = value
        return found

    def changed(self) -> None:
        """Call it inside the transaction that changes what is read."""
        transaction.on_commit(_Forget(tenancy.current(), tenancy.schema_name(), self.key))

    def forget(self) -> None:
        """Drop the value of the current company."""
        cache.delete(self.key)
        _NEAR.drop((tenancy.schema_name(), self.key))

    def _changed_here(self) -> bool:
        here = tenancy.schema_name()
        hooks = (entry[1] for entry in transaction.get_connection().run_on_commit)
        return any(isinstance(hook, _Forget) and (hook.schema, hook.key) == (here, self.key) for hook in hooks)


@dataclass(frozen=True)
class _Forget:
    company: Any
    schema: str
    key: str

    def __call__(self) -> None:
        with tenancy.run_in(self.company):
            cache.delete(self.key)
            _NEAR.drop((self.schema, self.key))
