"""Sample data of a company that signed up: asked for with the company, laid by a worker after it, in one transaction.

Invariants: they are laid once, whoever calls how often; the company is usable before, and without them when they cannot be laid.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from backend.kernel.tenancy import in_public
from tenants import directory
from tenants.models import Tenant

log = logging.getLogger(__name__)
ATTEMPTS = 5
PAUSE = timedelta(seconds=20)  # until a request whose message was lost, or that failed, is taken up again


def ask_for(tenant: Tenant, *, at: datetime) -> None:
    """Note that a company wants sample data; a worker is asked when the transaction commits."""
    Tenant.objects.filter(pk=tenant.pk).update(sample_data_asked_at=at, sample_data_attempts=0)
    tenant.sample_data_asked_at, tenant.sample_data_attempts = at, 0
    transaction.on_commit(lambda: _ask_worker(tenant.pk))


def _ask_worker(tenant_id: UUID) -> None:
    from tenants.tasks import lay_sample_data

    try:
        lay_sample_data.apply_async(args=[str(tenant_id)], retry=False)
    except (OperationalError, OSError):
        log.warning("No worker could be asked for sample data; the clock will ask again.")


def lay(tenant_id: UUID, *, at: datetime) -> bool:
    """Lay what was asked for and is not there yet; False when there is nothing to do or another worker does it."""
    from tenants.demo import companies

    with in_public():
        tenant = Tenant.objects.filter(pk=tenant_id).first()
        try:
            with transaction.atomic():
                if not _claimed(tenant_id):
                    return False
                assert tenant is not None
                companies.lay_sample_data(tenant=tenant, at=at)
        except Exception:  # whatever it is, the company works without; it is tried again a few times
            log.exception("Sample data could not be laid.", extra={"company": getattr(tenant, "slug", "")})
            Tenant.objects.filter(pk=tenant_id).update(sample_data_attempts=F("sample_data_attempts") + 1)
            return False
        directory.forget(tenant)
    return True


def _claimed(tenant_id: UUID) -> bool:
    waiting = Tenant.objects.filter(
        pk=tenant_id, has_demo_data=False, sample_data_asked_at__isnull=False, sample_data_attempts__lt=ATTEMPTS
    )
    return waiting.select_for_update(no_key=True, skip_locked=True).exists()


def lay_waiting(*, at: datetime) -> int:
    """What was asked for a while ago and is not there: the message was lost, or laying failed."""
    with in_public():
        waiting = Tenant.objects.filter(
            has_demo_data=False, sample_data_asked_at__lt=at - PAUSE, sample_data_attempts__lt=ATTEMPTS
        )
        keys = list(waiting.values_list("pk", flat=True)[:20])
    return sum(lay(key, at=at) for key in keys)


def state_of(tenant: Tenant) -> str:
    """`waiting`, `failed`, or nothing when there is nothing to wait for."""
    if tenant.has_demo_data or tenant.sample_data_asked_at is None:
        return ""
    return "waiting" if tenant.sample_data_attempts < ATTEMPTS else "failed"


def fresh_state_of(tenant_id: UUID) -> str:
    """The same, read now."""
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    return state_of(tenant) if tenant else ""
