"""Addresses of items and price lists."""

from django.urls import path

from portals.staff.catalog import attribute_views, item_forms, item_pages, price_list_views, style_views, unit_views
from portals.staff.catalog.supply_views import item_supply
from portals.staff.catalog.tables import ItemList, PriceListList

urlpatterns = [
    path("", ItemList.as_view(), name="item_list"),
    path("new/", item_forms.item_new, name="item_new"),
    path("pick/", item_pages.item_pick, name="item_pick"),
    path("names/", item_pages.item_names, name="item_names"),
    path("prices/", PriceListList.as_view(), name="price_list_list"),
    path("prices/new/", price_list_views.price_list_new, name="price_list_new"),
    path("prices/partners/", price_list_views.price_list_parties, name="price_list_parties"),
    path("prices/<uuid:pk>/", price_list_views.price_list_detail, name="price_list_detail"),
    path("prices/<uuid:pk>/edit/", price_list_views.price_list_edit, name="price_list_edit"),
    path("styles/", style_views.StyleList.as_view(), name="style_list"),
    path("styles/new/", style_views.style_new, name="style_new"),
    path("styles/pick/", style_views.style_pick, name="style_pick"),
    path("styles/stock/", style_views.style_stock, name="style_stock"),
    path("styles/<uuid:pk>/", style_views.style_detail, name="style_detail"),
    path("styles/<uuid:pk>/edit/", style_views.style_edit, name="style_edit"),
    path("styles/<uuid:pk>/matrix/", style_views.style_matrix, name="style_matrix"),
    path("styles/<uuid:pk>/variants/", style_views.style_variants, name="style_variants"),
    path("attributes/", attribute_views.AttributeList.as_view(), name="attribute_list"),
    path("attributes/new/", attribute_views.attribute_new, name="attribute_new"),
    path("attributes/<uuid:pk>/", attribute_views.attribute_edit, name="attribute_edit"),
    path("<uuid:pk>/", item_pages.item_detail, name="item_detail"),
    path("<uuid:pk>/labels/", item_pages.item_label, name="item_labels"),
    path("<uuid:pk>/units/", unit_views.item_units, name="item_units"),
    path("<uuid:pk>/edit/", item_forms.item_edit, name="item_edit"),
    path("<uuid:pk>/supply/", item_supply, name="item_supply"),
]
