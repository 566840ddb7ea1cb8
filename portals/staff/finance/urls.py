"""Addresses of the finance area of the staff face."""

from django.urls import path

from portals.staff.finance import payment_views as payments
from portals.staff.finance import period_views as periods
from portals.staff.finance import report_views as reports
from portals.staff.finance import voucher_partners
from portals.staff.finance import voucher_views as vouchers
from portals.staff.finance.netting_pages import NETTINGS, NettingList
from portals.staff.finance.payment_prints import payment_print
from portals.staff.finance.payment_tables import PaymentList
from portals.staff.finance.refund_pages import REFUNDS, RefundList
from portals.staff.finance.transfer_pages import DEBT_TRANSFERS, DebtTransferList

_payment, _voucher, _period = "payments/<str:number>", "vouchers/<str:number>", "periods/<str:code>"

urlpatterns = [
    path("payments/", PaymentList.as_view(), name="payment_list"),
    path("payments/new/", payments.payment_new, name="payment_new"),
    path(f"{_payment}/", payments.payment_detail, name="payment_detail"),
    path(f"{_payment}/edit/", payments.payment_edit, name="payment_edit"),
    path(f"{_payment}/print/", payment_print, name="payment_print"),
    path(f"{_payment}/approval/", payments.payment_approve, name="payment_approval"),
    path(f"{_payment}/approval/undo/", payments.payment_unapprove, name="payment_unapproval"),
    path(f"{_payment}/void/", payments.payment_void, name="payment_voiding"),
    path(f"{_payment}/matching/", payments.payment_matching, name="payment_matching"),
    *NETTINGS.patterns("nettings", NettingList),
    *REFUNDS.patterns("refunds", RefundList),
    *DEBT_TRANSFERS.patterns("debt-transfers", DebtTransferList),
    # vouchers
    path("vouchers/", vouchers.VoucherList.as_view(), name="voucher_list"),
    path("vouchers/new/", vouchers.voucher_new, name="voucher_new"),
    path("vouchers/accounts/", vouchers.account_pick, name="account_pick"),
    path("vouchers/partners/", voucher_partners.partner_pick, name="voucher_partner_pick"),
    path("vouchers/recalculate/", vouchers.voucher_recalculate, name="voucher_recalculate"),
    path(f"{_voucher}/", vouchers.voucher_detail, name="voucher_detail"),
    path(f"{_voucher}/reversal/", vouchers.voucher_reverse, name="voucher_reversal"),
    path(f"{_voucher}/print/", vouchers.voucher_print, name="voucher_print"),
    # reports
    path("trial-balance/", reports.trial_balance, name="trial_balance"),
    path("ledger/", reports.general_ledger, name="general_ledger"),
    path("balance-sheet/", reports.balance_sheet, name="balance_sheet"),
    path("income-statement/", reports.income_statement, name="income_statement"),
    path("ageing/", reports.ageing_report, name="ageing"),
    # periods
    path("periods/", periods.period_list, name="period_list"),
    path(f"{_period}/", periods.period_detail, name="period_detail"),
    path(f"{_period}/closing/", periods.period_close, name="period_closing"),
    path(f"{_period}/closing/undo/", periods.period_reopen, name="period_reopening"),
    path(f"{_period}/transfer/", periods.period_transfer, name="period_transfer"),
]
