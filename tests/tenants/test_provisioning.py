"""A company comes into being whole: schema, first data, owner, membership, trial."""

from typing import Any

from backend.access.models import Member
from backend.kernel.tenancy import run_in, schema_name
from tenants.models import Membership, TenantState


def test_alpha_and_beta_have_owners_of_their_own(tenant: Any, beta: Any) -> None:
    assert schema_name() == tenant.schema_name
    assert [member.email for member in Member.objects.all()] == ["alpha@example.com"]
    with run_in(beta):
        assert [member.email for member in Member.objects.all()] == ["beta@example.com"]
    assert schema_name() == tenant.schema_name
    assert Membership.objects.filter(tenant=tenant, kind="staff").count() == 1
    assert tenant.state == TenantState.TRIAL
    assert tenant.trial_days_left in {14, 15}
    assert tenant.can_write
