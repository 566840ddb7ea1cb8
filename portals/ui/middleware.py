"""Three safeguards around every page: the content security policy, refusals turned into pages, and text that is text."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from backend.kernel.errors import Refusal
from backend.kernel.money import overflow_of
from portals.ui.errors import refusal_response

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'self' {beyond}; manifest-src 'self'; worker-src 'self'"
)
_PAYMENT = "https://checkout.stripe.com https://billing.stripe.com"

GetResponse = Callable[[HttpRequest], HttpResponse]


class ContentSecurityPolicyMiddleware:
    """No inline script, no inline style, nothing from elsewhere. A response may bring a policy of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._policy = POLICY.format(beyond=_form_hosts())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", self._policy)
        return response


def _form_hosts() -> str:
    """Where a form's answer may lead besides this host: the payment pages, and companies' hosts (signing in on another one)."""
    from django.conf import settings

    emulator = str(getattr(settings, "STRIPE_API_BASE", "") or "")
    base = urlsplit(str(getattr(settings, "BASE_URL", "") or ""))
    port = f":{base.port}" if base.port else ""
    companies = f"{base.scheme}://*.{base.hostname}{port}" if base.hostname else ""
    return " ".join(filter(None, (_PAYMENT, emulator, companies)))


class RefusalMiddleware:
    """A refusal that a view did not catch becomes an answer with its own status. The API has its own handler."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        refusal = exception if isinstance(exception, Refusal) else overflow_of(exception)
        if refusal is None or getattr(request, "face", "") == "api":
            return None
        return refusal_response(request, refusal)


class PlainTextMiddleware:
    """No NUL reaches a view: the database stores none. Pasted ones fall out of what was typed; no address has any."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: Any, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if "\x00" in request.path_info and getattr(request, "face", "") != "api":
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = without_nuls(request.GET)
        if not getattr(view, "csrf_exempt", False) and _has_nul(request.POST):  # the others read their body themselves
            request.POST = without_nuls(request.POST)


def _has_nul(sent: QueryDict) -> bool:
    return any("\x00" in text for name, texts in sent.lists() for text in (name, *texts))


def without_nuls(sent: QueryDict) -> QueryDict:
    """The same names and values without NUL characters."""
    clean = QueryDict(mutable=True)
    for name, texts in sent.lists():
        clean.setlist(name.replace("\x00", ""), [text.replace("\x00", "") for text in texts])
    clean._mutable = False  # type: ignore[attr-defined]
    return clean
