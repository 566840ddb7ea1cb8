"""Signed tokens: short-lived, for one purpose, and where it matters for one use."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backend.kernel.errors import Refusal
from backend.kernel.tenancy import in_public
from tenants.models import UsedToken

CROSSING = timedelta(seconds=60)
STAGE = timedelta(minutes=10)


class TokenRefused(Refusal):
    """The link or form is too old, was used before, or was never ours."""

    status = 410
    code = "token_gone"


def _refused() -> TokenRefused:
    return TokenRefused(_("This link is too old or was used before."), way_out=_("Sign in again to get a new one."))


def make_token(purpose: str, payload: dict[str, Any]) -> str:
    """A token for one purpose, carrying a number that makes it recognisable after use."""
    return signing.dumps({**payload, "nonce": uuid4().hex}, salt=f"troika.{purpose}")


def read_token(purpose: str, token: str, good_for: timedelta) -> dict[str, Any]:
    """What the token says; raises TokenRefused for anything else."""
    try:
        return dict(signing.loads(token, salt=f"troika.{purpose}", max_age=good_for))
    except signing.BadSignature:
        raise _refused() from None


def use_token(purpose: str, token: str, good_for: timedelta, *, at: datetime) -> dict[str, Any]:
    """Read a token and use it up: the second use is refused."""
    payload = read_token(purpose, token, good_for)
    try:
        with in_public(), transaction.atomic():
            UsedToken.objects.create(nonce=payload["nonce"], expires_at=at + good_for)
    except IntegrityError:
        raise _refused() from None
    return payload


def forget_used(*, at: datetime) -> int:
    """Remove used tokens whose time is over anyway."""
    with in_public():
        return int(UsedToken.objects.filter(expires_at__lt=at).delete()[0])
