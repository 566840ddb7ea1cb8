"""Personal tokens: ``Authorization: Bearer <token>``. The token's member decides what is visible and allowed."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from backend.access.models import ApiToken, Member
from backend.access.services import actor_for
from backend.kernel import log_context
from backend.kernel.actor import Actor


@dataclass(frozen=True)
class Principal:
    """Who calls: stands in for Django's user."""

    member: Member
    actor: Actor
    is_authenticated: bool = True


class TokenAuthentication(authentication.BaseAuthentication):
    """Looks the token's digest up within the company of the host; a token of another company is unknown here."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[Principal, ApiToken] | None:
        header = request.headers.get("Authorization", "")
        scheme, _space, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            return None
        token = self._find(secret.strip())
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))
        actor = actor_for(token.member, channel="api")
        log_context.actor_name.set(actor.name)
        request._request.actor = actor  # type: ignore[attr-defined]
        return Principal(token.member, actor), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _find(self, secret: str) -> ApiToken | None:
        now = timezone.now()
        token = (
            ApiToken.objects.select_related("member__party")
            .prefetch_related("member__roles")
            .filter(digest=sha256(secret.encode()).hexdigest(), revoked_at=None, member__active=True)
            .first()
        )
        if token is None or (token.expires_at and token.expires_at <= now):
            return None
        if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 300:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
