"""Addresses of the staff face, one module per area. Every name lives in the namespace ``staff``."""

from django.urls import include, path

app_name = "staff"

urlpatterns = [
    path("", include("portals.staff.home.urls")),
    path("search/", include("portals.staff.search.urls")),
    path("approvals/", include("portals.staff.approvals.urls")),
    path("tasks/", include("portals.staff.tasks.urls")),
    path("files/", include("portals.staff.files.urls")),
    path("discussion/", include("portals.staff.discussion.urls")),
    path("sales/", include("portals.staff.sales.urls")),
    path("customers/", include("portals.staff.customers.urls")),
    path("service/", include("portals.staff.service.urls")),
    path("logistics/", include("portals.staff.logistics.urls")),
    path("purchasing/", include("portals.staff.purchasing.urls")),
    path("inventory/", include("portals.staff.inventory.urls")),
    path("production/", include("portals.staff.production.urls")),
    path("items/", include("portals.staff.catalog.urls")),
    path("suppliers/", include("portals.staff.suppliers.urls")),
    path("finance/receipts/", include("portals.staff.receipts.urls")),
    path("finance/", include("portals.staff.finance.urls")),
    path("imports/", include("portals.staff.imports.urls")),
    path("settings/", include("portals.staff.settings.urls")),
]
