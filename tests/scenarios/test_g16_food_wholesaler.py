"""G-16: a food wholesaler's month, day by day through the services: it closes with no difference anywhere.

Lots leave first expired first; every figure of stock, of its age and of what does not move, of partners' accounts and of
what customers see is compared with a truth kept beside the product. `TROIKA_SOAK=1` runs 50 suppliers, 300 customers
and every day of the month.
"""

import os
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from backend.accounting.models import PeriodState
from backend.availability.selectors.consistency import violations
from backend.inventory.models import CostLayer, LotBalance, StockBalance
from backend.inventory.selectors.reports import slow_movers, stock_ages
from backend.posting.reconciliation import all_differences
from backend.purchasing.selectors.receipts import lines_to_invoice
from backend.sales.models import SalesOrder
from tests.factories.accounting import balance
from tests.inventory.test_cost_histories import wrong
from tests.people import client_of, make_member
from tests.scenarios.grocery.buying import Buying
from tests.scenarios.grocery.company import Size
from tests.scenarios.grocery.selling import Selling
from tests.scenarios.grocery.settling import Settling
from tests.scenarios.world import SYSTEM, books_balance, settle

SOAK = bool(os.environ.get("TROIKA_SOAK"))
pytestmark = pytest.mark.usefixtures("committed_tenant" if SOAK else "tenant")


EVERYTHING = {
    "partly confirmed",
    "price counter",
    "short",
    "damaged",
    "unannounced",
    "backdated",
    "rejected",
    "sent back",
    "replaced",
    "freight",
    "delivery taken back",
    "goods taken back",
    "broken",
    "wasted",
    "count difference",
    "disputed",
    "compared",
    "dearer invoice",
    "paid",
    "collected",
}


class Month(Buying, Selling, Settling):
    """The days, one after the other."""

    def live(self) -> Iterator[int]:
        for day in range(self.size.days):
            self.clock = self.moment(day)
            self.lots_expire()
            self.receive()
            self.inspect()
            self.sell()
            self.ship()
            self.buy()
            self.send()
            self.take_goods_back()
            self.break_something()
            if day % 3 == 1:
                self.send_goods_back()
                self.pay_freight()
                self.invoice_shops()
                self.pay()
            if day % 4 == 2:
                self.count()
                self.state()
            settle(300)
            yield day


def last_month() -> date:
    return (timezone.now().date().replace(day=1) - timedelta(days=1)).replace(day=1)


def size() -> Size:
    days = monthrange(last_month().year, last_month().month)[1]
    return Size(50, 300, 120, days, 15) if SOAK else Size(5, 12, 16, 10, 4)


@pytest.mark.slow
def test_g16_a_month_closes_with_no_difference():
    month = Month(16, size(), last_month())
    for day in month.live():
        shelf_is_true(month, day)
    month.state(last=True)
    month.invoice_shops(everything=True)
    month.state_customers()
    shelf_is_true(month, "end")
    reports_are_true(month)
    partners_accounts_are_true(month)
    customers_see_the_truth(month)
    period = month.close()
    assert period.state == PeriodState.CLOSED
    assert {name for name, times in month.did.items() if times} >= EVERYTHING, month.did
    assert all_differences() == wrong() == violations() == []
    assert books_balance()


def shelf_is_true(month: Month, day: Any) -> None:
    """Balances = moves = the truth, lot by lot; layers = stock = inventory accounts; specific costs lie with their lots."""
    assert wrong() == [], day
    assert all_differences() == [], day
    lots = {row.lot_id: row.on_hand for row in LotBalance.objects.exclude(on_hand=0)}
    assert lots == {lot.id: lot.qty for lot in month.truth.lots.values() if lot.qty}, day
    layers = (
        CostLayer.objects.filter(item__category__cost_method="specific").values_list("lot").annotate(lies=Sum("qty"))
    )
    specific = {item.pk for item in month.items if item.category.cost_method == "specific"}
    assert {lot: qty for lot, qty in layers if qty} == {
        lot.id: lot.qty for lot in month.truth.lots.values() if lot.qty and lot.item in specific
    }, day
    for row in StockBalance.objects.filter(item__in=month.items):
        assert row.on_hand == month.truth.on_hand(row.item_id), (day, row.item)


def reports_are_true(month: Month) -> None:
    """Ages lot by lot, and what does not move, on the last day and ten weeks later."""
    for later in (0, 25, 70, 200):
        today = month.today + timedelta(days=later)
        ages = {row.item_id: row.parts for row in stock_ages(today)}
        stocked = [item.pk for item in month.items if month.truth.on_hand(item.pk)]
        assert ages == {item: month.truth.ages(item, today) for item in stocked}, later
        slow = slow_movers(today, days=20, cover_days=40)
        assert {row.item_id: (row.days, row.cover) for row in slow} == month.truth.slow(today, days=20, cover_days=40)


def partners_accounts_are_true(month: Month) -> None:
    """The ledger's account of each partner is what was stated; of suppliers as far as everything is invoiced."""
    waiting = set(lines_to_invoice(SYSTEM).values_list("document__supplier", flat=True))
    for supplier in month.suppliers:
        if supplier.pk not in waiting:
            assert (
                -balance("ap_trade", supplier) - balance("supplier_advance", supplier)
                == month.truth.owed_to[supplier.pk]
            )
    for customer in month.customers:
        assert balance("ar", customer) + balance("customer_advance", customer) == month.truth.owed_by[customer.pk]


def customers_see_the_truth(month: Month) -> None:
    """Order tracking: every line shows what was shipped of it, every order is listed, none of anybody else's."""
    busiest = Counter(SalesOrder.objects.filter(approval="approved").values_list("customer", flat=True)).most_common(3)
    for customer in [next(party for party in month.customers if party.pk == pk) for pk, _orders in busiest]:
        client = client_of(make_member("customer_buyer", party=customer))
        own = SalesOrder.objects.filter(customer=customer, approval="approved")
        listing = client.get("/customer/orders/").content.decode()
        for order in own[:20]:
            assert order.number in listing
            page = client.get(f"/customer/orders/{order.number}/")
            shipped = {line.pk: line.shipped_qty for line in page.context["lines"]}
            assert shipped == {pk: month.truth.shipped[pk] for pk in shipped}
        other = SalesOrder.objects.exclude(customer=customer).first()
        assert other.number not in listing
        assert client.get(f"/customer/orders/{other.number}/").status_code == 404
