"""PUR-07: a price above the last one by more than the company tolerates needs a reason, whatever the way in."""

from decimal import Decimal as D

import pytest

from backend.catalog.inputs import PriceLineData, PriceListData
from backend.catalog.services import save_price_list
from backend.kernel.audit import timeline
from backend.purchasing.models import OrderConfirmation
from backend.purchasing.selectors.prices import recent_purchases
from backend.purchasing.services import confirmations, orders
from backend.purchasing.services.inputs import AnswerLine, LineInput, PartInput
from backend.purchasing.services.prices import (
    PriceReasonNeeded,
    first_prices,
    give_price_reasons,
    rises_of,
    tolerance,
)
from backend.workflow.parameters import set_parameter
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, day, lines_of, make_purchase_order, supplier_actor

pytestmark = pytest.mark.usefixtures("tenant")
DID = {"actor": BUYER, "at": AT}


def draft(item, price, supplier, **more):
    return make_purchase_order((item, 5, price), supplier=supplier, approve=False, **more)


def test_pur_07_more_than_ten_per_cent_above_the_last_price_needs_a_reason():
    item, supplier = make_item(), make_supplier()
    make_purchase_order((item, 5, "10.00"), supplier=supplier)
    orders.approve_order(order_id=draft(item, "11.00", supplier).pk, **DID)  # exactly ten per cent pass in silence
    dear = draft(item, "12.11", supplier)
    for way in (orders.submit_order, orders.approve_order):
        with pytest.raises(PriceReasonNeeded) as refused:
            way(order_id=dear.pk, **DID)
    assert (refused.value.line, refused.value.field, refused.value.code) == (1, "price_reason", "price_reason_needed")
    assert "10.1 % above the last price 11" in refused.value.message
    [line] = lines_of(dear)
    give_price_reasons(order_id=dear.pk, reasons={line.pk: "Pulp is dearer"}, **DID)
    orders.submit_order(order_id=dear.pk, **DID)
    orders.approve_order(order_id=dear.pk, **DID)
    assert lines_of(dear)[0].price_reason == "Pulp is dearer"
    kept = timeline(dear.pk).get(verb="approve")
    assert kept.reason == "Pulp is dearer"
    assert kept.changes["1.price"] == ["11", "12.11"]


def test_pur_07_the_last_price_is_this_suppliers_else_the_newest_of_any_with_the_same_tax():
    item, first, other = make_item(), make_supplier(), make_supplier()
    make_purchase_order((item, 5, "10.00"), supplier=first)
    elsewhere = draft(item, "11.01", other)
    assert [rise.last.party_id for rise in rises_of(elsewhere, lines_of(elsewhere))] == [first.pk]
    without_tax = draft(item, "9.70", other, price_includes_tax=False)  # 10.96 with the tax of 13 %
    assert rises_of(without_tax, lines_of(without_tax)) == []
    give_price_reasons(order_id=elsewhere.pk, reasons={lines_of(elsewhere)[0].pk: "New source"}, **DID)
    orders.approve_order(order_id=elsewhere.pk, **DID)
    dear = draft(item, "11.50", first)  # dear for this supplier, cheap beside the other
    assert len(rises_of(dear, lines_of(dear))) == 1
    set_parameter(key="purchasing.price_rise_pct", value=20, **DID)
    assert rises_of(dear, lines_of(dear)) == []


def test_pur_07_amending_and_taking_a_proposal_need_a_reason_too():
    item, supplier = make_item(), make_supplier()
    order = make_purchase_order((item, 5, "10.00"), supplier=supplier)
    [line] = lines_of(order)
    dearer = [LineInput(item.pk, D(5), price=D(12), id=line.pk)]
    with pytest.raises(PriceReasonNeeded):
        orders.amend_order(order_id=order.pk, lines=dearer, **DID)
    answer = [AnswerLine(line.pk, [PartInput(D(5), day(7), D(13))])]
    confirmations.answer_order(order_id=order.pk, lines=answer, actor=supplier_actor(supplier), at=AT)
    waiting = OrderConfirmation.objects.get(order=order, state="proposed")
    with pytest.raises(PriceReasonNeeded):
        confirmations.decide_confirmation(confirmation_id=waiting.pk, accept=True, **DID)
    confirmations.decide_confirmation(confirmation_id=waiting.pk, accept=True, reason="No other stock", **DID)
    assert [(row.price_reason, row.tax_incl_price) for row in lines_of(order)] == [("No other stock", D(13))]
    orders.amend_order(order_id=order.pk, lines=dearer, reason="Agreed by phone", **DID)
    assert lines_of(order)[0].price_reason == "Agreed by phone"


def test_pur_07_a_first_purchase_stands_beside_the_list_or_the_items_own_price(django_assert_num_queries):
    """Nothing was paid before: the agreed price counts, else the item's; it is said and blocks nothing."""
    supplier = make_supplier()
    listed, plain, bare = (
        make_item(purchase_price=D(40)),
        make_item(purchase_price=D(20)),
        make_item(purchase_price=None),
    )
    terms = PriceListData(
        name="Agreed", kind="purchase", party_id=supplier.pk, lines=(PriceLineData(listed.pk, D(30)),)
    )
    save_price_list(data=terms, **DID)
    order = make_purchase_order((listed, 5, 36), (plain, 5, 20), (bare, 5, 7), supplier=supplier, approve=False)
    lines = lines_of(order)
    with django_assert_num_queries(1):
        found = first_prices(order, lines)
    assert [(found[line.pk].asked, found[line.pk].percent, found[line.pk].source) for line in lines[:2]] == [
        (30, 20, "agreed"),
        (20, 0, "item"),
    ]
    assert [found[line.pk].over(tolerance()) for line in lines[:2]] == [True, False]
    assert lines[2].pk not in found
    assert orders.approve_order(order_id=order.pk, **DID).is_approved


def test_pur_07_looking_takes_one_statement_whatever_the_lines(django_assert_num_queries):
    items, supplier = [make_item() for _ in range(12)], make_supplier()
    make_purchase_order(*[(item, 1, 10) for item in items], supplier=supplier)
    dear = make_purchase_order(*[(item, 1, 12) for item in items], supplier=supplier, approve=False)
    lines = lines_of(dear)
    rises_of(dear, lines)  # parameters are cached now
    with django_assert_num_queries(1):
        assert len(rises_of(dear, lines)) == 12
    with django_assert_num_queries(1):
        found = recent_purchases([item.pk for item in items], before=dear)
    assert {len(rows) for rows in found.values()} == {1}
    with pytest.raises(PriceReasonNeeded) as refused:
        orders.approve_order(order_id=dear.pk, **DID)
    assert len(refused.value.problems) == 12
