"""Addresses of customers."""

from django.urls import path

from portals.staff.customers import views
from portals.staff.customers.tables import CustomerList

urlpatterns = [
    path("", CustomerList.as_view(), name="customer_list"),
    path("new/", views.customer_new, name="customer_new"),
    path("<uuid:pk>/", views.customer_detail, name="customer_detail"),
    path("<uuid:pk>/edit/", views.customer_edit, name="customer_edit"),
    path("<uuid:pk>/invitations/", views.customer_invite, name="customer_invite"),
    path("<uuid:pk>/invitations/<uuid:invitation>/revoke/", views.customer_uninvite, name="customer_uninvite"),
    path("<uuid:pk>/members/<uuid:member>/off/", views.customer_member_off, name="customer_member_off"),
]
