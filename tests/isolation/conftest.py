"""Two companies with the same codes, each with two customers and two suppliers, all with papers; laid once for each module."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.papers.laying import Papers, lay

MARKS = {"alpha": "Quokka", "beta": "Wombat"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def both(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[dict[str, Papers]]:
    """The papers of alpha and beta by their slugs, in a database of its own."""
    from django.conf import settings

    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    settings.MEDIA_ROOT = str(folder)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with django_db_blocker.unblock(), databases.own_copy():
        found = {}
        for slug, mark in MARKS.items():
            with run_in(Tenant.objects.get(slug=slug)):
                found[slug] = lay(mark, partners=2)
        yield found


@pytest.fixture
def alpha(both: dict[str, Papers], folder: Path, settings: Any, django_db_blocker: Any) -> Iterator[Papers]:
    """Alpha's papers, alpha being active."""
    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    settings.MEDIA_ROOT = str(folder)
    with django_db_blocker.unblock(), run_in(Tenant.objects.get(slug="alpha")):
        yield both["alpha"]
