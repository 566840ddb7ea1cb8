from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "portals.public"
    label = "public"
