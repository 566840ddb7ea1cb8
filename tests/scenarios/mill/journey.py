"""Who takes part in the journey, and what comes of it step by step."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from backend.access.models import Member
from backend.kernel.actor import Actor
from backend.parties.models import Party, SupplierRole
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, Rfq
from backend.purchasing.services.inputs import RfqData, RfqLineInput
from tests.factories.parties import make_supplier
from tests.people import client_of
from tests.scenarios.world import D, World

USCC = "91440300708461136T"


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@dataclass
class Journey:
    """Who takes part; what comes of it is added step by step."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.item = self.world.item("PAPER-80", "Paper 80 g", lot_tracked=True, inspection="full")
        self.others = [self.world.supplier, make_supplier("Third mill"), make_supplier("Fourth mill")]
        self.people = [self.world.supplier_person]
        self.people += [self.world.person("supplier_admin", party=party) for party in self.others[1:]]
        self.supplier: Party
        self.person: Actor
        self.rfq: Rfq
        self.order: PurchaseOrder
        self.other_order: PurchaseOrder

    def ago(self, days: float) -> datetime:
        return self.world.at - timedelta(days=days)

    def buying(self, days: float) -> dict[str, Any]:
        """By the buyer, so many days ago."""
        return {"actor": self.world.buyer, "at": self.ago(days)}

    def supplying(self, days: float = 0) -> dict[str, Any]:
        return {"actor": self.person, "at": self.ago(days)}

    @property
    def line(self) -> PurchaseOrderLine:
        return PurchaseOrderLine.objects.get(document=self.order)

    @property
    def state(self) -> str:
        return SupplierRole.objects.get(pk=self.supplier.pk).state


def portal_of(person: Actor) -> Client:
    return client_of(Member.objects.get(pk=person.member_id))


def request_of(story: Journey) -> RfqData:
    asked = [story.supplier.pk, *(party.pk for party in story.others)]
    return RfqData("Paper", story.ago(2), [RfqLineInput(story.item.pk, D(250), story.world.day(5))], asked)
