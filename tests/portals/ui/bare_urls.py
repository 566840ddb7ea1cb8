"""A site with nothing but the shell's own addresses."""

from django.urls import include, path

urlpatterns = [path("ui/", include("portals.ui.urls"))]
