"""Rights of purchasing, for staff and for the supplier's people."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "purchasing.order.view": _("See purchase orders"),
    "purchasing.order.edit": _("Write purchase orders"),
    "purchasing.order.approve": _("Approve purchase orders"),
    "purchasing.order.unapprove": _("Take back approved purchase orders"),
    "purchasing.order.export": _("Export purchase orders"),
    "purchasing.supplier.override": _("Order from a suspended supplier, with a reason"),
    "purchasing.suggestion.view": _("See purchase suggestions"),
    "purchasing.suggestion.edit": _("Accept, snooze and dismiss purchase suggestions"),
    "purchasing.asn.view": _("See shipping notices"),
    "purchasing.asn.edit": _("Write shipping notices for a supplier"),
    "purchasing.receipt.view": _("See purchase receipts"),
    "purchasing.receipt.edit": _("Write purchase receipts"),
    "purchasing.receipt.approve": _("Book purchase receipts"),
    "purchasing.receipt.unapprove": _("Take back booked purchase receipts"),
    "purchasing.receipt.export": _("Export purchase receipts"),
    "purchasing.inspection.view": _("See incoming inspections"),
    "purchasing.inspection.decide": _("Decide incoming inspections"),
    "purchasing.inspection.export": _("Export incoming inspections"),
    "purchasing.return.view": _("See purchase returns"),
    "purchasing.return.edit": _("Write purchase returns"),
    "purchasing.return.approve": _("Book purchase returns"),
    "purchasing.return.unapprove": _("Take back booked purchase returns"),
    "purchasing.return.export": _("Export purchase returns"),
}
