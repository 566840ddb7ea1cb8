"""Who may open a page. Every view of a face goes through one of these guards.

Without a session the visitor goes to the face's sign-in and comes back; without the right a refusal says so.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from portals.ui.origin import came_from

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

SIGN_IN = {"staff": "/signin/", "supplier": "/supplier/signin/", "customer": "/customer/signin/"}
_SAFE = {"GET", "HEAD", "OPTIONS"}


def _return_address(request: HttpRequest) -> str:
    """Where to come back to: this page, or for a form the page it was on."""
    if request.method in _SAFE and not getattr(request, "htmx", False):
        return request.get_full_path()
    came = came_from(request)
    return came.path + (f"?{came.query}" if came.query else "") if came.path else "/"


def to_sign_in(request: HttpRequest, face: str) -> HttpResponse:
    """Send the visitor to the face's sign-in; htmx gets the header that moves the whole page."""
    url = f"{SIGN_IN[face]}?{urlencode({'next': _return_address(request)})}"
    if getattr(request, "htmx", False):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def admit(request: HttpRequest, face: str, permission: str = "") -> HttpResponse | None:
    """None when the visitor may go on; the way to the sign-in otherwise. Raises PermissionRefused without the right."""
    if getattr(request, "face", "") != face:
        raise Http404
    actor = getattr(request, "actor", None)
    if getattr(request, "member", None) is None or actor is None:
        return to_sign_in(request, face)
    if permission:
        actor.require(permission)
    return None


def _guard(face: str, permission: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return admit(request, face, permission) or view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def staff_view(permission: str = "") -> Callable[[View], View]:
    """`@staff_view("sales.order.approve")` over a view of the staff face."""
    return _guard("staff", permission)


def supplier_view(permission: str = "") -> Callable[[View], View]:
    """A view of the supplier portal."""
    return _guard("supplier", permission)


def customer_view(permission: str = "") -> Callable[[View], View]:
    """A view of the customer portal."""
    return _guard("customer", permission)


class GuardedView:
    """For class-based views: set `face` and `permission`."""

    face = "staff"
    permission = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return admit(request, self.face, self.permission) or super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
