from backend.accounting.models.account import (
    Account,
    AccountBalance,
    AccountKind,
    AccountRole,
    Control,
    Period,
    PeriodState,
)
from backend.accounting.models.open_item import OpenItem, OpenItemKind, SettlementMatch
from backend.accounting.models.voucher import Voucher, VoucherLine

__all__ = [
    "Account",
    "AccountBalance",
    "AccountKind",
    "AccountRole",
    "Control",
    "OpenItem",
    "OpenItemKind",
    "Period",
    "PeriodState",
    "SettlementMatch",
    "Voucher",
    "VoucherLine",
]
