"""The second factor: codes of an authenticator app (TOTP), and ten recovery codes that work once each.

A code is good once: the time step of the last one used is kept, and only later steps are accepted.
"""

import hashlib
import secrets
from datetime import datetime

import pyotp
import segno
from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel.errors import ValidationRefused
from tenants.models import Identity

STEP_SECONDS = 30
RECOVERY_CODES = 10


def new_secret() -> str:
    return pyotp.random_base32()


def provisioning_uri(*, identity: Identity, secret: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=identity.email, issuer_name="Troika")


def qr_svg(uri: str) -> str:
    """The address as a QR code, ready to stand in a page."""
    return str(segno.make(uri, error="m").svg_inline(scale=4, border=2, svgclass="tk-qr", lineclass=None))


def _step_of(secret: str, code: str, at: datetime, after: int) -> int | None:
    """The time step whose code this is, among now and its neighbours, later than ``after``."""
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if step > after and secrets.compare_digest(totp.at(step * STEP_SECONDS).encode(), code.encode()):
            return step
    return None


def _digest(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").lower().encode()).hexdigest()


def turn_on(*, identity: Identity, secret: str, code: str, at: datetime) -> list[str]:
    """Turn the second factor on with a first right code; returns the recovery codes, shown this once."""
    with transaction.atomic():
        locked = Identity.objects.select_for_update().get(pk=identity.pk)
        step = _step_of(secret, "".join(code.split()), at, locked.totp_last_step)
        if step is None:
            raise _wrong_code()
        locked.totp_secret, locked.totp_confirmed_at, locked.totp_last_step = secret, at, step
        codes = _new_recovery_codes(locked)
        locked.save(update_fields=["totp_secret", "totp_confirmed_at", "totp_last_step", "recovery_digests"])
    return codes


def renew_recovery_codes(*, identity: Identity) -> list[str]:
    """Ten new recovery codes; the old ones stop working."""
    with transaction.atomic():
        locked = Identity.objects.select_for_update().get(pk=identity.pk)
        codes = _new_recovery_codes(locked)
        locked.save(update_fields=["recovery_digests"])
    return codes


def _new_recovery_codes(identity: Identity) -> list[str]:
    raw = [secrets.token_hex(5) for _number in range(RECOVERY_CODES)]
    identity.recovery_digests = [_digest(code) for code in raw]
    return [f"{code[:5]}-{code[5:]}" for code in raw]


def turn_off(*, identity: Identity) -> None:
    """Turn the second factor off; the caller has checked the password."""
    Identity.objects.filter(pk=identity.pk).update(totp_secret="", totp_confirmed_at=None, recovery_digests=[])


def check(*, identity: Identity, code: str, at: datetime) -> None:
    """Accept a code of the app, or use a recovery code up; raises ValidationRefused otherwise."""
    code = "".join(code.split())
    with transaction.atomic():
        locked = Identity.objects.select_for_update().get(pk=identity.pk)
        step = _step_of(locked.totp_secret, code, at, locked.totp_last_step) if locked.totp_secret else None
        if step is not None:
            locked.totp_last_step = step
        elif _digest(code) in locked.recovery_digests:
            locked.recovery_digests = [digest for digest in locked.recovery_digests if digest != _digest(code)]
        else:
            raise _wrong_code()
        locked.save(update_fields=["totp_last_step", "recovery_digests"])


def _wrong_code() -> ValidationRefused:
    return ValidationRefused(
        _("This code is not right, or it was used before."),
        code="wrong_code",
        field="code",
        way_out=_("Wait for the next code of the app, or use a recovery code."),
    )
