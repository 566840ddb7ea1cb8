"""What one may do with invoices, money and statements."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "invoicing.sales_invoice.view": _("See sales invoices"),
    "invoicing.sales_invoice.edit": _("Change sales invoices"),
    "invoicing.sales_invoice.approve": _("Approve sales invoices"),
    "invoicing.sales_invoice.unapprove": _("Take back sales invoices"),
    "invoicing.sales_invoice.export": _("Export sales invoices"),
    "invoicing.purchase_invoice.view": _("See purchase invoices"),
    "invoicing.purchase_invoice.edit": _("Change purchase invoices"),
    "invoicing.purchase_invoice.approve": _("Approve purchase invoices"),
    "invoicing.purchase_invoice.accept_difference": _("Accept purchase invoices that differ from order or receipt"),
    "invoicing.purchase_invoice.unapprove": _("Take back purchase invoices"),
    "invoicing.purchase_invoice.export": _("Export purchase invoices"),
    "invoicing.receipt.view": _("See money received"),
    "invoicing.receipt.edit": _("Change money received"),
    "invoicing.receipt.approve": _("Approve money received"),
    "invoicing.receipt.unapprove": _("Take back money received"),
    "invoicing.receipt.export": _("Export money received"),
    "invoicing.payment.view": _("See payments"),
    "invoicing.payment.edit": _("Change payments"),
    "invoicing.payment.approve": _("Approve payments"),
    "invoicing.payment.unapprove": _("Take back payments"),
    "invoicing.payment.export": _("Export payments"),
    "invoicing.statement.view": _("See statements"),
    "invoicing.statement.edit": _("Prepare, send and sign statements"),
    "invoicing.fund_account.view": _("See bank accounts and cash boxes"),
    "invoicing.fund_account.edit": _("Change bank accounts and cash boxes"),
}
