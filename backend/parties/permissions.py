"""What one may do with parties."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "parties.customer.view": _("See customers"),
    "parties.customer.edit": _("Change customers"),
    "parties.customer.export": _("Export customers"),
    "parties.supplier.view": _("See suppliers"),
    "parties.supplier.edit": _("Change suppliers"),
    "parties.supplier.export": _("Export suppliers"),
    "parties.credit.edit": _("Change credit limits"),
}
