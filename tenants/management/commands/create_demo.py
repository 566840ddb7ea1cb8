"""``create_demo``: the demo companies; prints who may sign in. Running it again changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tenants.demo import companies, story


class Command(BaseCommand):
    help = "Makes the companies demo (Chinese) and demo-en (English) with sample data and people to sign in as."

    def handle(self, *args: Any, **options: Any) -> None:
        password = companies.default_password()
        for slug in story.COMPANIES:
            companies.ensure_demo(slug=slug, password=password, at=timezone.now())
            self.stdout.write("\n".join(companies.sign_ins(slug)))
        self.stdout.write(f"Password of all of them: {password}")
