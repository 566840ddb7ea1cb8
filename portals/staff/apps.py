from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "portals.staff"
    label = "staff"
