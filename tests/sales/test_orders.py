"""Sales orders from draft to approval and back (SAL-01, SAL-05, SAL-14, INV-04, INV-05)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backend.access.services import actor_for
from backend.availability.models import DemandLine, Suggestion
from backend.inventory.models import StockBalance
from backend.kernel.actor import Actor
from backend.kernel.errors import IllegalTransition, NotFoundRefused, Refusal, StaleVersion
from backend.kernel.models import AuditEntry
from backend.kernel.outbox.relay import relay
from backend.sales.models import SalesOrder
from backend.sales.services import deliveries, impact, orders
from backend.sales.services.inputs import AmendmentData, LineInput
from backend.workflow.models import Notification
from tests.factories.catalog import make_item, make_price_list
from tests.factories.parties import AT, make_customer
from tests.factories.sales import approved_order, line_input, make_order, order_data, put_stock

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


def save(data, **more):
    return orders.save_order(data=data, actor=more.pop("actor", WHO), at=AT, **more)


def problems_of(refused):
    return {(p.line, p.field) for p in refused.value.problems}


def balance(item):
    return StockBalance.objects.get(item=item)


def test_a_draft_takes_number_prices_and_amounts():
    customer, item = make_customer(payment_days=45), make_item()
    make_price_list((item, 113))
    order = make_order((item, 10), customer=customer, customer_ref="PO-77")
    line = order.lines.get()
    assert order.number == f"XSDD-{AT:%Y%m%d}-00001"
    assert (order.net_amount, order.tax_amount, order.gross_amount) == (1000, 130, 1130)
    assert (line.price_source, line.tax_incl_price, line.unit_price) == ("list", 113, 100)
    assert order.payment_days == 45
    assert DemandLine.objects.count() == 0


def test_every_wrong_line_is_named():
    good, gone = make_item(), make_item(sellable=False)
    with pytest.raises(Refusal) as refused:
        make_order(
            (good, 1), (gone, 1), (good, "0.5"), (good, 1, -3), line_input(good, 1, 5, discount_pct=Decimal(101))
        )
    assert problems_of(refused) == {(2, "item_id"), (3, "qty"), (4, "price"), (5, "discount_pct")}
    assert SalesOrder.objects.count() == 0


def test_below_the_floor_sells_only_who_may():
    item = make_item(min_sale_price=Decimal(100))
    seller = Actor(kind="staff", name="销售", permissions=frozenset({"sales.order.edit"}))
    chief = Actor(kind="staff", name="经理", permissions=frozenset({"sales.price.below_floor"}))
    with pytest.raises(Refusal) as refused:
        make_order(line_input(item, 1, 105, discount_pct=Decimal(10)), actor=seller)
    assert refused.value.problems[0].code == "below_floor_price"
    assert make_order((item, 1, 99), actor=chief).gross_amount == 99


def test_a_kept_price_keeps_its_source():
    item = make_item()
    make_price_list((item, 113))
    order = make_order((item, 10))
    line = order.lines.get()
    data = order_data(order.customer, line_input(item, 12, 113, id=line.pk), line_input(item, 1, 50))
    save(data, order_id=order.pk, version=1)
    assert [(r.pk == line.pk, r.price_source) for r in order.lines.order_by("line_no")] == [
        (True, "list"),
        (False, "manual"),
    ]


def test_lines_may_change_places_and_go():
    first, second, third = make_item(), make_item(), make_item()
    order = make_order((first, 1), (second, 2), (third, 3))
    one, two, _three = order.lines.order_by("line_no")
    data = order_data(order.customer, line_input(second, 2, id=two.pk), line_input(first, 1, id=one.pk))
    save(data, order_id=order.pk)
    assert list(order.lines.order_by("line_no").values_list("pk", flat=True)) == [two.pk, one.pk]


def test_somebody_elses_save_is_not_overwritten():
    order = make_order((make_item(), 1))
    data = order_data(order.customer, (make_item(), 2))
    save(data, order_id=order.pk, version=1)
    with pytest.raises(StaleVersion):
        save(data, order_id=order.pk, version=1)


def test_approval_reserves_and_promises_the_rest_later():
    """G-01, INV-05: stock 80, order 100: 80 today, 20 when the supplier can."""
    item = make_item(lead_days=5, pack_qty=Decimal(50))
    put_stock(item, 80)
    order = approved_order((item, 100))
    line = DemandLine.objects.get()
    assert (line.reserved_qty, line.open_qty) == (80, 100)
    assert balance(item).available == 0
    assert Suggestion.objects.get().qty == 50
    parts = line.promise.parts
    assert Decimal(parts[0]["qty"]) == 80
    assert Decimal(parts[1]["qty"]) == 20
    order.refresh_from_db()
    assert order.promise_date == line.promise.promise_date
    assert order.promise_date >= AT.date() + timedelta(days=5)
    assert order.is_approved
    assert AuditEntry.objects.filter(subject_id=order.pk, verb="approve").count() == 1


def test_unapproval_gives_back_and_can_be_approved_again():
    item = make_item()
    put_stock(item, 10)
    order = approved_order((item, 10))
    orders.unapprove_order(order_id=order.pk, actor=WHO, at=AT)
    assert balance(item).available == 10
    again = orders.approve_order(order_id=order.pk, actor=WHO, at=AT)
    assert again.is_approved
    assert balance(item).available == 0


def test_an_illegal_step_is_refused_and_an_approved_order_is_not_edited():
    order = approved_order((make_item(), 1))
    with pytest.raises(IllegalTransition):
        orders.approve_order(order_id=order.pk, actor=WHO, at=AT)
    with pytest.raises(Refusal) as refused:
        save(order_data(order.customer, (make_item(), 1)), order_id=order.pk)
    assert refused.value.code == "cannot_edit_order"


def test_submit_withdraw_and_void():
    order = make_order((make_item(), 1))
    orders.submit_order(order_id=order.pk, actor=WHO, at=AT)
    orders.withdraw_order(order_id=order.pk, actor=WHO, at=AT)
    assert orders.void_order(order_id=order.pk, actor=WHO, at=AT).approval == "voided"
    with pytest.raises(IllegalTransition):
        orders.submit_order(order_id=order.pk, actor=WHO, at=AT)


def test_a_line_without_a_price_is_not_approved():
    order = make_order((make_item(sale_price=None), 1))
    with pytest.raises(Refusal) as refused:
        orders.approve_order(order_id=order.pk, actor=WHO, at=AT)
    assert (refused.value.line, refused.value.field) == (1, "price")


def test_a_service_needs_no_stock():
    order = approved_order((make_item(item_type="service"), 2))
    assert DemandLine.objects.count() == 0
    assert order.promise_date == order.requested_date


def test_amending_keeps_before_and_after_and_demand_follows():
    """SAL-14: 100 → 70 frees 30; another line comes; one goes."""
    item, other, new = make_item(), make_item(), make_item()
    put_stock(item, 100)
    order = approved_order((item, 100), (other, 5))
    first, second = order.lines.order_by("line_no")
    data = AmendmentData(lines=(line_input(item, 70, id=first.pk), line_input(new, 3, 10)))
    order = orders.amend_order(order_id=order.pk, data=data, reason="客户减量", actor=WHO, at=AT)
    assert order.revision == 1
    assert balance(item).reserved == 70
    assert balance(item).available == 30
    second.refresh_from_db()
    assert (second.cancelled_qty, second.gross_amount) == (5, 0)
    assert DemandLine.objects.get(ref_line_id=second.pk).open_qty == 0
    assert DemandLine.objects.filter(item=new, open_qty=3).exists()
    entry = AuditEntry.objects.get(subject_id=order.pk, verb="amend")
    assert entry.changes[f"1 {item.code} qty"] == ["100", "70"]
    assert entry.reason == "客户减量"
    assert order.gross_amount == 70 * 113 + 30
    price = order.lines.get(pk=first.pk)
    assert (price.tax_incl_price, price.price_source) == (113, "item")


def test_amending_only_the_price_leaves_the_promise_alone():
    item = make_item()
    order = approved_order((item, 5))
    line = order.lines.get()
    promise = DemandLine.objects.get().promise.revised_at
    data = AmendmentData(lines=(line_input(item, 5, 90, id=line.pk),))
    order = orders.amend_order(order_id=order.pk, data=data, reason="降价", actor=WHO, at=AT + timedelta(hours=1))
    assert order.gross_amount == 450
    assert DemandLine.objects.get().promise.revised_at == promise


def test_closing_frees_and_reopening_asks_again():
    item = make_item()
    put_stock(item, 10)
    order = approved_order((item, 10))
    orders.close_order(order_id=order.pk, actor=WHO, at=AT, reason="客户取消")
    assert balance(item).available == 10
    order = orders.reopen_order(order_id=order.pk, actor=WHO, at=AT)
    assert order.closing == "open"
    assert balance(item).available == 0


def test_a_copy_starts_afresh_at_todays_prices():
    item = make_item()
    order = approved_order((item, 3, 50))
    relay()
    copy = orders.copy_order(order_id=order.pk, actor=WHO, at=AT)
    assert (copy.approval, copy.number != order.number, copy.lines.get().qty) == ("draft", True, 3)
    assert copy.lines.get().price_source == "last"
    assert copy.lines.get().tax_incl_price == 50


def test_a_customer_orders_for_himself_at_given_prices(member_for):
    ours, other, item = make_customer(), make_customer(), make_item()
    buyer = actor_for(member_for("customer_buyer", party=ours))
    order = save(order_data(ours, line_input(item, 2, 1, discount_pct=Decimal(99))), actor=buyer)
    assert (order.gross_amount, order.lines.get().price_source) == (226, "item")
    with pytest.raises(NotFoundRefused):
        save(order_data(other, (item, 1)), actor=buyer)
    stranger = actor_for(member_for("customer_buyer", party=other))
    for act in (orders.submit_order, orders.void_order, orders.withdraw_order, orders.copy_order):
        with pytest.raises(NotFoundRefused):
            act(order_id=order.pk, actor=stranger, at=AT)
    with pytest.raises(Refusal):
        save(order_data(ours, (make_item(sale_price=None), 1)), actor=buyer)


def test_the_last_price_is_remembered():
    customer, item = make_customer(), make_item(sale_price=None)
    approved_order((item, 1, 88), customer=customer)
    relay()
    assert make_order((item, 1), customer=customer).lines.get().price_source == "last"


@pytest.mark.parametrize("count", [1, 30])
def test_statements_do_not_grow_with_lines(count, django_assert_max_num_queries):
    customer = make_customer(credit_limit=Decimal(10_000_000))
    items = [make_item() for _ in range(count)]
    for item in items:
        put_stock(item, 100)
    with django_assert_max_num_queries(16):
        order = make_order(*((item, 2) for item in items), customer=customer)
    with django_assert_max_num_queries(16):
        orders.approve_order(order_id=order.pk, actor=WHO, at=AT)
    lines = tuple(LineInput(item_id=line.item_id, qty=line.qty + 1, id=line.pk) for line in order.lines.all())
    with django_assert_max_num_queries(40):
        orders.amend_order(order_id=order.pk, data=AmendmentData(lines=lines), reason="+1", actor=WHO, at=AT)
    with django_assert_max_num_queries(24):
        orders.close_order(order_id=order.pk, actor=WHO, at=AT)


def test_the_impact_of_an_amendment_is_seen_before_and_nothing_stays():
    """SAL-14: 100 → 70 with 50 in stock: the suggestion shrinks from 50 to 20; the order is as before."""
    item = make_item(lead_days=5)
    put_stock(item, 50)
    order = approved_order((item, 100), customer=make_customer(credit_limit=Decimal(100_000)))
    line = order.lines.get()
    data = AmendmentData(lines=(line_input(item, 70, id=line.pk),))
    entries = AuditEntry.objects.count()
    seen = impact.preview_amendment(order_id=order.pk, data=data, actor=WHO, at=AT)
    [row] = seen.suggestions
    assert (row.qty_before, row.qty_after) == (50, 20)
    assert (seen.lines[0].open_before, seen.lines[0].open_after) == (100, 70)
    assert (seen.gross_before, seen.gross_after, seen.exposure.total) == (11_300, 7_910, 7_910)
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.qty, order.revision, AuditEntry.objects.count()) == (100, 0, entries)
    assert Suggestion.objects.get().qty == 50
    wrong = AmendmentData(lines=(line_input(item, -1, id=line.pk),))
    with pytest.raises(Refusal):
        impact.preview_amendment(order_id=order.pk, data=wrong, actor=WHO, at=AT)


def test_a_rejected_order_goes_back_to_its_author(member_for):
    customer = make_customer()
    buyer = actor_for(member_for("customer_buyer", party=customer))
    order = save(order_data(customer, (make_item(), 1)), actor=buyer)
    orders.submit_order(order_id=order.pk, actor=buyer, at=AT)
    with pytest.raises(Refusal):
        orders.reject_order(order_id=order.pk, reason="", actor=WHO, at=AT)
    rejected = orders.reject_order(order_id=order.pk, reason="停产", actor=WHO, at=AT)
    assert rejected.approval == "rejected"
    told = Notification.objects.get(member_id=buyer.member_id)
    assert (told.kind, told.params["reason"]) == ("sales.order_rejected", "停产")
    save(order_data(customer, (make_item(), 2)), actor=buyer, order_id=order.pk)
    assert orders.submit_order(order_id=order.pk, actor=buyer, at=AT).approval == "submitted"


def test_the_customers_salesperson_gets_the_order(member_for):
    one, other = member_for("sales_rep", name="小王"), member_for("sales_rep", name="小李")
    customer = make_customer(salesperson_id=one.pk)
    assert make_order((make_item(), 1), customer=customer, actor=actor_for(other)).salesperson_name == "小王"
    assert make_order((make_item(), 1), actor=actor_for(other)).salesperson_name == "小李"


@pytest.mark.slow
def test_three_hundred_lines(django_assert_max_num_queries):
    """P-11: a long order is approved and shipped in the same number of statements."""
    items = [make_item() for _ in range(300)]
    for item in items:
        put_stock(item, 5)
    order = make_order(*((item, 3) for item in items))
    with django_assert_max_num_queries(16):
        orders.approve_order(order_id=order.pk, actor=WHO, at=AT)
    with django_assert_max_num_queries(40):
        delivery = deliveries.ship_order(order_id=order.pk, actor=WHO, at=AT)
    assert delivery.lines.count() == 300


def test_a_price_below_the_floor_that_was_agreed_stays():
    item = make_item(min_sale_price=Decimal(100))
    seller = Actor(kind="staff", name="销售", permissions=frozenset({"sales.order.edit"}))
    order = make_order((item, 1, 90))
    line = order.lines.get()
    save(order_data(order.customer, line_input(item, 5, 90, id=line.pk)), actor=seller, order_id=order.pk)
    lower = order_data(order.customer, line_input(item, 5, 89, id=line.pk))
    with pytest.raises(Refusal):
        save(lower, actor=seller, order_id=order.pk)
