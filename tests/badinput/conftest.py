"""One company with papers of every kind, laid once for each module; whoever tries something rolls it back."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.papers import Papers, lay


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the company's files are."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def papers(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[Papers]:
    """Alpha with its papers, in a database of its own."""
    from django.conf import settings

    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    settings.MEDIA_ROOT = str(folder)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with django_db_blocker.unblock():
        before, name = databases.current(), databases.copy_of_template()
        databases.use(name)
        try:
            with run_in(Tenant.objects.get(slug="alpha")):
                yield lay("Quokka")
        finally:
            databases.use(before)
            databases.drop(name)


@pytest.fixture
def unblocked(papers: Papers, folder: Path, settings: Any, django_db_blocker: Any) -> Iterator[None]:
    """The company and its files are open to the test."""
    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    settings.MEDIA_ROOT = str(folder)
    with django_db_blocker.unblock(), run_in(Tenant.objects.get(slug="alpha")):
        yield


def pytest_collection_modifyitems(items):
    """Hundreds of pages and forms take minutes: they run when TROIKA_SOAK=1 asks for them."""
    if not os.environ.get("TROIKA_SOAK"):
        for item in items:
            if "badinput" in item.nodeid:
                item.add_marker(
                    pytest.mark.skip(reason="visits every page and form for minutes: run it with TROIKA_SOAK=1")
                )
