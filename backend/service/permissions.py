"""What one may do in service."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "service.ticket.view": _("See tickets"),
    "service.ticket.edit": _("Open and answer tickets"),
    "service.ticket.export": _("Export tickets"),
}
