from django.apps import AppConfig


class AccountingConfig(AppConfig):
    name = "backend.accounting"
    label = "accounting"
