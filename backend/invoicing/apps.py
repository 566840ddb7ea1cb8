from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "backend.invoicing"
    label = "invoicing"
