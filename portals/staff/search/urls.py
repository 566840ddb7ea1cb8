"""Addresses of search."""

from django.urls import path

from portals.staff.search import views

urlpatterns = [
    path("", views.search, name="search"),
    path("customers/", views.customers, name="find_customers"),
    path("suppliers/", views.suppliers, name="find_suppliers"),
    path("carriers/", views.carriers, name="find_carriers"),
    path("items/", views.items, name="find_items"),
]
