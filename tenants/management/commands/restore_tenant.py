"""``restore_tenant ARCHIVE --slug NEW`` or ``--replace SLUG``: a company from its archive, others untouched."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend.kernel.tenancy import in_public
from tenants import archive
from tenants.models import Tenant


class Command(BaseCommand):
    help = (
        "Restores a company from an archive: beside the others under a new address, or in place of its present state."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path)
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--slug", help="the address of the new company")
        target.add_argument("--replace", metavar="SLUG", help="put this company back to the archive's state")

    def handle(self, *args: Any, **options: Any) -> None:
        with options["archive"].open("rb") as source:
            if options["slug"]:
                tenant = archive.restore_tenant(source=source, slug=options["slug"], at=timezone.now())
                self.stdout.write(f"Restored as {tenant.slug}.")
                return
            with in_public():
                live = Tenant.objects.filter(slug=options["replace"]).first()
            if live is None:
                raise CommandError(f"There is no company {options['replace']!r}.")
            kept = archive.replace_tenant(source=source, tenant=live, at=timezone.now())
            self.stdout.write(f"{live.slug} is as in the archive; what it was before is kept in the schema {kept}.")
