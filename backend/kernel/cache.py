"""The Redis cache with one client for each server, and what a process remembers for a moment without asking it.

Django makes a client anew for every call; a client keeps no state between commands, may be shared by threads, and takes
several times longer to make than to ask.
"""

import time
from collections.abc import Hashable
from typing import Any, ClassVar
from weakref import WeakSet

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class KeptClient(RedisCacheClient):
    """Makes each server's client once; its connections come from the same pool as before."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        client = self._clients.get(id(pool))
        if client is None:
            client = self._clients[id(pool)] = self._client(connection_pool=pool)  # type: ignore[attr-defined]
        return client


class Cache(RedisCache):
    """``BACKEND`` of every cache."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient


class Near:
    """What a process remembers for some seconds; shared by its threads. The company's schema belongs into the key."""

    _all: ClassVar["WeakSet[Near]"] = WeakSet()

    def __init__(self, seconds: float, most: int = 4096) -> None:
        self._seconds, self._most = seconds, most
        self._known: dict[Hashable, tuple[float, Any]] = {}
        Near._all.add(self)

    def get(self, key: Hashable) -> Any:
        """The value, or None when there is none or it is too old."""
        known = self._known.get(key)
        return known[1] if known and known[0] > time.monotonic() else None

    def set(self, key: Hashable, value: Any) -> None:
        """Remember a value from now on; a memory that is full begins anew."""
        if len(self._known) >= self._most:
            self._known = {}
        self._known[key] = (time.monotonic() + self._seconds, value)

    def drop(self, key: Hashable) -> None:
        """Forget one value."""
        self._known.pop(key, None)

    @classmethod
    def forget_all(cls) -> None:
        """Forget what every memory of this process holds, as when the whole cache is emptied."""
        for near in cls._all:
            near._known = {}
