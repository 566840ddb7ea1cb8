"""Who somebody is: e-mail and password, the same time for known and unknown addresses."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from tenants.models import Identity


def normal_email(email: str) -> str:
    """An address as it is stored and compared."""
    return email.strip().lower()


def find_identity(email: str) -> Identity | None:
    """The active person with that address."""
    return Identity.objects.filter(email=normal_email(email), is_active=True).first()


class IdentityBackend(BaseBackend):
    """Django's door to ``Identity``. An unknown address costs one password hash too, so time tells nothing."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_more: Any
    ) -> Identity | None:
        if not username or password is None:
            return None
        identity = find_identity(username)
        if identity is None:
            Identity().set_password(password)
            return None
        return identity if identity.check_password(password) else None

    def get_user(self, user_id: UUID) -> Identity | None:
        return Identity.objects.filter(pk=user_id, is_active=True).first()
