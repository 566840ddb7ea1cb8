"""What one may do with stock."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "inventory.stock.view": _("See stock"),
    "inventory.stock.export": _("Export stock"),
    "inventory.opening_stock.view": _("See opening stock"),
    "inventory.opening_stock.edit": _("Write opening stock"),
    "inventory.opening_stock.approve": _("Book opening stock"),
    "inventory.opening_stock.unapprove": _("Take back booked opening stock"),
    "inventory.lot.view": _("See lots"),
    "inventory.lot.edit": _("Hold, release and scrap lots"),
    "inventory.warehouse.view": _("See warehouses"),
    "inventory.warehouse.edit": _("Change warehouses"),
}
