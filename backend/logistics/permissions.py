"""What one may do with shipments."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "logistics.shipment.view": _("See shipments"),
    "logistics.shipment.edit": _("Report where shipments are"),
}
