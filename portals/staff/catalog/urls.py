"""Addresses of items and price lists."""

from django.urls import path

from portals.staff.catalog import unit_views, views
from portals.staff.catalog.supply_views import item_supply
from portals.staff.catalog.tables import ItemList, PriceListList

urlpatterns = [
    path("", ItemList.as_view(), name="item_list"),
    path("new/", views.item_new, name="item_new"),
    path("pick/", views.item_pick, name="item_pick"),
    path("prices/", PriceListList.as_view(), name="price_list_list"),
    path("prices/new/", views.price_list_new, name="price_list_new"),
    path("prices/partners/", views.price_list_parties, name="price_list_parties"),
    path("prices/<uuid:pk>/", views.price_list_detail, name="price_list_detail"),
    path("prices/<uuid:pk>/edit/", views.price_list_edit, name="price_list_edit"),
    path("<uuid:pk>/", views.item_detail, name="item_detail"),
    path("<uuid:pk>/units/", unit_views.item_units, name="item_units"),
    path("<uuid:pk>/edit/", views.item_edit, name="item_edit"),
    path("<uuid:pk>/supply/", item_supply, name="item_supply"),
]
