"""A food wholesaler: its goods of every costing method, kept by lots with expiry dates, its suppliers and customers."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from backend.catalog.inputs import ItemData
from backend.catalog.models import Item, ItemCategory
from backend.catalog.services import save_item
from backend.inventory.models import Lot
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.methods import set_cost_method
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.kernel.actor import Actor
from backend.kernel.tenancy import time_zone
from backend.parties.inputs import CustomerData, PartyData, SupplierData
from backend.parties.models import Party
from backend.parties.services import save_party
from tests.scenarios.grocery.truth import Truth
from tests.scenarios.world import SYSTEM, D, World

METHODS = ("moving_avg", "fifo", "month_avg", "specific")
GOODS = ("大米", "面粉", "食用油", "酱油", "牛奶", "酸奶", "果汁", "饼干", "火腿", "奶酪")


@dataclass(frozen=True)
class Size:
    """How large the company is and how much happens on a day."""

    suppliers: int
    customers: int
    items: int
    days: int
    sales: int


class Grocer:
    """The company on the eve of the month; ``truth`` is what must be true of it."""

    def __init__(self, seed: int, size: Size, month: date) -> None:
        self.random, self.size, self.month = random.Random(seed), size, month
        self.truth = Truth()
        self.did: Counter[str] = Counter()
        self.turns: Counter[str] = Counter()
        self.clock = self.moment(0)
        self.world = World(at=self.clock)
        self.suppliers = [self._supplier(number) for number in range(size.suppliers)]
        self.customers = [self._customer(number) for number in range(size.customers)]
        categories = [self._category(method) for method in METHODS]
        self.items = [self._item(number, categories[number % len(categories)]) for number in range(size.items)]
        self.price = {item.pk: D(self.random.randint(300, 4000)) / 100 for item in self.items}
        self.lot_serial = 0
        self._open()

    # --- time and people -----------------------------------------------------------------------
    def moment(self, day: int) -> datetime:
        """Eight in the morning of a day of the month; day 0 is its first."""
        first = datetime(self.month.year, self.month.month, self.month.day, 8, tzinfo=time_zone())
        return first + timedelta(days=day)

    def tick(self) -> datetime:
        """A minute later."""
        self.clock += timedelta(seconds=20)
        return self.clock

    @property
    def today(self) -> date:
        return self.clock.date()

    def by(self, who: str) -> dict[str, Any]:
        """By one of our people, now."""
        return {"actor": getattr(self.world, who), "at": self.tick()}

    def by_supplier(self, party_id: Any) -> dict[str, Any]:
        return {"actor": Actor(kind="supplier", name="李经理", party_id=party_id, channel="portal"), "at": self.tick()}

    def by_customer(self, party_id: Any) -> dict[str, Any]:
        return {"actor": Actor(kind="customer", name="王店长", party_id=party_id, channel="portal"), "at": self.tick()}

    def turn(self, what: str, ways: int) -> int:
        """The ways in which something happens, one after the other: rare ones happen in a short month too."""
        self.turns[what] += 1
        return (self.turns[what] - 1) % ways

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    # --- what there is -------------------------------------------------------------------------
    def _supplier(self, number: int) -> Party:
        lead = self.random.randint(1, 4)
        data = SupplierData(lead_days=lead, transport_days=1, buyer_id=self.world.buyer.member_id)
        return save_party(
            actor=SYSTEM, at=self.clock, data=PartyData(code=f"V-{number:03d}", name=f"食品厂{number}", supplier=data)
        )

    def _customer(self, number: int) -> Party:
        data = CustomerData(payment_days=15, salesperson_id=self.world.rep.member_id)
        return save_party(
            actor=SYSTEM, at=self.clock, data=PartyData(code=f"K-{number:03d}", name=f"便利店{number}", customer=data)
        )

    def _category(self, method: str) -> ItemCategory:
        made = ItemCategory.objects.create(code=f"food-{method}", name=f"食品 {method}")
        set_cost_method(category_id=made.pk, cost_method=method, actor=SYSTEM, at=self.clock)
        return made

    def _item(self, number: int, category: ItemCategory) -> Item:
        data = ItemData(
            code=f"F-{number:03d}",
            name=f"{GOODS[number % len(GOODS)]} {number}",
            category_id=category.pk,
            lot_tracked=True,
            expiry_tracked=True,
            inspection="full" if number % 5 == 0 else "none",
            supplier_id=self.suppliers[number % len(self.suppliers)].pk,
        )
        return save_item(actor=SYSTEM, at=self.clock, data=data)

    def new_lot_no(self) -> str:
        self.lot_serial += 1
        return f"L{self.lot_serial:05d}"

    def expiry(self) -> date:
        """Fresh goods expire within the month, others later."""
        return self.today + timedelta(days=self.random.choice([4, 8, 12, 20, 30, 60, 90]))

    def _open(self) -> None:
        """Opening stock of nine items in ten."""
        lines = [
            OpeningLineInput(
                item.pk,
                D(self.random.randint(10, 60)),
                unit_cost=self.price[item.pk],
                lot_no=self.new_lot_no(),
                expiry_date=self.expiry(),
            )
            for item in self.items
            if self.chance(90)
        ]
        document = save_opening_stock(
            doc_date=self.today, warehouse_id=self.world.warehouse.pk, lines=lines, **self.by("accountant")
        )
        approve_opening_stock(document_id=document.pk, **self.by("accountant"))
        lots = {lot.lot_no: lot for lot in Lot.objects.all()}
        for line in lines:
            self.truth.came(lots[line.lot_no], line.qty, self.today)

    def about(self, price: Decimal, percent: int) -> Decimal:
        """A price a few per cent off."""
        return round(price * (100 + self.random.randint(-percent, percent)) / 100, 2)
