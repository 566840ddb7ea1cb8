"""Orders in another currency on pages: what they come to at home, another rate, and where figures of goods come from."""

from decimal import Decimal as D
from typing import Any

from backend.parties.models import CustomerRole, Party
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import receipts
from backend.purchasing.services.inputs import ReceiptLineInput
from backend.sales.models import SalesOrder
from backend.sales.services import deliveries
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_customer, make_supplier
from tests.factories.purchasing import BUYER, lines_of, make_purchase_order, receive
from tests.factories.sales import approved_order, put_stock
from tests.people import make_member


def test_a_purchase_order_its_rate_and_its_goods(tenant: Any, client_for: Any) -> None:
    """PUR-01: 100 at 10 dollars and 7.1 are 7,100.00 CNY; an amendment sets another rate, the receipt says what it is in."""
    supplier = make_supplier()
    Party.objects.filter(pk=supplier.pk).update(currency="USD")
    order = make_purchase_order((make_item(), 100, 10), supplier=supplier, exchange_rate=D("7.1"))
    member = make_member("owner")
    owner, page = client_for(member), f"/purchasing/orders/{order.number}/"
    shown = owner.get(page).content.decode()
    assert "1 USD = 7.1 CNY" in shown
    assert "7,100.00" in shown
    form = owner.get(f"{page}amend/").content.decode()
    assert 'value="7.1' in form
    [line] = lines_of(order)
    keyed = {
        "version": order.version,
        "price_includes_tax": "1",
        "reason": "rate of the day",
        "exchange_rate": "7.2",
        "lines-0-id": str(line.pk),
        "lines-0-item_id": str(line.item_id),
        "lines-0-item_id_code": line.item.code,
        "lines-0-qty": "100",
    }
    amended = owner.post(f"{page}amend/", keyed)
    assert amended.status_code == 302, amended.content.decode()
    assert "1 USD = 7.2 CNY" in owner.get(page).content.decode()
    Caller.of(member).post(f"purchasing/orders/{order.number}/amendment/", {"reason": "x", "exchange_rate": "7.3"})
    order.refresh_from_db()
    assert (order.exchange_rate, order.revision) == (D("7.3"), 0), "no revision: the supplier is not asked"
    receipt = receipts.receive_order(order_id=order.pk, lines=[ReceiptLineInput(line.pk, D(100))], actor=BUYER, at=AT)
    there = owner.get(f"/purchasing/receipts/{receipt.number}/").content.decode()
    assert "7,300.00" in there
    assert "USD" in there


def test_orders_of_our_own_currency_say_nothing_of_rates(tenant: Any, client_for: Any) -> None:
    order = make_purchase_order((make_item(), 1))
    receipt = receive(order, 1)
    owner = client_for(make_member("owner"))
    for page in (f"orders/{order.number}/", f"orders/{order.number}/amend/", f"receipts/{receipt.number}/"):
        shown = owner.get(f"/purchasing/{page}").content.decode()
        assert "exchange_rate" not in shown
        assert "CNY" not in shown


def test_a_sales_order_its_rate_and_its_goods(tenant: Any, client_for: Any) -> None:
    """SAL-01: 100 at 10 dollars and 7.1 are 7,100.00 CNY; an amendment sets another rate, the delivery says what it is in."""
    item, customer = make_item(), make_customer()
    put_stock(item, 100)
    Party.objects.filter(pk=customer.pk).update(currency="USD")
    order = approved_order((item, 100, 10), customer=customer, exchange_rate=D("7.1"))
    owner, page = client_for(make_member("owner")), f"/sales/orders/{order.number}/"
    shown = owner.get(page).content.decode()
    assert "1 USD = 7.1 CNY" in shown
    assert "7,100.00" in shown
    assert 'value="7.1' in owner.get(f"{page}amend/").content.decode()
    line = order.lines.get()
    keyed = {
        "version": order.version,
        "price_includes_tax": "1",
        "customer": customer.pk,
        "requested_date": order.requested_date.isoformat(),
        "reason": "rate of the day",
        "exchange_rate": "7.2",
        "lines-0-id": str(line.pk),
        "lines-0-item_id": str(item.pk),
        "lines-0-item_id_code": item.code,
        "lines-0-qty": "100",
    }
    assert owner.post(f"{page}amend/", keyed).status_code == 302
    delivery = deliveries.ship_order(order_id=order.pk, actor=BUYER, at=AT)
    there = owner.get(f"/sales/deliveries/{delivery.number}/").content.decode()
    assert "7,200.00" in there
    assert "USD" in there


def test_lists_add_up_in_our_own_currency(tenant: Any, client_for: Any) -> None:
    """1,000 dollars at 7.1 and 11.30 yuan are 7,111.30, of orders and of their lines; what the order says stands below."""
    supplier = make_supplier()
    Party.objects.filter(pk=supplier.pk).update(currency="USD")
    make_purchase_order((make_item(), 100, 10), supplier=supplier, exchange_rate=D("7.1"))
    make_purchase_order((make_item(), 1))
    customer, item = make_customer(), make_item()
    Party.objects.filter(pk=customer.pk).update(currency="USD")
    put_stock(item, 100)
    foreign = approved_order((item, 100, 10), customer=customer, exchange_rate=D("7.1"))
    assert foreign.currency == "USD"
    owner = client_for(make_member("owner"))
    for page in ("/purchasing/orders/", "/purchasing/orders/?by=lines", "/sales/orders/"):
        shown = owner.get(page).content.decode()
        assert "USD 1,000.00" in shown, page
        assert "7,100.00" in shown, page
        assert ("7,111.30" in shown) == page.startswith("/purchasing"), page


def test_an_amount_without_its_rate_is_never_one_of_ours(tenant: Any, client_for: Any) -> None:
    """FIN-14, PUR-03: 1,000 dollars that lack their rate are on no page 1,000.00 yuan; the pages say that it is missing."""
    supplier, customer, item = make_supplier(), make_customer(), make_item()
    Party.objects.filter(pk__in=(supplier.pk, customer.pk)).update(currency="USD")
    CustomerRole.objects.filter(party=customer).update(credit_limit=D(90000))
    terms: dict[str, Any] = {"exchange_rate": D("7.1"), "price_includes_tax": False}
    bought = make_purchase_order((item, 100, 10), supplier=supplier, **terms)
    sold = approved_order((item, 100, 10), customer=customer, **terms)
    owner, ahead = client_for(make_member("owner")), "/purchasing/invoices/new/"
    gross, net = ("8,023.00", "1,130.00"), ("7,100.00", "1,000.00")
    customers = f"/customers/{customer.pk}/"
    pages = {
        customers: gross,
        f"/suppliers/{supplier.pk}/": net,
        ahead: gross,
        f"{ahead}?supplier={supplier.pk}": gross,
    }
    for page, (home, said) in pages.items():
        shown = owner.get(page).content.decode()
        assert home in shown, page
        assert (said in shown) == (page == customers), "its list of orders says what they say"
    PurchaseOrder.objects.filter(pk=bought.pk).update(exchange_rate=None)
    SalesOrder.objects.filter(pk=sold.pk).update(exchange_rate=None)
    for page, (home, said) in pages.items():
        shown = owner.get(page).content.decode()
        assert home not in shown, page
        assert shown.count(said) == (page == customers), page
        assert bought.number in shown or supplier.name in shown or page == customers, page
    assert "另有 1 张订单缺汇率" in owner.get(customers).content.decode()
    assert "缺汇率的订单未计入" in owner.get(f"/sales/orders/{sold.number}/").content.decode()
