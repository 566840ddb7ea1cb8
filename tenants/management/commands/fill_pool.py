"""``fill_pool``: make the spare schemas that sign-ups take."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tenants import pool


class Command(BaseCommand):
    help = "Fills the pool of spare schemas (TROIKA_SPARE_SCHEMAS of them)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wanted", type=int, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{pool.fill(options['wanted'])} spare schemas were made.")
