"""``prepare_database``: bring the database up to the code; run at every start and every release."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants import upgrade
from tenants.schemas import HistoryDiverged


class Command(BaseCommand):
    help = "Brings the control plane, the template schema and every company up to this code's migrations."
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=4, help="companies migrated at the same time")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcomes = upgrade.prepare_database(workers=options["workers"], say=self.stdout.write)
        except HistoryDiverged as problem:
            raise CommandError(str(problem)) from None
        failed = [outcome for outcome in outcomes if outcome.error]
        if failed:
            lines = "\n".join(f"  {outcome.slug}: {outcome.error}" for outcome in failed)
            raise CommandError(f"{len(failed)} companies are not in step; run the command again to go on.\n{lines}")
