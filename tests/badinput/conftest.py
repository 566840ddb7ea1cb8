"""One company with papers of every kind, laid once for all of these tests; whoever tries something rolls it back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.papers.laying import Papers, lay


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the company's files are."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session")
def laid(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[tuple[str, Papers]]:
    """A database of its own with alpha's papers, and the papers."""
    from django.conf import settings

    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    settings.MEDIA_ROOT = str(folder)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    before = databases.current()
    with django_db_blocker.unblock(), databases.own_copy() as name:
        with run_in(Tenant.objects.get(slug="alpha")):
            found = lay("Quokka")
        databases.use(before)
        yield name, found


@pytest.fixture(scope="module")
def papers(laid: tuple[str, Papers], django_db_blocker: Any) -> Iterator[Papers]:
    """Alpha's papers; the process is connected to their database as long as a module runs."""
    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    name, found = laid
    with django_db_blocker.unblock():
        before = databases.current()
        databases.use(name)
        try:
            with run_in(Tenant.objects.get(slug="alpha")):
                yield found
        finally:
            databases.use(before)


@pytest.fixture
def unblocked(papers: Papers, folder: Path, settings: Any, django_db_blocker: Any) -> Iterator[None]:
    """The company and its files are open to the test."""
    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    settings.MEDIA_ROOT = str(folder)
    with django_db_blocker.unblock(), run_in(Tenant.objects.get(slug="alpha")):
        yield
