from django.apps import AppConfig


class SrmConfig(AppConfig):
    name = "backend.srm"
    label = "srm"
