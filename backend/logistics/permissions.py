"""What one may do with shipments."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "logistics.shipment.view": _("See shipments"),
    "logistics.lane.view": _("See lanes and what carriers break"),
    "logistics.lane.edit": _("Write and suspend lanes"),
    "logistics.shipment.edit": _("Report where shipments are"),
}
