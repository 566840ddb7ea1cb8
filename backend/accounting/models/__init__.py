from backend.accounting.models.account import Account, AccountBalance, AccountRole, Period, PeriodState
from backend.accounting.models.open_item import OpenItem, OpenItemKind, SettlementMatch
from backend.accounting.models.voucher import Voucher, VoucherLine

__all__ = [
    "Account",
    "AccountBalance",
    "AccountRole",
    "OpenItem",
    "OpenItemKind",
    "Period",
    "PeriodState",
    "SettlementMatch",
    "Voucher",
    "VoucherLine",
]
