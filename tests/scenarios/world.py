"""A trading company with its people, for stories: every step goes through the services that the faces call.

Codes are the same in every company, so that two companies side by side show whether anything leaks.
"""

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from backend.access import services as access
from backend.access.models import Member
from backend.accounting.models import AccountBalance, OpenItem
from backend.availability.models import DemandLine, Suggestion
from backend.availability.selectors import promises_of_document
from backend.catalog.inputs import ItemData
from backend.catalog.models import Item
from backend.catalog.services import save_item
from backend.inventory.models import StockBalance, Warehouse
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.kernel import clock, tenancy
from backend.kernel.actor import Actor
from backend.kernel.outbox.models import OutboxDelivery
from backend.kernel.outbox.relay import relay
from backend.parties.inputs import CarrierData, ContactData, CustomerData, PartyData, SupplierData
from backend.parties.models import Party
from backend.parties.services import save_party
from backend.sales.models import SalesOrder, SalesOrderLine
from backend.sales.services import orders as sales_orders
from backend.sales.services.inputs import LineInput as SalesLine
from backend.sales.services.inputs import OrderData as SalesOrderData
from tenants.models import Identity
from tests.people import make_member

SYSTEM = Actor.system("Story")


def D(value: Any) -> Decimal:  # noqa: N802 - reads like a literal
    return Decimal(str(value))


@dataclass
class World:
    """Who and what there is. The partners' people may be known to several companies."""

    at: datetime = field(default_factory=timezone.now)

    def __post_init__(self) -> None:
        chinese = tenancy.current().language.startswith("zh")
        self.names = (
            ("华东印务有限公司", "兴业纸业有限公司", "顺达物流")
            if chinese
            else ("Harbour Print Ltd", "Northern Paper Mill", "Swift Freight")
        )
        self.warehouse = Warehouse.objects.get(is_default=True)
        self.rep = self.person("sales_rep", channel="phone")
        self.buyer = self.person("buyer")
        self.keeper = self.person("warehouse_lead")
        self.accountant = self.person("finance_manager")
        self.customer = self._party("A-01", self.names[0], customer=CustomerData(salesperson_id=self.rep.member_id))
        self.supplier = self._party(
            "S-01",
            self.names[1],
            supplier=SupplierData(lead_days=5, transport_days=2, buyer_id=self.buyer.member_id),
            contacts=(ContactData(name="Li", email="orders@mill.example", is_primary=True),),
        )
        self.carrier = self._party("L-01", self.names[2], carrier=CarrierData(days=1))
        self.supplier_person = self.person("supplier_admin", party=self.supplier, email="li@mill.example")
        self.customer_person = self.person("customer_buyer", party=self.customer, email="a@print.example")

    def person(self, role: str, *, party: Party | None = None, channel: str = "web", email: str = "") -> Actor:
        """A member with a role, as an actor. An address that is known already is the same person."""
        known = Identity.objects.filter(email=email).first() if email else None
        member = self._known_person(known, role, party) if known else make_member(role, party=party, email=email)
        return access.actor_for(Member.objects.get(pk=member.pk), channel="portal" if party else channel)

    def _known_person(self, identity: Identity, role: str, party: Party | None) -> Member:
        return access.create_member(
            identity_id=identity.pk,
            kind=role.split("_")[0] if party else "staff",
            name=role,
            email=identity.email,
            role_codes=[role],
            party_id=party.pk if party else None,
            language=tenancy.current().language,
            actor=SYSTEM,
            at=self.at,
        )

    def _party(self, code: str, name: str, **roles: Any) -> Party:
        return save_party(actor=SYSTEM, at=self.at, data=PartyData(code=code, name=name, **roles))

    def item(self, code: str, name: str, *, stock: Any = 0, cost: Any = 100, **values: Any) -> Item:
        """An item bought from the supplier, with opening stock booked."""
        values = {"sale_price": D("169.50"), "purchase_price": D("113"), "supplier_id": self.supplier.pk} | values
        item = save_item(actor=SYSTEM, at=self.at, data=ItemData(code=code, name=name, **values))
        if stock:
            lot = {"lot_no": "OPEN-1"} if item.lot_tracked else {}
            document = save_opening_stock(
                doc_date=self.today,
                warehouse_id=self.warehouse.pk,
                lines=[OpeningLineInput(item.pk, D(stock), unit_cost=D(cost), **lot)],
                actor=self.accountant,
                at=self.at,
            )
            approve_opening_stock(document_id=document.pk, actor=self.accountant, at=self.at)
        return item

    @property
    def today(self) -> date:
        return clock.day_of(self.at)

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def order(self, item: Item, qty: Any, *, wanted: int = 3, approve: bool = True) -> SalesOrder:
        """The customer orders by the rep's phone."""
        order = sales_orders.save_order(
            data=SalesOrderData(
                customer_id=self.customer.pk, requested_date=self.day(wanted), lines=(SalesLine(item.pk, D(qty)),)
            ),
            actor=self.rep,
            at=self.at,
        )
        return sales_orders.approve_order(order_id=order.pk, actor=self.rep, at=self.at) if approve else order


# --- what can be seen --------------------------------------------------------------------------
def line_of(order: Any) -> SalesOrderLine:
    return SalesOrderLine.objects.get(document=order)


def demand_of(order: Any) -> DemandLine:
    return DemandLine.objects.select_related("promise").get(ref_id=order.pk)


def promised(order: Any) -> list[tuple[int, date | None]]:
    """(quantity, date) of what is still to be shipped."""
    [view] = promises_of_document(order.pk).values()
    return [(int(part.qty), part.date) for part in view.parts]


def live_suggestion(item: Item) -> Suggestion:
    return Suggestion.objects.exclude(state="accepted").get(item=item)


def settle(seconds: float = 10) -> None:
    """Let everything happen that happens after a commit; another company's worker may be doing some of it.

    ``seconds``: how long nothing at all may happen while something waits.
    """
    waiting = OutboxDelivery.objects.filter(schema=tenancy.schema_name(), done_at=None)
    deadline = time.monotonic() + seconds
    while waiting.exists():
        if relay():
            deadline = time.monotonic() + seconds
        else:
            time.sleep(0.02)
        failed = waiting.exclude(last_error="").first()
        if failed is not None or time.monotonic() > deadline:
            raise AssertionError(f"{failed.handler}: {failed.last_error}" if failed else "The outbox does not drain.")


def ledger(role: str) -> Decimal:
    """Debit less credit of the account that plays a role."""
    rows = AccountBalance.objects.filter(account__roles__role=role)
    return sum((row.debit - row.credit for row in rows), D(0))


def books_balance() -> bool:
    """All debits equal all credits."""
    rows = list(AccountBalance.objects.all())
    return bool(rows) and sum((row.debit - row.credit for row in rows), D(0)) == 0


def stock_value() -> Decimal:
    return sum((row.value for row in StockBalance.objects.all()), D(0))


def open_amount(kind: str, party: Party) -> Decimal:
    return sum((row.open_amount for row in OpenItem.objects.filter(kind=kind, party=party)), D(0))
