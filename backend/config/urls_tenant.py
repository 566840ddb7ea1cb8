"""Addresses on a company's host: the staff face at the root, both portals, accounts, files and the API."""

from importlib.util import find_spec

from django.urls import include, path

_FACES = [
    ("ui/", "portals.ui.urls"),
    ("", "portals.public.urls_company"),
    ("supplier/", "portals.supplier.urls"),
    ("customer/", "portals.customer.urls"),
    ("api/v1/", "backend.api.urls"),
    ("", "portals.staff.urls"),
]
urlpatterns = [path(prefix, include(module)) for prefix, module in _FACES if find_spec(module)]

handler400 = "portals.ui.errors.bad_request"
handler403 = "portals.ui.errors.permission_denied"
handler404 = "portals.ui.errors.not_found"
handler500 = "portals.ui.errors.server_error"
