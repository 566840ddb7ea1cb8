"""Addresses on the public host: landing, sign-up, sign-in by e-mail, plans, and what payment tells us."""

from importlib.util import find_spec

from django.urls import include, path

_FACES = [("ui/", "portals.ui.urls"), ("", "portals.public.urls_public")]
urlpatterns = [path(prefix, include(module)) for prefix, module in _FACES if find_spec(module)]

handler400 = "portals.ui.errors.bad_request"
handler403 = "portals.ui.errors.permission_denied"
handler404 = "portals.ui.errors.not_found"
handler500 = "portals.ui.errors.server_error"
