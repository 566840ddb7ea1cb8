"""Addresses of approvals: what waits for the reader, and who stands in for whom."""

from django.urls import path

from portals.staff.approvals import views

urlpatterns = [
    path("", views.approval_list, name="approval_list"),
    path("substitutes/", views.substitute_new, name="substitute_new"),
    path("substitutes/<uuid:pk>/", views.substitute_edit, name="substitute_edit"),
    path("substitutes/<uuid:pk>/end/", views.substitute_end, name="substitute_end"),
]
