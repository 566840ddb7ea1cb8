"""Addresses of imports."""

from django.urls import path

from portals.staff.imports import views
from portals.staff.imports.tables import ImportList

urlpatterns = [
    path("", ImportList.as_view(), name="import_list"),
    path("new/", views.import_new, name="import_new"),
    path("template/", views.import_template, name="import_template"),
    path("<uuid:pk>/", views.import_detail, name="import_detail"),
    path("<uuid:pk>/progress/", views.import_progress, name="import_progress"),
    path("<uuid:pk>/faults/", views.import_faults, name="import_faults"),
    path("<uuid:pk>/saving/", views.import_save, name="import_save"),
    path("<uuid:pk>/dropping/", views.import_drop, name="import_drop"),
]
