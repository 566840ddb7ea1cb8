"""Forms of portals that are sent again by a phone that lost the answer: the same form with the same content is one deed.

A form draws ``key``, new each time; a form without one, or with other content, is a deed of its own.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from backend.kernel import clock
from backend.kernel.idempotency import fingerprint, once
from backend.kernel.ids import uuid7
from portals.ui import typed


def form_key(posted: Any) -> str:
    """The key a form is drawn with: its own when it is drawn again."""
    return posted.get("key") or uuid7().hex


def sent_once(request: HttpRequest, deed: str, act: Callable[[], str]) -> str:
    """What ``act`` gave (the number of what was made), now or when the same form came first. Refusals are not kept."""
    if not typed.words(request.POST, "key", 64):
        return act()
    fields = [(name, values) for name, values in sorted(request.POST.lists()) if name != "csrfmiddlewaretoken"]
    files = [(name, file.name, file.size) for name, several in sorted(request.FILES.lists()) for file in several]
    content = fingerprint([fields, files])
    member = request.actor.member_id  # type: ignore[attr-defined]
    _status, made, _again = once(f"{deed}:{member}:{content}", content, lambda: (201, act()), at=clock.now())
    return str(made)
