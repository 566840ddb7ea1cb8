from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    name = "backend.purchasing"
    label = "purchasing"
