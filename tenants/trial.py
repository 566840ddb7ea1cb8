"""The trial's end: two mails before it, read only after it.

Whether a company may write follows from its dates at every request; the job here only records the state and sends mail.
A notice is a row that can exist once, written in the transaction that queues its mail.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from backend.access.models import Member
from backend.kernel.tenancy import in_public, run_in
from tenants import directory
from tenants.mail import queue_mail
from tenants.models import Tenant, TenantState, TrialNotice

NOTICE_DAYS = (5, 1)


def on_trial() -> list[Tenant]:
    with in_public():
        return list(Tenant.objects.filter(state=TenantState.TRIAL))


def expire_trials(*, at: datetime) -> int:
    """Record the end of trials that are over in the company's own time zone; returns how many."""
    over = [tenant for tenant in on_trial() if tenant.trial_days_at(at) == 0]
    for tenant in over:
        with in_public():
            Tenant.objects.filter(pk=tenant.pk, state=TenantState.TRIAL).update(state=TenantState.READ_ONLY)
        directory.forget(tenant)
    return len(over)


def send_notices(*, at: datetime) -> int:
    """Mail the owners of companies whose trial ends in five days or in one; returns how many companies."""
    return sum(_notify(tenant, tenant.trial_days_at(at), at) for tenant in on_trial())


def _notify(tenant: Tenant, left: int | None, at: datetime) -> bool:
    if left not in NOTICE_DAYS:
        return False
    with in_public(), transaction.atomic():
        _row, fresh = TrialNotice.objects.get_or_create(tenant=tenant, days_left=left, defaults={"sent_at": at})
        if not fresh:
            return False
        with run_in(tenant):
            owners = list(Member.objects.filter(kind="staff", active=True, roles__code="owner"))
        for owner in owners:
            transaction.on_commit(lambda owner=owner: _mail(tenant, owner, left))  # type: ignore[misc]
    return True


def _mail(tenant: Tenant, owner: Member, left: int) -> None:
    with override(owner.language):
        subject = ngettext(
            "Your trial of Troika ends in %(days)s day", "Your trial of Troika ends in %(days)s days", left
        ) % {"days": left}
        last = tenant.trial_ends_on - timedelta(days=1) if tenant.trial_ends_on else timezone.now().date()
        queue_mail(
            to=owner.email,
            subject=subject,
            greeting=owner.name,
            paragraphs=[
                _("The trial of %(company)s runs until the end of %(day)s.")
                % {"company": tenant.name, "day": last.isoformat()},
                _(
                    "After that you can still look at everything and export it. Choose a plan to go on writing; nothing is lost."
                ),
            ],
            button=(_("Choose a plan"), directory.company_url(tenant, "/subscription/")),
        )
