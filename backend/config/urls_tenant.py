"""Addresses on a company's host: accounts, both portals, the API, and the staff face at the root."""

from django.urls import include, path

urlpatterns = [
    path("ui/", include("portals.ui.urls")),
    path("", include("portals.public.urls_company")),
    path("supplier/", include("portals.supplier.urls")),
    path("customer/", include("portals.customer.urls")),
    path("api/v1/", include("backend.api.urls")),
    path("", include("portals.staff.urls")),
]

handler400 = "portals.ui.errors.bad_request"
handler403 = "portals.ui.errors.permission_denied"
handler404 = "portals.ui.errors.not_found"
handler500 = "portals.ui.errors.server_error"
