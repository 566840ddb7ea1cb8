"""What one may do with imports. What a list is about is a right of its own: items, partners, prices,
opening stock, purchase orders."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {"imports.run.edit": _("Import lists from spreadsheets")}
