from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "backend.kernel.outbox"
    label = "outbox"
