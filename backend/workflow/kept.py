"""Values of a company that are read all the time and changed hardly ever: kept in the cache, true inside a transaction.

Who changes them says so by ``changed()`` in the same transaction: it reads the tables itself from then on, and the cache is
dropped after the commit (a rollback drops nothing).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.cache import cache
from django.db import transaction

from backend.kernel import tenancy

T = TypeVar("T")
SECONDS = 60


@dataclass(frozen=True)
class Kept(Generic[T]):
    """``read`` takes the value from the tables; ``key`` is its place in the company's cache."""

    key: str
    read: Callable[[], T]

    def get(self) -> T:
        if self._changed_here():
            return self.read()
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
