"""Sales orders in another currency: what leaves, its invoice and the credit are in the company's own, at the order's rate.

By hand: 10 at 100 dollars without tax at 7.10 are 7 100.00, VAT of 13 % 923.00, together 8 023.00.
"""

from decimal import Decimal as D
from typing import Any

import pytest

from backend.accounting.models import OpenItem
from backend.invoicing.services import sales_invoices
from backend.kernel.actor import Actor
from backend.kernel.currency import RateMissing
from backend.kernel.errors import Refusal
from backend.parties.models import Party
from backend.processes.order_to_cash import invoice_deliveries
from backend.sales.models import SalesOrder
from backend.sales.services import consignments, credit, deliveries, orders
from backend.sales.services.inputs import AmendmentData, ConsignmentLineInput
from tests.factories.catalog import make_item, make_price_list
from tests.factories.parties import AT, make_customer
from tests.factories.returns import take_back
from tests.factories.sales import approved_order, default_warehouse, line_input, make_order, put_stock
from tests.posting.test_sources import lines_of

pytestmark = pytest.mark.usefixtures("tenant")
BY: dict[str, Any] = {"actor": Actor.system(), "at": AT}
DOLLARS: dict[str, Any] = {"price_includes_tax": False, "exchange_rate": D("7.1")}
HOME = ("CNY", D(7100), D(923), D(8023))


@pytest.fixture
def item() -> Any:
    made = make_item()
    put_stock(made, 100)
    return made


def customer_abroad(**terms: Any) -> Party:
    made = make_customer(**terms)
    made.currency = "USD"
    made.save()
    return made


def ship(order: SalesOrder, qty: Any = None) -> Any:
    lines = None
    if qty is not None:
        lines = [deliveries.DeliveryLineInput(order_line_id=order.lines.get().pk, qty=D(qty))]
    return deliveries.ship_order(order_id=order.pk, lines=lines, **BY)


def sums(document: Any) -> tuple[str, D, D, D]:
    return document.currency, document.net_amount, document.tax_amount, document.gross_amount


def amend(order: SalesOrder, rate: str) -> None:
    line = order.lines.get()
    data = AmendmentData(lines=(line_input(line.item, line.qty, id=line.pk),), exchange_rate=D(rate))
    orders.amend_order(order_id=order.pk, data=data, reason="rate of the day", **BY)


def test_what_leaves_and_its_invoice_are_in_our_own_currency(item: Any) -> None:
    """SAL-01: the delivery, the revenue and the receivable say 7 100.00; 3 of 10 that come back say 2 130.00."""
    order = approved_order((item, 10, 100), customer=customer_abroad(), **DOLLARS)
    assert sums(order) == ("USD", D(1000), D(130), D(1130))
    delivery = ship(order)
    assert sums(delivery) == HOME
    invoice = invoice_deliveries(delivery_ids=[delivery.pk], **BY)
    sales_invoices.approve_invoice(invoice_id=invoice.pk, **BY)
    assert sums(invoice) == HOME
    assert lines_of(invoice) == {"ar": 8023, "revenue": -7100, "vat_output": -923}
    assert OpenItem.objects.get().open_amount == D(8023)
    assert sums(take_back(delivery, 3)) == ("CNY", D(2130), D("276.90"), D("2406.90"))


def test_credit_counts_orders_at_their_rate(item: Any) -> None:
    """FIN-14: 8 023.00 fit into 16 000.00, 16 046.00 do not; what has left counts no more as ordered."""
    customer = customer_abroad(credit_limit=D(16000))
    order = approved_order((item, 10, 100), customer=customer, **DOLLARS)
    exposure = credit.exposure_of(customer.pk)
    assert (exposure.open_orders, exposure.not_invoiced) == (D(8023), 0)
    held = approved_order((item, 10, 100), customer=customer, **DOLLARS)
    held.refresh_from_db()
    assert (held.approval, held.credit_state) == ("submitted", "credit_hold")
    assert "16,046.00" in held.credit_note
    ship(order, 5)
    exposure = credit.exposure_of(customer.pk)
    assert (exposure.open_orders, exposure.not_invoiced) == (D("4011.50"), D("4011.50"))
    with pytest.raises(Refusal):
        amend(order, "30")  # what is left of it would come to 16 950.00


def test_credit_never_counts_dollars_as_yuan(item: Any) -> None:
    """FIN-14: of an order without a rate nobody knows the worth; it counts for nothing and is said to be there."""
    customer = customer_abroad(credit_limit=D(16000))
    unrated = approved_order((item, 10, 100), (item, 1, 100), customer=customer, **DOLLARS)
    SalesOrder.objects.filter(pk=unrated.pk).update(exchange_rate=None)
    approved_order((item, 10, 100), customer=customer, **DOLLARS)
    exposure = credit.exposure_of(customer.pk)
    assert (exposure.open_orders, exposure.total, exposure.unrated) == (D(8023), D(8023), 1)
    assert (exposure.left, exposure.is_known) == (D(7977), False)
    unrated.refresh_from_db()
    assert not credit.exposure_of(customer.pk, order=unrated, amount=None).is_known
    assert credit.exposure_of(customer.pk, order=unrated).is_known, "the others have their rates"


def test_nothing_leaves_without_a_rate_and_another_holds_for_the_rest(item: Any) -> None:
    draft = make_order((item, 10, 100), customer=customer_abroad(), price_includes_tax=False)
    with pytest.raises(RateMissing) as refused:
        orders.approve_order(order_id=draft.pk, **BY)
    assert (refused.value.field, refused.value.document) == ("exchange_rate", draft.number)
    order = approved_order((item, 10, 100), customer=customer_abroad(), **DOLLARS)
    SalesOrder.objects.filter(pk=order.pk).update(exchange_rate=None)
    with pytest.raises(RateMissing):
        ship(order)
    amend(order, "7.1")
    first = ship(order, 5)
    amend(order, "7.2")
    second = ship(order, 5)
    first.refresh_from_db()
    assert (first.net_amount, second.net_amount) == (D(3550), D(3600))


def test_the_floor_is_ours_too() -> None:
    """A floor of 700.00 is kept by 100 dollars at 7.1 and not by 98."""
    seller = Actor(kind="staff", name="Seller")
    item = make_item(min_sale_price=D(700))
    customer = customer_abroad()
    keyed: dict[str, Any] = {"customer": customer, "actor": seller, "exchange_rate": D("7.1")}
    make_order((item, 1, 100), **keyed)
    with pytest.raises(Refusal) as refused:
        make_order((item, 1, 98), **keyed)
    assert refused.value.problems[0].code == "below_floor_price"


def test_an_agents_settlement_takes_no_price_of_another_currency(item: Any) -> None:
    agent = customer_abroad()
    make_price_list((item, 100), party_id=agent.pk, currency="USD")
    line = ConsignmentLineInput(item.pk, D(1))
    with pytest.raises(Refusal) as refused:
        consignments.save_consignment(
            kind="sold",
            customer_id=agent.pk,
            warehouse_id=default_warehouse().pk,
            doc_date=AT.date(),
            lines=[line],
            **BY,
        )
    assert refused.value.problems[0].field == "price"
