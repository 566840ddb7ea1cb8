"""Databases and companies for tests.

A template database with two companies is made once for each state of migrations and seeds and kept in the test server; every
test process works in a copy of it (``CREATE DATABASE … TEMPLATE``, a fraction of a second). Tests run in a transaction that
is rolled back; tests that need real commits get a copy of their own.

Fixtures: ``tenant`` (alpha, Chinese, active), ``beta`` (English, not active), ``committed_tenant`` (alpha in a database of its
own, real commits), ``actor`` (alpha's owner), ``client_for`` (a signed-in browser), ``member_for``.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from tests import databases

# A busy machine is no fault of the code: properties are not judged by the clock.
property_settings.register_profile("troika", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("troika")


def pytest_configure(config: pytest.Config) -> None:
    """Each test process has a cache of its own: all of them know companies by the same schema names."""
    from django.conf import settings

    for alias, cache in settings.CACHES.items():
        cache.update({"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": f"tests-{alias}"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files are spread over processes one by one: the long ones go first, lest one of them runs alone at the end."""
    if not hasattr(config, "workerinput"):
        return
    load: Counter[Path] = Counter()
    for item in items:
        load[item.path] += max(
            (weight for mark, weight in _WEIGHTS.items() if item.get_closest_marker(mark)), default=1
        )
    items.sort(key=lambda item: -load[item.path])


_WEIGHTS = {"slow": 60, "e2e": 20}


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays: the collector need not look at it again, nor as often at what tests make."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def _quiet_outside(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Mail stays in memory, files in the test's folder, the cache and the language start clean."""
    from django.core import mail
    from django.core.cache import caches
    from django.utils import translation

    from backend.kernel.cache import Near

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MEDIA_ROOT = str(tmp_path / "files")
    mail.outbox = []  # type: ignore[attr-defined]
    for alias in settings.CACHES:
        caches[alias].clear()
    Near.forget_all()
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """This process' copy of the template database."""
    with django_db_blocker.unblock():
        name = databases.copy_of_template()
        databases.use(name)
    yield
    with django_db_blocker.unblock():
        databases.drop(name)


@pytest.fixture
def tenant(db: None) -> Iterator[Any]:
    """Company alpha, active; what the test writes is rolled back."""
    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    company = Tenant.objects.get(slug="alpha")
    with run_in(company):
        yield company


@pytest.fixture
def beta(db: None) -> Any:
    """Company beta (English), to be entered with ``run_in(beta)``."""
    from tenants.models import Tenant

    return Tenant.objects.get(slug="beta")


@pytest.fixture
def committed_tenant(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Alpha in a database of its own: commits are real, threads see each other, nothing is rolled back."""
    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    with django_db_blocker.unblock(), databases.own_copy():
        company = Tenant.objects.get(slug="alpha")
        with run_in(company):
            yield company


@pytest.fixture
def member_for() -> Callable[..., Any]:
    """``member_for("buyer")``, ``member_for("supplier_admin", party=supplier)``: a member of the active company."""
    from tests.people import make_member

    return make_member


@pytest.fixture
def actor(tenant: Any) -> Any:
    """Alpha's owner as an actor."""
    from tests.people import owner_actor

    return owner_actor()


@pytest.fixture
def client_for() -> Callable[..., Any]:
    """``client_for(member)``: a Django test client signed in as that member on its face, at its company's host."""
    from tests.people import client_of

    return client_of
