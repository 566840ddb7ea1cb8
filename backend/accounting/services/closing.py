"""Transfer of profit and loss into profit for the year, and of that into undistributed profit at the year's end.

The transfer takes whatever stands on the profit and loss accounts at the end of the month, so it may be
made monthly or once a year; made again, it reverses its former voucher first.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.accounting.models import Account, AccountBalance, AccountKind, Period, Voucher
from backend.accounting.services.vouchers import (
    SourceRef,
    VoucherLineInput,
    post_voucher,
    reverse_source,
)
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused
from backend.kernel.language import books_language
from backend.kernel.money import total

PROFIT_TRANSFER = "profit_transfer"
YEAR_END_TRANSFER = "year_end_transfer"


class CannotTransferProfit(Conflict):
    """There is nothing to transfer."""

    code = "cannot_transfer_profit"


def transfer_profit(*, period_id: UUID, actor: Actor, at: datetime) -> list[Voucher]:
    """Post the transfer at the end of a month; in December also the one into undistributed profit."""
    actor.require("accounting.period.close")
    with transaction.atomic(), books_language():
        period = Period.objects.filter(pk=period_id).first()
        if period is None:
            raise NotFoundRefused(_("There is no such period."), value=period_id)
        reverse_source(source_id=period.pk, actor=actor, at=at, date=period.end_date)
        standing = _standing(period, AccountKind.PL)
        if not standing:
            raise CannotTransferProfit(
                _("Nothing stands on the profit and loss accounts at the end of %(period)s.") % {"period": period},
                document=period.code,
            )
        vouchers = [_transfer(period, standing, actor, at)]
        if period.end_date.month == 12:
            vouchers += _transfer_year(period, actor, at)
    return vouchers


def _transfer(period: Period, standing: dict[UUID, Decimal], actor: Actor, at: datetime) -> Voucher:
    """``standing`` is debit minus credit; each account gets the opposite, 3103 the sum."""
    accounts = Account.objects.in_bulk(list(standing))
    lines = [
        _opposite(accounts[account_id], balance)
        for account_id, balance in sorted(standing.items(), key=lambda pair: accounts[pair[0]].code)
    ]
    profit = -total(standing.values())
    lines.append(VoucherLineInput(role="current_year_profit", credit=profit))
    return post_voucher(
        date=period.end_date,
        summary=_("Transfer profit and loss of %(period)s") % {"period": period},
        lines=lines,
        source=SourceRef("accounting.period", period.pk, period.code),
        rule=PROFIT_TRANSFER,
        actor=actor,
        at=at,
    )


def _opposite(account: Account, balance: Decimal) -> VoucherLineInput:
    """Income leaves on the debit side, expense on the credit side, as its sign says."""
    if account.direction == "credit":
        return VoucherLineInput(account_id=account.pk, debit=-balance)
    return VoucherLineInput(account_id=account.pk, credit=balance)


def _transfer_year(period: Period, actor: Actor, at: datetime) -> list[Voucher]:
    profit = Account.objects.get(roles__role="current_year_profit")
    balance = -_standing(period, profit.kind).get(profit.pk, Decimal(0))
    if not balance:
        return []
    lines = [
        VoucherLineInput(account_id=profit.pk, debit=balance),
        VoucherLineInput(role="retained", credit=balance),
    ]
    return [
        post_voucher(
            date=period.end_date,
            summary=_("Transfer profit of %(year)s") % {"year": period.end_date.year},
            lines=lines,
            source=SourceRef("accounting.period", period.pk, period.code),
            rule=YEAR_END_TRANSFER,
            actor=actor,
            at=at,
        )
    ]


def _standing(period: Period, kind: str) -> dict[UUID, Decimal]:
    """Debit minus credit of each account of a kind at the end of the period, where it is not zero."""
    sums = (
        AccountBalance.objects.filter(account__kind=kind, period__end_date__lte=period.end_date)
        .values_list("account_id")
        .annotate(debit=Sum("debit"), credit=Sum("credit"))
    )
    return {account_id: debit - credit for account_id, debit, credit in sums if debit != credit}
