"""Write the generated map of events into ``backend/processes/EVENTS.md``."""

from typing import Any

from django.core.management.base import BaseCommand

from backend.processes import event_map


class Command(BaseCommand):
    help = "Write the generated map of events and their handlers."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        event_map.PATH.write_text(event_map.render(), encoding="utf-8")
        self.stdout.write(str(event_map.PATH.name))
