"""The two sides of invoicing told apart in one place: what sells and what buys differ in names, not in rules."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.invoicing.models import (
    Payment,
    PaymentLine,
    PurchaseInvoice,
    PurchaseInvoiceLine,
    Receipt,
    ReceiptLine,
    SalesInvoice,
    SalesInvoiceLine,
)
from backend.kernel.errors import ValidationRefused
from backend.kernel.prepared import Prepared
from backend.parties.models import Party


@dataclass(frozen=True)
class Side:
    """Models and field names of one side. ``value_field`` holds the goods' share of cost or booked value."""

    role: str
    invoice: Any
    invoice_line: Any
    value_field: str
    money: Any
    money_line: Any

    @property
    def party_field(self) -> str:
        return f"{self.role}_id"

    def party_of(self, document: Any) -> UUID:
        found: UUID = getattr(document, self.party_field)
        return found


SALES = Side("customer", SalesInvoice, SalesInvoiceLine, "cost_amount", Receipt, ReceiptLine)
PURCHASES = Side("supplier", PurchaseInvoice, PurchaseInvoiceLine, "receipt_net", Payment, PaymentLine)


def _with_role(role: str) -> Prepared[Party]:
    return Prepared(lambda id: Party.objects.select_related(role).filter(pk=id))


_parties = {side.role: _with_role(side.role) for side in (SALES, PURCHASES)}
_locked = Prepared(lambda id: Party.objects.select_for_update(no_key=True).only("short_name", "name").filter(pk=id))


def usable_party(side: Side, party_id: UUID) -> Party:
    """The party with its role; raises ValidationRefused when it is no active customer (supplier)."""
    party = _parties[side.role].first(party_id)
    if party is None or not party.active or not getattr(party, f"is_{side.role}"):
        words = _("Choose a customer in use.") if side.role == "customer" else _("Choose a supplier in use.")
        raise ValidationRefused(words, field=side.role, value=party.name if party else party_id)
    return party


def lock_party(party_id: UUID) -> str:
    """Let approvals for one party wait for each other; rows that refer to the party are not held up. Returns its label."""
    found = _locked.first(party_id)
    return found.label if found else ""
