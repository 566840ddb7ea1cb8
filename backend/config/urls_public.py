"""Addresses on the public host: landing, sign-up, sign-in by e-mail, plans, and what payment tells us."""

from django.urls import include, path

urlpatterns = [
    path("ui/", include("portals.ui.urls")),
    path("", include("portals.public.urls_public")),
]

handler400 = "portals.ui.errors.bad_request"
handler403 = "portals.ui.errors.permission_denied"
handler404 = "portals.ui.errors.not_found"
handler500 = "portals.ui.errors.server_error"
