"""Addresses the shell itself needs; include them in every URLconf as `path("ui/", include("portals.ui.urls"))`."""

from django.urls import path

from portals.ui import views

app_name = "ui"

urlpatterns = [
    path("language/", views.set_language, name="language"),
]
