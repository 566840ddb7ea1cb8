"""Passwords: set anew by a link in a mail, or changed knowing the old one. Either way every other session ends."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.tenancy import in_public
from tenants import signin
from tenants.identity import find_identity
from tenants.mail import queue_mail
from tenants.models import Identity
from tenants.tokens import TokenRefused

_tokens = PasswordResetTokenGenerator()


def check_strength(password: str, identity: Identity | None = None) -> None:
    """Raise a refusal with one problem for each thing that is wrong with a new password."""
    try:
        validate_password(password, identity)
    except ValidationError as found:
        raise Refusal.many(
            [ValidationRefused(_words(one), code="weak_password", field="password") for one in found.error_list]
        ) from None


def _words(problem: ValidationError) -> str:
    """What is wrong, in the reader's language whatever Django's own catalogues have."""
    known = {
        "password_too_short": _("At least 10 characters, please. A short sentence works well."),
        "password_too_common": _("This password is one of the first that are guessed."),
        "password_entirely_numeric": _("Digits alone are guessed too easily."),
        "password_too_similar": _("This password is too much like your name or e-mail."),
    }
    return known.get(str(problem.code)) or problem.messages[0]


def mail_reset_link(*, email: str, address: str) -> None:
    """Mail a link to the person, if there is one; ``address`` begins the link on the host where it was asked for."""
    with in_public():
        identity = find_identity(email)
    if identity is None:
        return
    with override(identity.language):
        queue_mail(
            to=identity.email,
            subject=_("Set a new password for Troika"),
            greeting=identity.name or identity.email,
            paragraphs=[_("Somebody, hopefully you, asked for a new password. The link is good for one hour, once.")],
            button=(_("Set a new password"), f"{address}{identity.pk.hex}/{_tokens.make_token(identity)}/"),
            note=_("If it was not you, ignore this mail: your password stays as it is."),
        )


def identity_of_link(*, key: str, token: str) -> Identity:
    """The person of a reset link; raises TokenRefused when it is used, outdated or not ours."""
    with in_public():
        try:
            identity = Identity.objects.filter(pk=UUID(hex=key), is_active=True).first()
        except ValueError:
            identity = None
    if identity is None or not _tokens.check_token(identity, token):
        raise TokenRefused(_("This link is too old or was used before."), way_out=_("Ask for a new one."))
    return identity


def set_password(*, identity: Identity, password: str, at: datetime, keep_session: Any = None) -> None:
    """Set the password and end every session but ``keep_session``. A mailed link proves the address too."""
    check_strength(password, identity)
    with in_public():
        identity.set_password(password)
        identity.email_verified_at = identity.email_verified_at or at
        identity.save(update_fields=["password", "email_verified_at"])
    signin.end_other_sessions(identity=identity, keep=keep_session)


def change_password(*, identity: Identity, old: str, new: str, at: datetime, keep_session: str | None) -> None:
    """Change one's own password; raises ValidationRefused when the old one is wrong."""
    if not identity.check_password(old):
        raise ValidationRefused(_("The present password is not right."), code="wrong_password", field="old")
    set_password(identity=identity, password=new, at=at, keep_session=keep_session)
