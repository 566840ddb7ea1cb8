from django.apps import AppConfig


class SupplierConfig(AppConfig):
    name = "portals.supplier"
    label = "supplier_portal"
