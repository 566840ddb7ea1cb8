"""What every request knows before a view runs: language and time zone, who asks, and whether the company may write.

Invariants: a session counts only on the face, the company and for the kind of membership it was made for; a member's rights
come from the company's own schema; unsafe requests of a company that may not write end here, on every face and in the API.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backend.kernel import log_context
from backend.kernel.errors import ReadOnlyTenant, WayOut
from backend.kernel.tenancy import PUBLIC
from tenants.models import FaceSession
from tenants.sessions import SEEN_EVERY, SessionStore

Answer = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_LANGUAGES = dict(settings.LANGUAGES)
_ALWAYS_OPEN = re.compile(r"^/(?:(?:supplier|customer)/)?(?:signin|signout|password|account|subscription|ui)(?:/|$)")


class LanguageMiddleware:
    """The reader's language (this browser's choice, the member's, the browser's, the company's) and the company's time zone."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant: Any = request.tenant  # type: ignore[attr-defined]
        language = language_for(request)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        with translation.override(language), timezone.override(tenant.time_zone):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", "zh-Hans" if language.startswith("zh") else language)
        return response


def language_for(request: Any) -> str:
    """The language of the answer."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in _LANGUAGES:
        return str(chosen)
    stored = request.session.get("language", "") if request.face != "api" else ""
    if stored in _LANGUAGES:
        return str(stored)
    return language_asked(request) or request.tenant.language


def language_asked(request: HttpRequest) -> str:
    """The first language the browser asks for that we speak; nothing when it asks for none."""
    for part in request.headers.get("Accept-Language", "").split(","):
        code = part.split(";")[0].strip().lower()
        if code.startswith("zh"):
            return "zh-hans"
        if code.startswith("en"):
            return "en"
    return ""


class MembershipMiddleware:
    """Sets ``request.identity``, ``request.member`` and ``request.actor``. A foreign session counts as none."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.identity = request.membership = request.member = request.actor = None
        if request.face != "api" and request.session.session_key:
            bind(request)
        return self.get_response(request)


def bind(request: Any) -> None:
    """Fill the request from its session, or drop the session when it was not made for this request's company and face."""
    identity_id = request.session.get("identity")
    row = request.session.row
    if row is None or identity_id is None:
        return
    if not _good_here(row, request):
        request.session = SessionStore(None)
        return
    request.identity, request.membership = row.identity, row.membership
    if row.membership is not None and not _load_member(request, row):
        request.session = SessionStore(None)
        request.identity = request.membership = None
        return
    if timezone.now() - row.seen_at > SEEN_EVERY:
        request.session.modified = True


def _good_here(row: FaceSession, request: Any) -> bool:
    if row.face != request.face or row.identity is None or not row.identity.is_active:
        return False
    if request.face == "public":
        return row.membership_id is None
    membership = row.membership
    return (
        membership is not None
        and membership.active
        and membership.tenant_id == row.tenant_id == request.tenant.pk
        and membership.identity_id == row.identity_id
        and membership.kind == request.face
    )


def _load_member(request: Any, row: FaceSession) -> bool:
    from backend.access import services as access

    assert row.membership is not None
    assert row.identity_id is not None
    request.member = access.load_member(pk=row.membership.member_id, identity_id=row.identity_id, kind=request.face)
    if request.member is None:
        return False
    request.actor = access.actor_for(request.member, channel="web" if request.face == "staff" else "portal")
    log_context.actor_name.set(request.actor.name)
    return True


class ReadOnlyMiddleware:
    """402 for every unsafe request of a company whose trial or subscription has ended; paying and signing in stay open."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.page = import_string(settings.REFUSAL_PAGE)

    def __call__(self, request: Any) -> HttpResponse:
        if (
            request.method in SAFE_METHODS
            or request.tenant.schema_name == PUBLIC
            or _ALWAYS_OPEN.match(request.path_info)
            or request.tenant.can_write
        ):
            return self.get_response(request)
        refusal = read_only_refusal(request.face)
        if request.face == "api":
            return JsonResponse(refusal.as_dict(), status=refusal.status)
        return self.page(request, refusal)


def read_only_refusal(face: str) -> ReadOnlyTenant:
    """The refusal in the words of the face: staff may pay, partners may tell the company."""
    if face in {"supplier", "customer"}:
        return ReadOnlyTenant(
            _("This company's subscription has ended, so nothing can be changed right now."),
            way_out=_("You can look at everything. Tell your contact at the company."),
        )
    return ReadOnlyTenant(
        _("The trial or subscription of this company has ended: reading and exporting work, changes wait for payment."),
        way_out=_("Choose a plan; you can write again the moment it is paid."),
        links=[WayOut(_("Choose a plan"), url="/subscription/")],
    )
