"""Partners, items, price lists and opening stock of the sample company."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from backend.catalog.inputs import ItemData, PriceLineData, PriceListData
from backend.catalog.models import Item, Unit
from backend.catalog.services import save_item, save_price_list
from backend.inventory.models import Warehouse
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.parties.inputs import AddressData, ContactData, CustomerData, PartyData, SupplierData
from backend.parties.models import Party
from backend.parties.services import save_party
from tenants.demo import story
from tenants.demo.story import SampleItem, SamplePartner


@dataclass
class Stage:
    """What was laid, by the story's keys, and who acts: a role without a person of its own is played by the owner."""

    language: str
    at: datetime
    actors: Mapping[str, Actor]
    parties: dict[str, Party] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        return self.actors.get(role) or self.actors["owner"]

    def supplier_actor(self) -> Actor:
        """The supplier's person, or for a company without portal users somebody who stands for it."""
        party = self.parties["paper"]
        return self.actors.get("supplier") or Actor(
            kind="supplier",
            name=story.SUPPLIER_PERSON[2].of(self.language),
            party_id=party.pk,
            channel="portal",
            permissions=frozenset({"*"}),
        )


def lay_masters(stage: Stage) -> None:
    """Partners, items, prices, opening stock."""
    for partner in story.SUPPLIERS:
        stage.parties[partner.key] = _supplier(stage, partner)
    for partner in story.CUSTOMERS:
        stage.parties[partner.key] = _customer(stage, partner)
    units = dict(Unit.objects.values_list("code", "pk"))
    for sample in story.ITEMS:
        stage.items[sample.key] = _item(stage, sample, units[sample.unit])
    _price_lists(stage)
    _opening_stock(stage)


def _party_data(stage: Stage, partner: SamplePartner, **role: object) -> PartyData:
    word = stage.language
    contact = ContactData(name=partner.contact.of(word), phone=partner.phone, is_primary=True)
    address = AddressData(
        street=partner.street.of(word),
        city=partner.city.of(word),
        contact_name=partner.contact.of(word),
        contact_phone=partner.phone,
        is_default=True,
    )
    return PartyData(
        name=partner.name.of(word),
        short_name=partner.short.of(word),
        language=stage.language,
        phone=partner.phone,
        contacts=(contact,),
        addresses=(address,),
        **role,  # type: ignore[arg-type]
    )


def _supplier(stage: Stage, partner: SamplePartner) -> Party:
    role = SupplierData(
        lead_days=partner.lead_days, transport_days=partner.transport_days, payment_days=partner.payment_days
    )
    return save_party(actor=stage.actor("owner"), at=stage.at, data=_party_data(stage, partner, supplier=role))


def _customer(stage: Stage, partner: SamplePartner) -> Party:
    role = CustomerData(
        level=partner.level,
        credit_limit=partner.credit,
        payment_days=partner.payment_days,
        salesperson_id=stage.actor("sales").member_id,
    )
    return save_party(actor=stage.actor("owner"), at=stage.at, data=_party_data(stage, partner, customer=role))


def _item(stage: Stage, sample: SampleItem, unit_id: UUID) -> Item:
    data = ItemData(
        name=sample.name.of(stage.language),
        spec=sample.spec.of(stage.language),
        unit_id=unit_id,
        supplier_id=stage.parties[sample.supplier].pk,
        pack_qty=Decimal(sample.pack),
        min_order_qty=Decimal(sample.minimum),
        safety_stock=Decimal(sample.safety),
        lot_tracked=sample.lots,
        expiry_tracked=sample.key == "water",
        shelf_life_days=365 if sample.key == "water" else None,
        sale_price=Decimal(sample.sale),
        purchase_price=Decimal(sample.purchase),
    )
    return save_item(actor=stage.actor("owner"), at=stage.at, data=data)


def _price_lists(stage: Stage) -> None:
    """An agreement with one customer, and what the paper mill asks."""
    agreed = (("a4", "158.00"), ("a3", "178.00"), ("pen", "19.80"))
    name = story.Word("文澜教育 协议价", "Wenlan agreement").of(stage.language)
    data = PriceListData(
        name=name,
        kind="sales",
        party_id=stage.parties["wenlan"].pk,
        lines=tuple(PriceLineData(stage.items[key].pk, Decimal(price)) for key, price in agreed),
    )
    save_price_list(actor=stage.actor("owner"), at=stage.at, data=data)
    bought = [sample for sample in story.ITEMS if sample.supplier == "paper"]
    name = story.Word("恒信纸业 采购价", "Evergood purchase prices").of(stage.language)
    data = PriceListData(
        name=name,
        kind="purchase",
        party_id=stage.parties["paper"].pk,
        lines=tuple(PriceLineData(stage.items[sample.key].pk, Decimal(sample.purchase)) for sample in bought),
    )
    save_price_list(actor=stage.actor("owner"), at=stage.at, data=data)


def _opening_stock(stage: Stage) -> None:
    warehouse, today = Warehouse.objects.get(is_default=True), clock.day_of(stage.at)
    without_tax = Decimal("1.13")
    lines = [
        OpeningLineInput(
            item_id=stage.items[sample.key].pk,
            qty=Decimal(sample.opening),
            unit_cost=(Decimal(sample.purchase) / without_tax).quantize(Decimal("0.000001")),
            lot_no=f"{today:%y%m}01" if sample.lots else "",
            expiry_date=today + timedelta(days=300) if sample.key == "water" else None,
        )
        for sample in story.ITEMS
    ]
    document = save_opening_stock(
        doc_date=today, warehouse_id=warehouse.pk, lines=lines, actor=stage.actor("warehouse"), at=stage.at
    )
    approve_opening_stock(document_id=document.pk, actor=stage.actor("warehouse"), at=stage.at)
