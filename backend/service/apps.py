from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "backend.service"
    label = "service"
