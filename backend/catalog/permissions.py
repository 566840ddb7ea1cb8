"""What one may do with the catalogue. Cost and prices are rights of their own: faces leave the fields out."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "catalog.item.view": _("See items"),
    "catalog.item.edit": _("Change items"),
    "catalog.item.export": _("Export items"),
    "catalog.price.view": _("See prices and amounts"),
    "catalog.price_list.view": _("See price lists"),
    "catalog.price_list.edit": _("Change price lists"),
    "catalog.cost.view": _("See cost and margin"),
}
