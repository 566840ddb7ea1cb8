"""What one may do with the books."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "accounting.voucher.view": _("See vouchers and ledgers"),
    "accounting.voucher.edit": _("Key vouchers by hand"),
    "accounting.voucher.unapprove": _("Reverse vouchers keyed by hand"),
    "accounting.voucher.export": _("Export vouchers and ledgers"),
    "accounting.account.view": _("See the chart of accounts"),
    "accounting.account.edit": _("Change the chart of accounts"),
    "accounting.open_item.view": _("See receivables and payables"),
    "accounting.report.view": _("See the reports of the books"),
    "accounting.report.export": _("Export the reports of the books"),
    "accounting.period.view": _("See periods"),
    "accounting.period.close": _("Close and reopen periods"),
}
