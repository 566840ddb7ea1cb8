"""Sessions in the public schema, one cookie per face, each bound to one membership of one company.

Invariant: the columns of ``FaceSession`` decide what a session is good for; ``tenants.middleware`` refuses it anywhere else.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date

from backend.kernel.prepared import Prepared
from backend.kernel.tenancy import PUBLIC
from tenants.models import FaceSession

SEEN_EVERY = timedelta(minutes=10)
COOKIES = {
    "staff": ("troika_staff", "/"),
    "supplier": ("troika_supplier", "/supplier/"),
    "customer": ("troika_customer", "/customer/"),
    "public": ("troika_public", "/"),
}


def face_of(path: str, schema: str) -> str:
    """Which face an address belongs to."""
    if schema == PUBLIC:
        return "public"
    first = path.lstrip("/").split("/", 1)[0]
    return first if first in {"supplier", "customer", "api"} else "staff"


_session_of = Prepared(lambda key: FaceSession.objects.select_related("membership", "identity").filter(session_key=key))


class SessionStore(DatabaseStore):
    """``row`` is the stored row with its membership, identity and company, read in one statement."""

    row: FaceSession | None = None
    client: dict[str, Any]

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.client = {}

    @classmethod
    def get_model_class(cls) -> type[FaceSession]:
        return FaceSession

    def _get_session_from_db(self) -> FaceSession | None:
        found = _session_of.first(self.session_key) if self.session_key else None
        self.row = found if found and found.expire_date > timezone.now() else None
        if self.row is None:
            self._session_key = None
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> FaceSession:
        now = timezone.now()
        return FaceSession(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            tenant_id=data.get("tenant"),
            membership_id=data.get("membership"),
            identity_id=data.get("identity"),
            face=data.get("face", ""),
            user_agent=str(self.client.get("user_agent") or getattr(self.row, "user_agent", "")),
            ip_address=self.client.get("ip_address") or getattr(self.row, "ip_address", None),
            created_at=self.row.created_at if self.row and self.row.session_key == self.session_key else now,
            seen_at=now,
        )


class FaceSessionMiddleware:
    """Opens the session of the request's face from the face's own cookie, and stores it when it changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.face = face_of(request.path_info, request.tenant.schema_name)  # type: ignore[attr-defined]
        cookie = COOKIES.get(request.face)  # type: ignore[attr-defined]
        store = SessionStore(request.COOKIES.get(cookie[0]) if cookie else None)
        store.client = {
            "user_agent": request.headers.get("User-Agent", "")[:300],
            "ip_address": client_address(request),
        }
        request.session = store
        response = self.get_response(request)
        return self._store(request, response, *cookie) if cookie else response

    def _store(self, request: HttpRequest, response: HttpResponse, name: str, path: str) -> HttpResponse:
        session = request.session
        if name in request.COOKIES and session.is_empty():
            response.delete_cookie(name, path=path, samesite="Lax")
            patch_vary_headers(response, ("Cookie",))
            return response
        if session.accessed:
            patch_vary_headers(response, ("Cookie",))
        if not session.modified or session.is_empty() or response.status_code >= 500:
            return response
        try:
            session.save()
        except UpdateError:  # signed out elsewhere while this request ran
            response.delete_cookie(name, path=path, samesite="Lax")
            return response
        age = session.get_expiry_age()
        response.set_cookie(
            name,
            session.session_key or "",
            max_age=age,
            expires=http_date(time.time() + age),
            path=path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


def client_address(request: HttpRequest) -> str | None:
    """The caller's address; behind the proxy of a production set-up, what the proxy saw."""
    if settings.PRODUCTION:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        if forwarded:
            return forwarded
    return request.META.get("REMOTE_ADDR") or None
