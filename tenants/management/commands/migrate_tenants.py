"""``migrate_tenants``: go on with companies that are behind, or show where each of them stands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.kernel.tenancy import PUBLIC, in_public
from tenants import schemas, upgrade
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Brings companies that are behind up to the recorded migrations; --status lists where each stands."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=4, help="companies migrated at the same time")
        parser.add_argument("--status", action="store_true", help="only show where each company stands")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["status"]:
            self._show()
            return
        with upgrade.only_one():
            outcomes = upgrade.upgrade_tenants(workers=options["workers"])
        for outcome in outcomes:
            self.stdout.write(f"{outcome.slug}: {outcome.error or 'in step'} ({outcome.seconds:.2f} s)")
        if any(outcome.error for outcome in outcomes):
            raise CommandError("Some companies are not in step.")

    def _show(self) -> None:
        steps = {step.fingerprint: step for step in schemas.all_steps()}
        latest = schemas.latest_fingerprint()
        with in_public():
            for tenant in Tenant.objects.exclude(schema_name=PUBLIC).order_by("slug"):
                step = steps.get(tenant.migrations_fingerprint)
                place = f"{step.app}.{step.name}" if step else "unknown"
                state = "in step" if tenant.migrations_fingerprint == latest else f"behind, at {place}"
                self.stdout.write(f"{tenant.slug}: {state} {tenant.migration_error}".rstrip())
