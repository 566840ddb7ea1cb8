"""Parties: one row for one legal person, with roles, terms, contacts and addresses."""

from decimal import Decimal

import pytest

from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, PermissionRefused, Refusal, StaleVersion
from backend.kernel.models import AuditEntry
from backend.parties import selectors
from backend.parties.models import Party
from backend.parties.services import (
    AddressData,
    ContactData,
    CustomerData,
    PartyData,
    SupplierData,
    save_party,
)
from tests.factories.parties import AT, make_customer, make_supplier

pytestmark = pytest.mark.usefixtures("tenant")
CODE = "91110000600037341L"


def save(data, **more):
    return save_party(actor=more.pop("actor", Actor.system()), at=AT, data=data, **more)


def test_a_new_customer_gets_code_pinyin_and_terms():
    party = save(
        PartyData(name="北京好纸商贸有限公司", tax_id=CODE.lower(), customer=CustomerData(credit_limit=Decimal(5)))
    )
    assert party.code == "KH00001"
    assert party.mnemonic.startswith("BJHZSM")
    assert party.sort_key.startswith("bei jing hao zhi")
    assert party.tax_id == CODE
    assert Party.objects.select_related("customer").get(pk=party.pk).customer.credit_limit == 5


def test_a_second_party_with_the_same_tax_id_is_refused_naming_the_first():
    first = save(PartyData(name="一号", tax_id=CODE, customer=CustomerData()))
    with pytest.raises(Refusal) as refused:
        save(PartyData(name="二号", tax_id=CODE, supplier=SupplierData()))
    assert "一号" in refused.value.message
    assert refused.value.document == first.code
    assert refused.value.problems[0].links[0].number == str(first.pk)


@pytest.mark.parametrize("wrong", ["91110000600037342L", "9111000060003734L", "911100006000373411"])
def test_a_wrong_tax_id_is_refused(wrong):
    with pytest.raises(Refusal) as refused:
        save(PartyData(name="错号", tax_id=wrong, customer=CustomerData()))
    assert refused.value.problems[0].field == "tax_id"


def test_every_problem_is_named_at_once():
    with pytest.raises(Refusal) as refused:
        save(PartyData(name=" ", email="no-mail"))
    assert {problem.field for problem in refused.value.problems} == {"name", "roles", "email"}


def test_contacts_and_addresses_are_replaced_and_one_is_first():
    party = save(
        PartyData(
            name="甲",
            customer=CustomerData(),
            contacts=(ContactData(name="张三"), ContactData(name="李四", is_primary=True)),
            addresses=(AddressData(street="一路 1 号"),),
        )
    )
    zhang = party.contacts.get(name="张三")
    save(
        PartyData(name="甲", customer=CustomerData(), contacts=(ContactData(name="张三丰", id=zhang.pk),)),
        party_id=party.pk,
    )
    assert [(c.pk, c.name, c.is_primary) for c in party.contacts.all()] == [(zhang.pk, "张三丰", True)]
    assert party.addresses.get().is_default


def test_the_first_contact_and_address_stand_first_whatever_was_written_last():
    """A row that is written lies behind the others on the disk; people and exports see the order that was meant."""
    contacts = tuple(ContactData(name=name, is_primary=name == "乙") for name in ("甲", "乙", "丙"))
    addresses = tuple(AddressData(street=street, is_default=street == "二") for street in ("一", "二"))
    party = save(PartyData(name="多人公司", customer=CustomerData(), contacts=contacts, addresses=addresses))
    for rows in (party.contacts, party.addresses):
        rows.order_by("id").first().save()
    shown = selectors.party_whole(party.pk)
    assert [row.name for row in shown.contacts.all()] == ["乙", "甲", "丙"]
    assert [row.street for row in shown.addresses.all()] == ["二", "一"]


def test_two_people_do_not_overwrite_each_other():
    party = make_customer("甲")
    save(PartyData(name="乙", customer=CustomerData()), party_id=party.pk, version=1)
    with pytest.raises(StaleVersion):
        save(PartyData(name="丙", customer=CustomerData()), party_id=party.pk, version=1)


def test_the_credit_limit_needs_a_right_of_its_own():
    party = make_customer("甲", credit_limit=Decimal(1000))
    seller = Actor(kind="staff", name="销售", permissions=frozenset({"parties.customer.edit"}))
    save(PartyData(name="乙", customer=CustomerData(credit_limit=Decimal("1000.00"))), party_id=party.pk, actor=seller)
    with pytest.raises(PermissionRefused):
        save(PartyData(name="乙", customer=CustomerData(credit_limit=Decimal(2000))), party_id=party.pk, actor=seller)


def test_the_trail_shows_old_and_new():
    party = make_supplier("甲厂", lead_days=5)
    save(PartyData(name="甲厂", supplier=SupplierData(lead_days=9)), party_id=party.pk)
    entry = AuditEntry.objects.filter(subject_id=party.pk).latest("id")
    assert entry.changes == {"supplier.lead_days": ["5", "9"]}


def test_a_role_that_ends_keeps_its_terms():
    party = make_customer("甲", payment_days=45)
    save(PartyData(name="甲", supplier=SupplierData()), party_id=party.pk)
    party.refresh_from_db()
    assert (party.is_customer, party.is_supplier) == (False, True)
    assert party.customer.payment_days == 45


def test_search_finds_by_initials_and_puts_the_best_first():
    make_customer("大好纸业")
    exact = make_customer("好纸")
    make_supplier("好纸供应")
    found = selectors.search_parties("hz", "customer")
    assert [party.name for party in found] == ["好纸", "大好纸业"]
    assert selectors.search_parties(exact.code)[0] == exact


def test_saving_takes_a_fixed_number_of_statements(django_assert_max_num_queries):
    contacts = tuple(ContactData(name=f"联系人{n}") for n in range(20))
    with django_assert_max_num_queries(12):
        save(PartyData(name="甲", customer=CustomerData(), contacts=contacts))


def test_twin_codes_are_refused():
    make_customer("甲")
    with pytest.raises(Refusal) as refused:
        save(PartyData(name="乙", code=Party.objects.get(name="甲").code, customer=CustomerData()))
    assert isinstance(refused.value.problems[0], Conflict)
