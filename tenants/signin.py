"""Signing in: password, second factor, the membership, and the session bound to it.

The steps between two pages are carried by a signed token, so nothing is stored for somebody who has not finished.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.access.models import Member
from backend.kernel.errors import PermissionRefused, ValidationRefused, WayOut
from backend.kernel.tenancy import in_public
from tenants import directory, second_factor, throttle
from tenants.models import FaceSession, Identity, Membership
from tenants.sessions import SessionStore, client_address
from tenants.tokens import CROSSING, STAGE, make_token, read_token, use_token

FACE_HOME = {"staff": "/", "supplier": "/supplier/", "customer": "/customer/"}


@dataclass(frozen=True)
class Checked:
    """The password was right. ``stage`` carries it to the next page when a code is asked for."""

    identity: Identity
    stage: str = ""


def check_password(request: Any, *, email: str, password: str) -> Checked:
    """Check e-mail and password; raises one and the same refusal for every way of being wrong."""
    throttle.count_attempt("signin", email=email, address=client_address(request))
    with in_public():
        identity = authenticate(request, username=email, password=password)
    if not isinstance(identity, Identity):
        raise ValidationRefused(
            _("E-mail or password is not right."),
            code="wrong_credentials",
            way_out=_("Check both, or set a new password by mail."),
        )
    throttle.forget_attempts("signin", email=email)
    if identity.has_second_factor:
        return Checked(identity, make_token("second-factor", {"identity": str(identity.pk)}))
    return Checked(identity)


def check_code(request: Any, *, stage: str, code: str) -> Identity:
    """Check the second factor (an app's code or a recovery code) of somebody whose password was right."""
    payload = read_token("second-factor", stage, STAGE)
    throttle.count_attempt("code", email=payload["identity"], address=client_address(request))
    with in_public():
        identity = Identity.objects.get(pk=UUID(payload["identity"]))
        second_factor.check(identity=identity, code=code, at=timezone.now())
    throttle.forget_attempts("code", email=payload["identity"])
    return identity


def memberships_here(identity: Identity, tenant: Any, face: str) -> list[Membership]:
    """The person's active memberships of this company on this face, oldest first."""
    with in_public():
        found = Membership.objects.filter(identity=identity, tenant_id=tenant.pk, kind=face, active=True)
        return list(found.select_related("tenant").order_by("created_at"))


def all_memberships(identity: Identity) -> list[Membership]:
    """Everywhere the person belongs, by company name."""
    with in_public():
        found = Membership.objects.filter(identity=identity, active=True).select_related("tenant")
        return list(found.order_by("tenant__name", "kind", "created_at"))


def not_a_member(tenant: Any) -> PermissionRefused:
    return PermissionRefused(
        _("Your account does not belong to %(company)s on this page.") % {"company": tenant.name},
        code="not_a_member",
        way_out=_("See the companies you belong to, or ask this company for an invitation."),
        links=[WayOut(_("My companies"), url=directory.public_url("/signin/"))],
    )


def open_session(request: Any, *, identity: Identity, membership: Membership | None) -> None:
    """Start a fresh session for the request's face; an earlier one of the same browser ends."""
    before = request.session
    store = SessionStore(None)
    store.client = getattr(before, "client", {})
    store["identity"] = str(identity.pk)
    store["language"] = _language_of(identity, membership)
    store["face"] = membership.kind if membership else "public"
    if membership:
        store["tenant"], store["membership"] = str(membership.tenant_id), str(membership.pk)
    if before.session_key:
        before.delete()
    request.session = store
    rotate_token(request)
    with in_public():
        Identity.objects.filter(pk=identity.pk).update(last_login=timezone.now())


def _language_of(identity: Identity, membership: Membership | None) -> str:
    """The language the member chose in this company, or the person's own."""
    chosen = Member.objects.filter(pk=membership.member_id).values_list("language", flat=True) if membership else ()
    return next(iter(chosen), identity.language)


def close_session(request: Any) -> None:
    """Sign out of this face in this browser."""
    request.session.flush()


# --- crossing to another host -------------------------------------------------------------------
def crossing_url(membership: Membership, *, next_path: str = "") -> str:
    """An address on the company's host that signs its bearer in there, once, within a minute."""
    token = make_token("crossing", {"membership": str(membership.pk), "next": next_path})
    home = FACE_HOME[membership.kind]
    return directory.company_url(membership.tenant, f"{home}signin/token/{token}/")


def cross(request: Any, *, token: str, at: datetime) -> str:
    """Use a crossing token up and open the session; returns where to go."""
    payload = use_token("crossing", token, CROSSING, at=at)
    with in_public():
        found = Membership.objects.select_related("identity", "tenant").filter(pk=payload["membership"], active=True)
        membership = found.first()
    if (
        membership is None
        or membership.tenant_id != request.tenant.pk
        or membership.kind != request.face
        or not membership.identity.is_active
    ):
        raise not_a_member(request.tenant)
    open_session(request, identity=membership.identity, membership=membership)
    return str(payload["next"] or FACE_HOME[membership.kind])


# --- sessions of a person -----------------------------------------------------------------------
def sessions_of(identity: Identity) -> list[FaceSession]:
    """Where the person is signed in, newest first."""
    with in_public():
        found = FaceSession.objects.filter(identity=identity, expire_date__gt=timezone.now())
        return list(found.select_related("tenant", "membership").order_by("-seen_at"))


def end_session(*, identity: Identity, session_key: str) -> None:
    """End one of the person's own sessions."""
    with in_public():
        FaceSession.objects.filter(identity=identity, session_key=session_key).delete()


def end_other_sessions(*, identity: Identity, keep: str | None) -> int:
    """End all of the person's sessions but one; returns how many."""
    with in_public():
        return int(FaceSession.objects.filter(identity=identity).exclude(session_key=keep or "").delete()[0])
