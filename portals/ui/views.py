"""The shell's own view: the language switch."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

_YEAR = 365 * 24 * 3600


def safe_next(request: HttpRequest, fallback: str = "/") -> str:
    """Where to go after a form: only an address on this host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ok = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if ok else fallback


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language for this browser, and for the signed-in member when they keep one."""
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_next(request))
    if chosen not in dict(settings.LANGUAGES):
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=_YEAR, samesite="Lax", secure=request.is_secure()
    )
    member = getattr(request, "member", None)
    if member is not None and hasattr(member, "language"):
        type(member).objects.filter(pk=member.pk).update(language=chosen)
    return response
