"""Parties, items and vouchers for tests of the books."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from backend.accounting.models import Account, AccountBalance, Voucher
from backend.accounting.services.vouchers import SourceRef, VoucherLineInput, post_voucher
from backend.catalog.models import Item, ItemCategory, TaxCode, Unit
from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from backend.parties.models import CustomerRole, Party, SupplierRole

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 21)
_serial = count(1)


def D(value: Any) -> Decimal:  # noqa: N802 - reads like a literal
    """A decimal from text."""
    return Decimal(str(value))


def make_party(name: str = "", *, customer: bool = False, supplier: bool = False, days: int = 30) -> Party:
    """A party; a customer when nothing is said."""
    number = next(_serial)
    customer = customer or not supplier
    party = Party.objects.create(
        code=f"P{number:05d}-{uuid7().hex[-6:]}",
        name=name or f"Party {number}",
        is_customer=customer,
        is_supplier=supplier,
        created_at=AT,
        updated_at=AT,
    )
    if customer:
        CustomerRole.objects.create(party=party, payment_days=days)
    if supplier:
        SupplierRole.objects.create(party=party, payment_days=days)
    return party


def make_item(name: str = "", *, category: str = "goods", tax: str = "VAT13", service: bool = False) -> Item:
    """An item of a seeded category."""
    number = next(_serial)
    return Item.objects.create(
        code=f"I{number:05d}-{uuid7().hex[-6:]}",
        name=name or f"Item {number}",
        category=ItemCategory.objects.get(code=category),
        item_type="service" if service else "goods",
        unit=Unit.objects.get(code="pcs"),
        tax_code=TaxCode.objects.get(code=tax),
        created_at=AT,
        updated_at=AT,
    )


def post(*lines: tuple[str, Any, Any] | tuple[str, Any, Any, UUID], day: date = DAY, **more: Any) -> Voucher:
    """Post (role, debit, credit[, party]) lines for a made-up document."""
    source = more.pop("source", SourceRef("test.document", uuid7(), f"T-{next(_serial)}"))
    return post_voucher(
        date=day,
        summary=more.pop("summary", "Test"),
        lines=[
            VoucherLineInput(
                role=line[0], debit=D(line[1]), credit=D(line[2]), party_id=line[3] if len(line) > 3 else None
            )
            for line in lines
        ],
        source=source,
        rule=more.pop("rule", "test"),
        actor=more.pop("actor", Actor.system()),
        at=more.pop("at", AT),
    )


def balance(role: str, party: Party | None = None) -> Decimal:
    """Debit minus credit of the account that plays a role, of one party when given."""
    rows = AccountBalance.objects.filter(account__roles__role=role)
    if party is not None:
        rows = rows.filter(party=party)
    return sum((row.debit - row.credit for row in rows), Decimal(0))


def account(role: str) -> Account:
    """The account that plays a role."""
    return Account.objects.get(roles__role=role)
