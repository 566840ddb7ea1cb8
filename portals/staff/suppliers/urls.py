"""Addresses of suppliers."""

from django.urls import path

from portals.staff.suppliers import views
from portals.staff.suppliers.tables import SupplierList

urlpatterns = [
    path("", SupplierList.as_view(), name="supplier_list"),
    path("new/", views.supplier_new, name="supplier_new"),
    path("<uuid:pk>/", views.supplier_detail, name="supplier_detail"),
    path("<uuid:pk>/edit/", views.supplier_edit, name="supplier_edit"),
    path("<uuid:pk>/invitations/", views.supplier_invite, name="supplier_invite"),
    path("<uuid:pk>/invitations/<uuid:invitation>/revoke/", views.supplier_uninvite, name="supplier_uninvite"),
    path("<uuid:pk>/members/<uuid:member>/off/", views.supplier_member_off, name="supplier_member_off"),
]
