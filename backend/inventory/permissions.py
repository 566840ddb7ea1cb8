"""What one may do with stock."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "inventory.stock.view": _("See stock"),
    "inventory.stock.export": _("Export stock"),
    "inventory.opening_stock.view": _("See opening stock"),
    "inventory.opening_stock.edit": _("Write opening stock"),
    "inventory.opening_stock.approve": _("Book opening stock"),
    "inventory.opening_stock.unapprove": _("Take back booked opening stock"),
    "inventory.other.view": _("See other receipts and issues"),
    "inventory.other.edit": _("Write other receipts and issues"),
    "inventory.other.approve": _("Book other receipts and issues"),
    "inventory.other.unapprove": _("Take back booked other receipts and issues"),
    "inventory.transfer.view": _("See transfers"),
    "inventory.transfer.edit": _("Write transfers"),
    "inventory.transfer.approve": _("Ship transfers"),
    "inventory.transfer.receive": _("Receive transfers"),
    "inventory.transfer.unapprove": _("Take back shipped and received transfers"),
    "inventory.cost.view": _("See landed costs, cost adjustments and what stock is worth"),
    "inventory.cost.edit": _("Write landed costs and cost adjustments"),
    "inventory.cost.approve": _("Book landed costs and cost adjustments"),
    "inventory.cost.unapprove": _("Take back booked landed costs and cost adjustments"),
    "inventory.cost.run": _("Run the costing of a month"),
    "inventory.cost.method": _("Choose the costing method of a category"),
    "inventory.cost.export": _("Export costs"),
    "inventory.lot.view": _("See lots"),
    "inventory.lot.edit": _("Hold, release and scrap lots"),
    "inventory.warehouse.view": _("See warehouses"),
    "inventory.warehouse.edit": _("Change warehouses"),
}
