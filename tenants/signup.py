"""Sign-up: what was typed is kept until the link in the mail is clicked, then the company is made.

Invariants: a link makes one company; whether an address is known already shows neither in the answer nor in its time; an
address that had an account before keeps its password and signs in with it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from backend.kernel.tenancy import in_public
from tenants import directory, sample_data, slugs
from tenants.identity import find_identity, normal_email
from tenants.mail import queue_mail
from tenants.models import Identity, SignUp, Tenant
from tenants.provisioning import CompanyPlan, provision_company
from tenants.tokens import TokenRefused

GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class SignUpForm:
    """What was typed on the sign-up page, checked by the face."""

    email: str
    name: str
    company: str
    slug: str
    password: str
    language: str = "zh-hans"
    industry: str = "trade"
    taxpayer_type: str = "general"
    time_zone: str = "Asia/Shanghai"
    with_demo_data: bool = False


@dataclass(frozen=True)
class Completed:
    """The company that a link made; ``known`` when the person had an account before and has to sign in."""

    tenant: Tenant
    identity: Identity
    known: bool


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start_signup(*, form: SignUpForm, at: datetime) -> SignUp:
    """Keep the sign-up and mail its link."""
    token = secrets.token_urlsafe(24)
    with in_public(), transaction.atomic():
        row = SignUp.objects.create(
            email=normal_email(form.email),
            name=form.name.strip(),
            company=form.company.strip(),
            slug=slugs.check_slug(form.slug),
            industry=form.industry,
            taxpayer_type=form.taxpayer_type,
            language=form.language,
            time_zone=form.time_zone,
            with_demo_data=form.with_demo_data,
            password=make_password(form.password),
            digest=digest_of(token),
            created_at=at,
            expires_at=at + GOOD_FOR,
        )
        transaction.on_commit(lambda: _mail_link(row, token))
    return row


def _mail_link(row: SignUp, token: str) -> None:
    with override(row.language):
        queue_mail(
            to=row.email,
            subject=_("Confirm your e-mail to open %(company)s") % {"company": row.company},
            greeting=row.name,
            paragraphs=[
                _("One click and your company is there, with you as its owner and a trial of 15 days."),
                _("The link is good for 24 hours."),
            ],
            button=(_("Open my company"), directory.public_url(f"/signup/verify/{token}/")),
            note=_("If you did not ask for this, ignore this mail: nothing happens without the click."),
        )


def find_signup(*, token: str, at: datetime) -> SignUp:
    """The sign-up of a link, also when it is completed; raises TokenRefused for an unknown or outdated one."""
    with in_public():
        row = SignUp.objects.select_related("tenant").filter(digest=digest_of(token)).first()
    if row is None or (row.completed_at is None and row.expires_at <= at):
        raise TokenRefused(
            _("This link is too old or not complete."),
            way_out=_("Sign up again; it takes a minute."),
        )
    return row


def complete_signup(*, token: str, at: datetime) -> Completed:
    """Make the company. A second call while the first runs waits for it and gets the same company."""
    with in_public():
        find_signup(token=token, at=at)
        with transaction.atomic():
            row = SignUp.objects.select_for_update(of=("self",)).get(digest=digest_of(token))
            identity = find_identity(row.email)
            if row.tenant is not None and identity is not None:
                return Completed(row.tenant, identity, known=True)
            known = identity is not None
            identity = identity or _enter_identity(row, at)
            plan = CompanyPlan(
                name=row.company,
                slug=slugs.free_slug(row.slug),
                language=row.language,
                industry=row.industry,
                taxpayer_type=row.taxpayer_type,
                time_zone=row.time_zone,
            )
            with override(row.language):
                row.tenant = provision_company(plan=plan, owner=identity, at=at)
            row.completed_at = at
            row.save(update_fields=["tenant", "completed_at"])
            if row.with_demo_data:
                sample_data.ask_for(row.tenant, at=at)
    return Completed(row.tenant, identity, known)


def _enter_identity(row: SignUp, at: datetime) -> Identity:
    return Identity.objects.create(
        email=row.email,
        name=row.name,
        language=row.language,
        password=row.password,
        email_verified_at=at,
        created_at=at,
    )


def forget_old(*, at: datetime) -> int:
    """Remove sign-ups nobody completed in a month; the typed data goes with them."""
    with in_public():
        return int(SignUp.objects.filter(completed_at=None, expires_at__lt=at - timedelta(days=30)).delete()[0])
