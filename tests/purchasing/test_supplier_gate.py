"""SRM-01, SRM-02, SRM-04: nothing is ordered from a supplier that is stopped, whatever the way in."""

import pytest

from backend.kernel.actor import Actor
from backend.kernel.audit import timeline
from backend.kernel.errors import PermissionRefused
from backend.parties.inputs import PartyData, SupplierData
from backend.parties.models import SupplierRole
from backend.parties.services import save_party
from backend.parties.services.suppliers import CannotOrderFrom, require_orderable, set_supplier_state
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import orders
from backend.purchasing.services.inputs import LineInput
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, day, lines_of, make_purchase_order

pytestmark = pytest.mark.usefixtures("tenant")
APPROVER = Actor(
    kind="staff", name="Chief", permissions=frozenset({"purchasing.order.approve", "purchasing.supplier.override"})
)


def stop(supplier, state, **words):
    set_supplier_state(party_id=supplier.pk, state=state, actor=BUYER, at=AT, **words)
    supplier.refresh_from_db()


@pytest.mark.parametrize("state", ["pending", "potential", "blocked"])
def test_srm_04_no_draft_is_written_for_a_supplier_that_is_stopped(state):
    supplier = make_supplier()
    stop(supplier, state, blocked_by="Business licence", reason="Fraud")
    with pytest.raises(CannotOrderFrom) as refused:
        make_purchase_order((make_item(), 1), supplier=supplier, approve=False)
    assert supplier.name in refused.value.message
    assert ("Fraud" if state == "blocked" else "Business licence") in refused.value.message
    assert refused.value.way_out
    assert refused.value.links[0].number == str(supplier.pk)
    assert not PurchaseOrder.objects.filter(supplier=supplier).exists()


def test_srm_04_a_block_stops_every_later_step_of_what_is_there():
    item = make_item()
    draft = make_purchase_order((item, 1), approve=False)
    running = make_purchase_order((item, 5), supplier=draft.supplier)
    closed = make_purchase_order((item, 5), supplier=draft.supplier)
    orders.close_order(order_id=closed.pk, actor=BUYER, at=AT)
    stop(draft.supplier, "blocked", reason="Fraud")
    line = lines_of(running)[0]
    common = {"actor": BUYER, "at": AT}
    ways = [
        lambda: orders.submit_order(order_id=draft.pk, **common),
        lambda: orders.approve_order(order_id=draft.pk, **common),
        lambda: orders.approve_order(order_id=draft.pk, override_reason="please", **common),
        lambda: orders.reopen_order(order_id=closed.pk, **common),
        lambda: orders.copy_order(order_id=running.pk, requested_date=day(9), **common),
        lambda: orders.amend_order(
            order_id=running.pk, lines=[LineInput(line.item_id, line.qty + 1, id=line.pk)], **common
        ),
        lambda: orders.amend_order(order_id=running.pk, lines=[LineInput(line.item_id, line.qty)], **common),
    ]
    for way in ways:
        with pytest.raises(CannotOrderFrom):
            way()
    orders.amend_order(order_id=running.pk, lines=[LineInput(line.item_id, line.qty - 1, id=line.pk)], **common)


def test_srm_02_a_suspended_supplier_needs_an_approver_who_says_why():
    order = make_purchase_order((make_item(), 1), approve=False)
    stop(order.supplier, "suspended", blocked_by="Business licence (expired 2026-11-01)")
    orders.submit_order(order_id=order.pk, actor=BUYER, at=AT)
    with pytest.raises(CannotOrderFrom) as refused:
        orders.approve_order(order_id=order.pk, actor=APPROVER, at=AT)
    assert "Business licence (expired 2026-11-01)" in refused.value.message
    nobody = Actor(kind="staff", name="Buyer", permissions=frozenset({"purchasing.order.approve"}))
    with pytest.raises(PermissionRefused):
        orders.approve_order(order_id=order.pk, actor=nobody, at=AT, override_reason="line stands still")
    approved = orders.approve_order(order_id=order.pk, actor=APPROVER, at=AT, override_reason="line stands still")
    assert approved.is_approved
    assert timeline(order.pk).filter(verb="approve").get().reason == "line stands still"


def test_saving_the_master_or_importing_it_lifts_no_block():
    supplier = make_supplier()
    stop(supplier, "blocked", reason="Fraud")
    plain = PartyData(name=supplier.name, code=supplier.code, supplier=SupplierData(state="approved", lead_days=9))
    save_party(actor=BUYER, at=AT, data=plain, party_id=supplier.pk)
    role = SupplierRole.objects.get(pk=supplier.pk)
    assert (role.state, role.lead_days, role.state_reason) == ("blocked", 9, "Fraud")


def test_several_suppliers_are_refused_each_with_its_name_and_potential_ones_may_quote():
    good, blocked, pending, potential = (make_supplier() for _ in range(4))
    stop(blocked, "blocked", reason="Fraud")
    stop(pending, "pending", blocked_by="Food licence")
    stop(potential, "potential")
    everybody = [good, blocked, pending, potential]
    for row in everybody:
        row.supplier.refresh_from_db()
    with pytest.raises(CannotOrderFrom) as refused:
        require_orderable(everybody, purpose="quote")
    assert [problem.value for problem in refused.value.problems] == [blocked.code, pending.code]
    assert require_orderable([good, potential], purpose="quote") == []
