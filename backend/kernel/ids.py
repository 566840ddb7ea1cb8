"""Identifiers: UUIDv7 for whatever has an address, so rows sort by creation and cannot be guessed."""

import os
import time
from uuid import UUID

_last_ms = 0
_counter = 0


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of counter, 62 random bits.

    Within one process ids made in the same millisecond keep their order through the counter.
    """
    global _last_ms, _counter
    now = time.time_ns() // 1_000_000
    if now > _last_ms:
        _last_ms, _counter = now, 0
    else:
        _counter += 1
        if _counter > 0xFFF:
            _last_ms, _counter = _last_ms + 1, 0
    random = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=(_last_ms & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | _counter << 64 | 0b10 << 62 | random)
