from django.apps import AppConfig


class AvailabilityConfig(AppConfig):
    name = "backend.availability"
    label = "availability"
