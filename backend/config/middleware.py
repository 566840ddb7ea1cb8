"""Requests: health answers, the log line of each request, and the company the host belongs to."""

import logging
import time
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils import translation
from django_tenants.middleware.main import TenantMainMiddleware

from backend.kernel import log_context, tenancy
from portals.public.errors import no_such_company
from tenants import directory
from tenants.middleware import language_asked

log = logging.getLogger("troika.request")
Answer = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """``/healthz`` and ``/readyz`` on any host, before anything that could fail."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"alive": True})
        if request.path == "/readyz":
            from backend.config.health import readiness

            found = readiness()
            return JsonResponse(found, status=200 if found["ready"] else 503)
        return self.get_response(request)


class RequestLogMiddleware:
    """One log line per request, with its id (also in the answer's ``X-Request-Id``), time and SQL count."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        identifier = given if given.replace("-", "").isalnum() and len(given) <= 64 else uuid4().hex
        tokens = (
            log_context.request_id.set(identifier),
            log_context.tenant_name.set("-"),
            log_context.actor_name.set("-"),
        )
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = identifier
            if not request.path.startswith("/static/"):
                log_context.actor_name.set(getattr(getattr(request, "actor", None), "name", "-"))
                spent = round((time.perf_counter() - started) * 1000, 1)
                log.info("%s %s %s", request.method, _path_to_log(request), response.status_code, extra={"ms": spent})
            return response
        finally:
            variables = (log_context.request_id, log_context.tenant_name, log_context.actor_name)
            for variable, token in zip(variables, tokens, strict=True):
                variable.reset(token)


def _path_to_log(request: HttpRequest) -> str:
    """The path without the secret that some links carry."""
    secret = request.resolver_match.kwargs.get("token", "") if request.resolver_match else ""
    return request.path.replace(secret, "…") if secret else request.path


class TenantMiddleware:
    """Finds the company of the host. An unknown host gets a page that says so, never another company."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenancy.leave()
        try:
            hostname = TenantMainMiddleware.hostname_from_request(request)
        except DisallowedHost:
            return HttpResponseNotFound()
        tenant = directory.company_of_host(hostname)
        if tenant is None:
            return _no_such_company(request)
        tenant.domain_url = hostname
        request.tenant = tenant  # type: ignore[attr-defined]
        tenancy.enter(tenant)
        log_context.tenant_name.set(tenant.slug)
        TenantMainMiddleware.setup_url_routing(request)
        return self.get_response(request)


def _no_such_company(request: HttpRequest) -> HttpResponse:
    request.urlconf = settings.PUBLIC_SCHEMA_URLCONF  # type: ignore[attr-defined]
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "not_found", "message": "There is no company at this address."}, status=404)
    with translation.override(language_asked(request)):
        return no_such_company(request)
