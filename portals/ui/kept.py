"""Html that is the same for the same question, kept in the process.

The key must name everything the html depends on, the language too; the latest used stay, the oldest go.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from django.utils.safestring import SafeString


class Kept:
    """A small store of drawn parts, safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: OrderedDict[Hashable, SafeString] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, draw: Callable[[], SafeString]) -> SafeString:
        """The part kept under the key, drawn now when it is not there."""
        with self._lock:
            found = self._parts.get(key)
            if found is not None:
                self._parts.move_to_end(key)
                return found
        drawn = draw()
        with self._lock:
            self._parts[key] = drawn
            if len(self._parts) > self._most:
                self._parts.popitem(last=False)
        return drawn
