"""Reads of the books that areas above need without knowing the tables."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from backend.accounting.models import Account, AccountRole, OpenItem, Period, Voucher
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import ZERO
from backend.kernel.prepared import Prepared

_NUMBERED = re.compile(r"[0-9]{6}-[0-9]{1,9}")


def vouchers() -> QuerySet[Voucher]:
    """Vouchers, newest first."""
    return Voucher.objects.select_related("reverses", "reversed_by").order_by("-voucher_date", "-id")


def voucher_by_number(number: str) -> Voucher:
    """The voucher ``记-202611-0007`` with its lines; raises NotFoundRefused."""
    word, _dash, rest = number.partition("-")
    month, _dash, serial = rest.partition("-")
    found = None
    if _NUMBERED.fullmatch(rest):
        found = (
            vouchers()
            .filter(word=word, period__code=f"{month[:4]}-{month[4:]}", serial=int(serial))
            .prefetch_related("lines__account", "lines__party", "lines__item")
            .first()
        )
    if found is None:
        raise NotFoundRefused(_("There is no voucher %(number)s.") % {"number": number}, value=number)
    return found


def vouchers_of(source_id: UUID) -> QuerySet[Voucher]:
    """The vouchers of a business document, oldest first."""
    return Voucher.objects.filter(source_id=source_id).prefetch_related("lines__account").order_by("id")


def accounts(*, leaves_only: bool = False, by_hand: bool = False) -> QuerySet[Account]:
    """The chart by code; ``by_hand`` leaves out what documents keep."""
    found = Account.objects.order_by("code")
    if leaves_only or by_hand:
        found = found.filter(is_leaf=True, active=True)
    return found.filter(control="") if by_hand else found


def account_ids(roles: Iterable[str]) -> dict[str, UUID]:
    """The account of each role that the chart knows."""
    return dict(AccountRole.objects.filter(role__in=list(roles)).values_list("role", "account_id"))


def has_input_vat() -> bool:
    """Whether VAT on purchases may be deducted: small-scale taxpayers have no account for it."""
    return bool(_input_vat())


_input_vat = Prepared(lambda: AccountRole.objects.filter(role="vat_input").only("pk")[:1])


def input_vat() -> Exists:
    """``has_input_vat`` as a part of another query."""
    return Exists(AccountRole.objects.filter(role="vat_input"))


def periods() -> QuerySet[Period]:
    """The months of the books, newest first."""
    return Period.objects.order_by("-start_date")


def period_of(day: date) -> Period | None:
    """The month of a day, if the books have it."""
    return Period.objects.filter(start_date__lte=day, end_date__gte=day).first()


def open_items(*, kind: str, party_id: UUID | None = None) -> QuerySet[OpenItem]:
    """What is open, oldest due first."""
    found = OpenItem.objects.filter(kind=kind).exclude(open_amount=0).order_by("due_date", "id")
    return found.filter(party_id=party_id) if party_id else found


def party_balance(*, kind: str, party_id: UUID) -> Decimal:
    """What is open with a party; advances count against it. One statement."""
    found = OpenItem.objects.filter(kind=kind, party_id=party_id).exclude(open_amount=0)
    return found.aggregate(total=Coalesce(Sum("open_amount"), ZERO))["total"]
