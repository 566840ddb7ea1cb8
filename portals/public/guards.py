"""The guard of account pages: anybody who is signed in on this face."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from portals.ui.guards import admit


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Send strangers to the sign-in of the face they are on."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return admit(request, request.face) or view(request, *args, **kwargs)

    return guarded
