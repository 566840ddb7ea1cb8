"""Limits on guessing: counted in the cache per address of the network and per e-mail, in windows of fifteen minutes.

Without a cache nothing is counted and people can still sign in: the password hash is slow by itself.
"""

import hashlib
import logging
import time

from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from backend.kernel.errors import Refusal
from backend.kernel.tenancy import in_public

log = logging.getLogger(__name__)
WINDOW = 15 * 60
LIMITS = {
    "signin": (8, 60),
    "code": (6, 60),
    "reset": (4, 30),
    "signup": (5, 20),
    "verify": (20, 60),
    "progress": (20, 100),
}


class TooManyAttempts(Refusal):
    """Somebody tries too often."""

    status = 429
    code = "too_many_attempts"


def _keys(what: str, email: str, address: str | None) -> list[tuple[str, int]]:
    per_email, per_address = LIMITS[what]
    stretch = int(time.time() // WINDOW)
    parts = [(f"email:{email.strip().lower()}", per_email), (f"address:{address or '-'}", per_address)]
    return [
        (f"throttle:{what}:{stretch}:{hashlib.sha256(part.encode()).hexdigest()[:24]}", limit) for part, limit in parts
    ]


def count_attempt(what: str, *, email: str, address: str | None) -> None:
    """Count one attempt; raises TooManyAttempts once either limit is passed."""
    try:
        with in_public():
            over = any(_count(key) > limit for key, limit in _keys(what, email, address))
    except RedisError:
        log.warning("The cache does not answer; attempts are not counted.")
        return
    if over:
        minutes = max(1, round((WINDOW - time.time() % WINDOW) / 60))
        raise TooManyAttempts(
            _("Too many attempts. Nothing was checked this time."),
            way_out=ngettext("Try again in %(minutes)s minute.", "Try again in %(minutes)s minutes.", minutes)
            % {"minutes": minutes},
        )


def _count(key: str) -> int:
    cache.add(key, 0, WINDOW)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out between the two calls
        return 1


def forget_attempts(what: str, *, email: str) -> None:
    """A success clears the count of the e-mail (not that of the network address)."""
    try:
        with in_public():
            cache.delete(_keys(what, email, None)[0][0])
    except RedisError:
        log.warning("The cache does not answer; attempts are not forgotten.")
