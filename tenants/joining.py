"""Accepting an invitation: the mail's link proves the address; a new person sets a password, a known one gives it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from backend.access import services as access
from backend.access.models import Invitation
from backend.kernel import tenancy
from backend.kernel.errors import ValidationRefused
from backend.kernel.tenancy import in_public
from tenants import passwords
from tenants.identity import find_identity
from tenants.models import Identity, Membership


@dataclass(frozen=True)
class Invited:
    """An open invitation, and the person it is for when the address is known."""

    invitation: Invitation
    identity: Identity | None


def look_up(*, token: str, at: datetime) -> Invited:
    """The invitation of a link; raises NotFoundRefused when it is gone."""
    invitation = access.find_invitation(token=token, at=at)
    return Invited(invitation, find_identity(invitation.email))


def accept(*, token: str, name: str, password: str, language: str, at: datetime, proven: Any = None) -> Membership:
    """Join the company. ``proven`` is the signed-in person; without it the password is checked, or set for a new one."""
    with transaction.atomic():
        invited = look_up(token=token, at=at)
        identity = invited.identity
        if identity is None:
            identity = _enter_identity(invited.invitation.email, name, password, language, at)
        elif (proven is None or proven.pk != identity.pk) and not identity.check_password(password):
            raise ValidationRefused(
                _("This is not the password of %(email)s.") % {"email": identity.email},
                code="wrong_credentials",
                field="password",
                way_out=_("You have an account already: use its password, or set a new one by mail."),
            )
        member = access.accept_invitation(
            token=token, identity_id=identity.pk, at=at, name=name or identity.name, language=language
        )
        found = Membership.objects.select_related("tenant", "identity")
        return found.get(tenant_id=tenancy.current().pk, member_id=member.pk)


def _enter_identity(email: str, name: str, password: str, language: str, at: datetime) -> Identity:
    person = Identity(email=email, name=name.strip()[:60], language=language, created_at=at, email_verified_at=at)
    passwords.check_strength(password, person)
    person.set_password(password)
    with in_public():
        person.save(force_insert=True)
    return person
