"""Addresses of money received."""

from django.urls import path

from portals.staff.receipts import views
from portals.staff.receipts.tables import ReceiptList

urlpatterns = [
    path("", ReceiptList.as_view(), name="receipt_list"),
    path("new/", views.receipt_new, name="receipt_new"),
    path("<str:number>/", views.receipt_detail, name="receipt_detail"),
    path("<str:number>/edit/", views.receipt_edit, name="receipt_edit"),
    path("<str:number>/approval/", views.receipt_approve, name="receipt_approval"),
    path("<str:number>/approval/undo/", views.receipt_unapprove, name="receipt_unapproval"),
    path("<str:number>/void/", views.receipt_void, name="receipt_voiding"),
    path("<str:number>/matching/", views.receipt_matching, name="receipt_matching"),
]
