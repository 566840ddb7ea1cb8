from django.apps import AppConfig


class PostingConfig(AppConfig):
    name = "backend.posting"
    label = "posting"
