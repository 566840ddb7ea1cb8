"""Rights of production."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "production.order.view": _("See production orders"),
    "production.order.edit": _("Write production orders"),
    "production.order.approve": _("Approve, take back and close production orders"),
    "production.order.export": _("Export production orders"),
    "production.material.view": _("See material in the workshop"),
    "production.material.edit": _("Write issues and returns of production material"),
    "production.material.approve": _("Book and take back issues and returns of production material"),
    "production.receipt.view": _("See product receipts"),
    "production.receipt.edit": _("Write product receipts"),
    "production.receipt.approve": _("Book and take back product receipts"),
}
