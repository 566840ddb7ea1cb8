"""Sample data obey the rules people obey, in both languages."""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q, Sum
from django.test import Client
from django.utils import timezone

from backend.access.models import Member
from backend.accounting.models import VoucherLine
from backend.availability.models import Promise, Suggestion, SuggestionState
from backend.inventory.models import StockBalance
from backend.kernel import clock
from backend.kernel.tenancy import run_in
from backend.purchasing.models import PurchaseOrderLine, PurchaseRequisition
from backend.sales.models import SalesOrderLine
from backend.service.models import Ticket
from backend.workflow.models import ApprovalDelegation, ApprovalStep, Task
from tenants.demo import companies
from tenants.models import Tenant


def check_story() -> None:
    """The shortage of the story, to the piece; and books that agree with the stock."""
    line = SalesOrderLine.objects.get(
        item__name__in=("复印纸 A4 70g", "Copy paper A4 70 g"), document__approval="approved"
    )
    today = clock.today()
    promise = Promise.objects.get(demand__ref_line_id=line.pk)
    parts = sorted((Decimal(part["qty"]), part["date"]) for part in promise.parts)
    assert [qty for qty, _day in parts] == [Decimal(20), Decimal(80)]
    assert parts[1][1] == today.isoformat()
    bought = PurchaseOrderLine.objects.get(item=line.item)
    assert (bought.qty, bought.document.sent_at is not None) == (Decimal(50), True)
    live = Suggestion.objects.filter(state=SuggestionState.LIVE)
    assert [row.item.name for row in live if "DR-2250" in row.item.name]
    assert Ticket.objects.count() == 1
    stock = StockBalance.objects.aggregate(value=Sum("value"))["value"]
    kept = Q(account__code__startswith="1405") | Q(account__code__startswith="4001")  # in the workshop too
    lines = VoucherLine.objects.filter(kept).aggregate(d=Sum("debit"), c=Sum("credit"))
    assert lines["d"] - lines["c"] == stock


def check_requests() -> None:
    """PUR-01: requisitions in every state; two levels, of which a substitute decided one; another absence is known."""
    found = PurchaseRequisition.objects.order_by("number").values_list("approval", "ordered")
    assert sorted(found) == [
        ("approved", "partial"),
        ("draft", "none"),
        ("rejected", "none"),
        ("submitted", "none"),
        ("submitted", "none"),
    ]
    owner = Member.objects.get(roles__code="owner")
    steps = ApprovalStep.objects.filter(approval__state="approved").order_by("level")
    assert [step.for_name for step in steps] == ["", owner.name]
    assert ApprovalDelegation.objects.filter(person=owner, date_from__gt=clock.today()).count() == 1
    assert Task.objects.filter(assignee_id=owner.pk, kind="workflow.to_approve", done_at=None).count() == 1


@pytest.mark.parametrize("slug", ["demo", "demo-en"])
def test_demo_company_with_its_people(db: None, slug: str) -> None:
    tenant = companies.ensure_demo(slug=slug, password="three horses one direction", at=timezone.now())
    assert companies.ensure_demo(slug=slug, password="another", at=timezone.now()) == tenant
    with run_in(tenant):
        assert Member.objects.count() == 7
        check_story()
        check_requests()
    for face, email in (("", "owner"), ("", "buyer"), ("/supplier", "supplier"), ("/customer", "customer")):
        client = Client(SERVER_NAME=f"{slug}.localhost")
        answer = client.post(
            f"{face}/signin/", {"email": f"{email}@{slug}.example", "password": "three horses one direction"}
        )
        assert (answer.status_code, answer.url) == (302, f"{face}/")


def test_sample_data_for_a_company_that_signed_up(tenant: Any) -> None:
    companies.lay_sample_data(tenant=tenant, at=timezone.now())
    assert Member.objects.count() == 1
    assert PurchaseRequisition.objects.get().approval == "draft"
    check_story()
    assert Tenant.objects.get(pk=tenant.pk).has_demo_data
