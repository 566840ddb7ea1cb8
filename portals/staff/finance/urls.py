"""Addresses of the finance area of the staff face."""

from django.urls import path

from portals.staff.finance import payment_views as payments
from portals.staff.finance.payment_tables import PaymentList

_payment = "payments/<str:number>"

urlpatterns = [
    path("payments/", PaymentList.as_view(), name="payment_list"),
    path("payments/new/", payments.payment_new, name="payment_new"),
    path(f"{_payment}/", payments.payment_detail, name="payment_detail"),
    path(f"{_payment}/edit/", payments.payment_edit, name="payment_edit"),
    path(f"{_payment}/approval/", payments.payment_approve, name="payment_approval"),
    path(f"{_payment}/approval/undo/", payments.payment_unapprove, name="payment_unapproval"),
    path(f"{_payment}/void/", payments.payment_void, name="payment_voiding"),
    path(f"{_payment}/matching/", payments.payment_matching, name="payment_matching"),
]
