"""Addresses the shell itself needs; include them in every URLconf as `path("ui/", include("portals.ui.urls"))`."""

from django.urls import path

from portals.ui import pwa, views

app_name = "ui"

urlpatterns = [
    path("language/", views.set_language, name="language"),
    path("manifest/<str:face>.webmanifest", pwa.manifest, name="manifest"),
]
