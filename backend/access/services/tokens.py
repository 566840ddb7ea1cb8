"""Personal API tokens: shown once, kept as a digest, revoked with the member."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.access.models import ApiToken, Member
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, ValidationRefused

PREFIX = "trk_"
LONGEST = timedelta(days=366)


def issue_token(
    *, member_id: UUID, name: str, actor: Actor, at: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token for oneself (or, managing members, for another); returns it with its secret, this once."""
    if actor.member_id != member_id:
        actor.require("access.member.manage")
    if not name.strip():
        raise ValidationRefused(_("Give the token a name, so that you know later what uses it."), field="name")
    if expires_at is not None and not at < expires_at <= at + LONGEST:
        raise ValidationRefused(
            _("A token ends within a year, and not in the past."), field="expires_at", value=expires_at
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        if not Member.objects.filter(pk=member_id, active=True).exists():
            raise NotFoundRefused(_("There is no such member."), value=member_id)
        token = ApiToken.objects.create(
            member_id=member_id,
            name=name.strip()[:60],
            prefix=secret[:12],
            digest=_digest(secret),
            created_at=at,
            expires_at=expires_at,
        )
        audit.record(token, "issue", actor=actor, at=at, changes={"name": ["", token.name]})
    return token, secret


def revoke_token(*, token_id: UUID, actor: Actor, at: datetime) -> None:
    """End a token of one's own, or of anybody when one manages members."""
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
        if token is None or (token.member_id != actor.member_id and not actor.may("access.member.manage")):
            raise NotFoundRefused(_("There is no such token."), value=token_id)
        if token.revoked_at is None:
            token.revoked_at = at
            token.save(update_fields=["revoked_at"])
            audit.record(token, "revoke", actor=actor, at=at)


def member_of_token(*, secret: str, at: datetime) -> Member | None:
    """The active member behind a secret, with roles loaded, or None; notes the use at most once a minute."""
    found = ApiToken.objects.filter(digest=_digest(secret), revoked_at=None, member__active=True)
    token = found.select_related("member").prefetch_related("member__roles").first()
    if token is None or (token.expires_at and token.expires_at <= at):
        return None
    if token.last_used_at is None or at - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token.member


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
