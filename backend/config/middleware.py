"""Requests: health answers, the log line of each request, and the company the host belongs to."""

import logging
import time
from collections.abc import Callable
from uuid import uuid4

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_tenants.middleware.main import TenantMainMiddleware

from backend.config import logs

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
            logs.request_id.set(identifier),
            logs.tenant_name.set("-"),
            logs.actor_name.set("-"),
        )
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = identifier
            if not request.path.startswith("/static/"):
                spent = round((time.perf_counter() - started) * 1000, 1)
                log.info("%s %s %s", request.method, request.path, response.status_code, extra={"ms": spent})
            return response
        finally:
            for variable, token in zip((logs.request_id, logs.tenant_name, logs.actor_name), tokens, strict=True):
                variable.reset(token)


class TenantMiddleware(TenantMainMiddleware):
    """Finds the company of the host; the directory's answer is cached for a minute."""

    def get_tenant(self, domain_model, hostname):  # type: ignore[no-untyped-def]
        key = f"domain:{hostname}"
        tenant = cache.get(key)
        if tenant is None:
            tenant = super().get_tenant(domain_model, hostname)
            cache.set(key, tenant, 60)
        return tenant

    def process_request(self, request):  # type: ignore[no-untyped-def]
        answer = super().process_request(request)
        logs.tenant_name.set(str(connection.schema_name))
        return answer
