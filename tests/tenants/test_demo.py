"""Sample data obey the rules people obey, in both languages."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.access.models import Member
from backend.kernel.tenancy import run_in
from tenants.demo import companies
from tenants.models import Tenant


@pytest.mark.parametrize("slug", ["demo", "demo-en"])
def test_demo_company_with_its_people(db: None, slug: str) -> None:
    tenant = companies.ensure_demo(slug=slug, password="three horses one direction", at=timezone.now())
    assert companies.ensure_demo(slug=slug, password="another", at=timezone.now()) == tenant
    with run_in(tenant):
        assert Member.objects.count() == 7
    for face, email in (("", "owner"), ("", "buyer"), ("/supplier", "supplier"), ("/customer", "customer")):
        client = Client(SERVER_NAME=f"{slug}.localhost")
        answer = client.post(
            f"{face}/signin/", {"email": f"{email}@{slug}.example", "password": "three horses one direction"}
        )
        assert (answer.status_code, answer.url) == (302, f"{face}/")


def test_sample_data_for_a_company_that_signed_up(tenant: Any) -> None:
    companies.lay_sample_data(tenant=tenant, at=timezone.now())
    assert Member.objects.count() == 1
    assert Tenant.objects.get(pk=tenant.pk).has_demo_data
