from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    name = "backend.logistics"
    label = "logistics"
