"""INV-14: what is sold in boxes leaves as pieces; cartons are weighed when they leave, and the order follows the scales."""

from decimal import Decimal as D
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.catalog.models import Unit
from backend.catalog.services.units import ItemUnitData, save_item_units
from backend.invoicing.models import SalesInvoice
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal, ValidationRefused
from backend.processes.order_to_cash import invoice_deliveries
from backend.sales.models import SalesOrder
from backend.sales.services import deliveries, quotes
from backend.sales.services.amendments import amend_order
from backend.sales.services.inputs import AmendmentData, DeliveryLineInput, LineInput, QuoteData
from backend.sales.services.orders import copy_order, save_order
from tests.factories.catalog import make_item
from tests.factories.inventory import numbers_of, refuses
from tests.factories.parties import AT, make_customer
from tests.factories.sales import approved_order, make_order, order_data, put_stock

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


def unit(code):
    return Unit.objects.get(code=code)


def in_boxes(item, qty, price=None, **more):
    return LineInput(item.pk, D(qty), None if price is None else D(price), unit_id=unit("box").pk, **more)


@pytest.fixture
def item():
    made = make_item(sale_price=D("10"))
    save_item_units(item_id=made.pk, units=[ItemUnitData(unit("box").pk, D(12))], actor=WHO, at=AT)
    return made


@pytest.fixture
def fish():
    """Kept in kg; a box holds about 12.3."""
    made = make_item(unit="kg", sale_price=D("20"))
    data = [ItemUnitData(unit("box").pk, D("12.3"), floating=True)]
    save_item_units(item_id=made.pk, units=data, actor=WHO, at=AT)
    put_stock(made, 100)
    return made


def only_line(document):
    return document.lines.get()


def test_inv_14_two_boxes_are_sold_shipped_and_invoiced(item):
    """INV-14: 2 boxes of 12 at 113 a box: 24 pcs leave, at a cost of 50 each; 226.00 are owed."""
    put_stock(item, 30)
    order = approved_order(in_boxes(item, 2, 113))
    line = only_line(order)
    assert (line.qty, line.line_qty, line.tax_incl_price, line.gross_amount) == (24, 2, D("9.416667"), 226)
    assert numbers_of(item) == (30, 24, 6)
    delivery = deliveries.ship_order(order_id=order.pk, actor=WHO, at=AT)
    shipped = only_line(delivery)
    assert (shipped.qty, shipped.line_qty, shipped.line_unit_id, shipped.cost_amount) == (24, 2, unit("box").pk, 1200)
    assert numbers_of(item) == (6, 0, 6)
    invoice = invoice_deliveries(delivery_ids=[delivery.pk], actor=WHO, at=AT)
    invoiced = only_line(SalesInvoice.objects.get(pk=invoice.pk))
    assert (invoiced.qty, invoiced.line_qty, invoiced.line_unit_id, invoiced.gross_amount) == (
        24,
        2,
        unit("box").pk,
        226,
    )


def test_units_cost_no_statement_where_nobody_uses_them(item):
    """Two statements more for an order keyed in boxes, none for one in pieces; none at all when it is shipped."""
    customer = make_customer()
    put_stock(item, 100)

    def counted(action):
        with CaptureQueriesContext(connection) as queries:
            made = action()
        return made, len(queries)

    save_order(data=order_data(customer, (item, 24, 10)), actor=WHO, at=AT)
    _order, plain = counted(lambda: save_order(data=order_data(customer, (item, 24, 10)), actor=WHO, at=AT))
    keyed = in_boxes(item, 2, 120)
    _order, boxes = counted(lambda: save_order(data=order_data(customer, keyed), actor=WHO, at=AT))
    assert boxes == plain + 2
    orders = [approved_order(line, customer=customer) for line in ((item, 12, 10), (item, 24, 10), keyed)]
    taken = [counted(partial(deliveries.ship_order, order_id=one.pk, actor=WHO, at=AT))[1] for one in orders]
    assert taken[1] == taken[2]


def test_a_part_delivery_counts_in_proportion(item):
    put_stock(item, 18)
    order = approved_order(in_boxes(item, 2))
    assert only_line(order).gross_amount == 240
    delivery = deliveries.ship_order(order_id=order.pk, actor=WHO, at=AT)
    assert (only_line(delivery).qty, only_line(delivery).line_qty) == (18, D("1.5"))
    with refuses(Refusal, "always 12"):
        deliveries.create_delivery_from_order(
            order_id=order.pk, lines=[DeliveryLineInput(only_line(order).pk, D(6), unit_qty=D(1))], actor=WHO, at=AT
        )


def test_the_unit_goes_along_from_quotation_to_order_and_copy(item):
    data = QuoteData(customer_id=make_customer().pk, requested_date=AT.date(), lines=(in_boxes(item, 3, 100),))
    quote = quotes.save_quote(data=data, actor=WHO, at=AT)
    assert (only_line(quote).qty, only_line(quote).line_qty) == (36, 3)
    order = quotes.order_from_quote(quote_id=quote.pk, actor=WHO, at=AT)
    assert (only_line(order).qty, only_line(order).line_qty, only_line(order).gross_amount) == (36, 3, 300)
    copied = copy_order(order_id=order.pk, actor=WHO, at=AT)
    assert (only_line(copied).line_qty, only_line(copied).gross_amount) == (3, 360)


def test_an_amendment_keeps_or_changes_the_unit(item):
    order = approved_order(in_boxes(item, 2, 120))
    line = only_line(order)
    more = AmendmentData(lines=(in_boxes(item, 3, id=line.pk),))
    amend_order(order_id=order.pk, data=more, reason="more", actor=WHO, at=AT)
    line.refresh_from_db()
    assert (line.qty, line.line_qty, line.gross_amount) == (36, 3, 360)
    less = AmendmentData(lines=(LineInput(item.pk, D(30), id=line.pk),))
    amend_order(order_id=order.pk, data=less, reason="less", actor=WHO, at=AT)
    line.refresh_from_db()
    assert (line.qty, line.line_unit_id, line.line_qty, line.gross_amount) == (30, None, None, 300)


@pytest.mark.parametrize(("weighed", "left"), [("24.1", "75.9"), ("25.2", "74.8")])
def test_inv_14_cartons_are_weighed_when_they_leave(fish, weighed, left):
    """INV-14, floating: 2 boxes of about 12.3 kg weigh 24.1 (or 25.2) kg; so much is owed, and nothing stays open."""
    order = approved_order(in_boxes(fish, 2))
    line = only_line(order)
    assert (line.qty, line.gross_amount) == (D("24.6"), 492)
    given = [DeliveryLineInput(line.pk, D(weighed), unit_qty=D(2))]
    delivery = deliveries.ship_order(order_id=order.pk, lines=given, actor=WHO, at=AT)
    assert (only_line(delivery).qty, only_line(delivery).line_qty) == (D(weighed), 2)
    assert only_line(delivery).gross_amount == D(weighed) * 20
    order = SalesOrder.objects.get(pk=order.pk)
    line = only_line(order)
    assert (line.qty, line.line_qty, line.shipped_qty, order.gross_amount) == (
        D(weighed),
        2,
        D(weighed),
        D(weighed) * 20,
    )
    assert (order.closing, order.revision, order.shipped) == ("auto_closed", 1, "full")
    assert numbers_of(fish) == (D(left), 0, D(left))


def test_boxes_left_are_expected_at_what_a_box_holds(fish):
    """2 boxes of 24.6 kg: one weighs 12.5, so 24.8 are ordered; the other weighs 12.0, so it was 24.5."""
    order = approved_order(in_boxes(fish, 2))
    pk = only_line(order).pk
    for weight, total in (("12.5", "24.8"), ("12", "24.5")):
        given = [DeliveryLineInput(pk, D(weight), unit_qty=D(1))]
        deliveries.ship_order(order_id=order.pk, lines=given, actor=WHO, at=AT)
        assert only_line(order).qty == D(total)
    assert SalesOrder.objects.get(pk=order.pk).closing == "auto_closed"


def test_no_more_boxes_leave_than_are_ordered(fish):
    order = approved_order(in_boxes(fish, 2))
    given = [DeliveryLineInput(only_line(order).pk, D(37), unit_qty=D(3))]
    with refuses(Refusal, "only 24.6"):
        deliveries.create_delivery_from_order(order_id=order.pk, lines=given, actor=WHO, at=AT)


def test_other_units_are_refused(item):
    with refuses(ValidationRefused, "not counted"):
        make_order(LineInput(item.pk, D(2), unit_id=unit("kg").pk))
