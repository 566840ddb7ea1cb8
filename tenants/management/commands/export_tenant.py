"""``export_tenant SLUG FOLDER``: one company as one archive."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend.kernel.tenancy import in_public
from tenants import archive
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Writes a company (tables, files, people) into one archive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("folder")

    def handle(self, *args: Any, **options: Any) -> None:
        with in_public():
            tenant = Tenant.objects.filter(slug=options["slug"]).first()
        if tenant is None:
            raise CommandError(f"There is no company {options['slug']!r}.")
        self.stdout.write(str(archive.export_to_file(tenant=tenant, folder=options["folder"], at=timezone.now())))
