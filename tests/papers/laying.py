"""A company with a document of every type in several states, for tests that try every address.

`sell` and `buy` lay the papers of one partner, so that two customers and two suppliers of a company, and two companies, have
the same kinds of papers. Every name carries `mark`, a word that occurs nowhere else.
"""

from dataclasses import dataclass
from typing import Any

from backend.catalog.models import Item
from backend.invoicing.models import FundAccount
from backend.invoicing.services import money, netting, refunds
from backend.invoicing.services import transfers as debts
from backend.kernel.actor import Actor
from backend.parties.inputs import CustomerData, PartyData, SupplierData
from backend.parties.models import Party
from backend.parties.services import save_party
from tests.papers.buying import agree, buy, need, qualify, source
from tests.papers.company import lanes_of, masters
from tests.papers.partners import Partner
from tests.papers.selling import order_of, sell
from tests.people import owner_actor
from tests.scenarios.world import SYSTEM, D, World, settle


@dataclass
class Papers:
    """What there is."""

    world: World
    owner: Actor
    item: Item
    customers: list[Partner]
    suppliers: list[Partner]


def lay(mark: str, *, partners: int = 1) -> Papers:
    """All papers in the active company."""
    world = World()
    owner = owner_actor()
    item = world.item("PAPER-A4", f"{mark} paper", stock=1000, cost=D("77.31"))
    scarce = world.item("SCARCE", f"{mark} scarce", stock=5)
    customers = [Partner(*_customer(world, mark, number)) for number in range(partners)]
    suppliers = [Partner(*_supplier(world, mark, number)) for number in range(partners)]
    for customer in customers:
        sell(world, customer, item, mark)
    for supplier in suppliers:
        buy(world, supplier, item, mark)
        source(world, supplier, item, mark)
        need(world, supplier, item, mark)
        agree(world, supplier, item, mark)
        qualify(world, supplier, mark)
    order_of(world, customers[0].party, scarce, 30)
    masters(world, owner, item, mark)
    lanes_of(world, mark)
    clear(world, customers[0], suppliers[0])
    settle(60)
    return Papers(world, owner, item, customers, suppliers)


def _customer(world: World, mark: str, number: int) -> tuple[Party, Actor]:
    data = PartyData(
        code=f"KD-{number}",
        name=f"{mark} buyer {number}",
        customer=CustomerData(salesperson_id=world.rep.member_id),
    )
    party = save_party(actor=SYSTEM, at=world.at, data=data)
    return party, world.person("customer_buyer", party=party)


def _supplier(world: World, mark: str, number: int) -> tuple[Party, Actor]:
    data = PartyData(code=f"GY-{number}", name=f"{mark} mill {number}", supplier=SupplierData(lead_days=5))
    party = save_party(actor=SYSTEM, at=world.at, data=data)
    return party, world.person("supplier_admin", party=party)


def clear(world: World, customer: Partner, supplier: Partner) -> None:
    """Receivables against payables, debts that another customer took over, refunds: drafts and booked ones."""
    who: Any = {"actor": world.accountant, "at": world.at}
    heir = save_party(actor=SYSTEM, at=world.at, data=PartyData(name="Heir", customer=CustomerData()))
    fund = FundAccount.objects.get(code="BANK")
    advance = money.save_receipt(data=money.MoneyData(customer.party.pk, fund.pk, world.today, D(30)), **who)
    money.approve_receipt(receipt_id=customer.keep(advance).pk, **who)
    for approve in (False, True):
        data = netting.NettingData(customer.party.pk, supplier.party.pk, world.today, amount=D(5))
        set_off = netting.save_netting(data=data, **who)
        move = debts.DebtTransferData("customer", customer.party.pk, heir.pk, world.today, amount=D(1))
        debt = debts.save_transfer(data=move, **who)
        wish = refunds.RefundData("customer", customer.party.pk, fund.pk, world.today, D(6))
        back = refunds.save_refund(data=wish, **who)
        if approve:
            netting.approve_netting(netting_id=set_off.pk, **who)
            refunds.approve_refund(refund_id=back.pk, **who)
            debts.approve_transfer(transfer_id=debt.pk, **who)
