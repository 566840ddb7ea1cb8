"""The template database of the tests and its copies. ``python -m tests.databases`` makes the template when there is none."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
_MADE_OF = (
    "backend/*/migrations/*.py",
    "backend/kernel/outbox/migrations/*.py",
    "tenants/migrations/*.py",
    "tenants/schemas.py",
    "tenants/provisioning.py",
    "backend/*/seeds.py",
    "backend/*/seeds/**/*.py",
    "backend/*/data/**/*",
    "backend/access/roles.py",
    "tests/databases.py",
)
COMPANIES = (
    ("alpha", "阿尔法贸易有限公司", "zh-hans", "general", "alpha@example.com"),
    ("beta", "Beta Trading Ltd", "en", "general", "beta@example.com"),
)
PASSWORD = "a short sentence works"


def _server(database: str = "postgres") -> psycopg.Connection:
    given = settings.DATABASES["default"]
    return psycopg.connect(
        host=given["HOST"],
        port=given["PORT"],
        user=given["USER"],
        password=given["PASSWORD"],
        dbname=database,
        autocommit=True,
    )


@cache
def template_name() -> str:
    """``troika_tpl_<digest>`` of everything the template is made of."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in _MADE_OF for path in ROOT.glob(pattern) if path.is_file()}):
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return f"troika_tpl_{digest.hexdigest()[:16]}"


def current() -> str:
    return str(connection.settings_dict["NAME"])


def use(name: str) -> None:
    """Connect this process to that database."""
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def copy_of_template() -> str:
    """A new copy of the template (made first when there is none for this code); returns its name."""
    name = f"troika_test_{os.getpid()}_{uuid4().hex[:8]}"
    with _with_template() as (server, template):
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return name


@contextmanager
def _with_template() -> Iterator[tuple[psycopg.Connection, str]]:
    """The server and the name of the template, which exists; nobody else makes or copies it meanwhile."""
    template = template_name()
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(hashtext('troika-test-template'))")
        if not _exists(server, template):
            _make_template(server, template)
        _forget_leftovers(server, keep=template)
        yield server, template


def drop(name: str) -> None:
    connections.close_all()
    with _server() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def own_copy() -> Iterator[str]:
    """This process works in a copy of the template that nobody else has; it is gone afterwards."""
    before, name = current(), copy_of_template()
    use(name)
    try:
        yield name
    finally:
        use(before)
        drop(name)


def _exists(server: psycopg.Connection, name: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _forget_leftovers(server: psycopg.Connection, keep: str) -> None:
    """Drop copies of processes that are gone, and templates nobody used for long (at most five are kept)."""
    names = [row[0] for row in server.execute("SELECT datname FROM pg_database ORDER BY oid DESC").fetchall()]
    templates = [name for name in names if name.startswith("troika_tpl_") and name != keep]
    gone = [name for name in names if name.startswith("troika_test_") and not _alive(name.split("_")[2])]
    for name in [*gone, *templates[4:]]:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _alive(pid: str) -> bool:
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def _make_template(server: psycopg.Connection, template: str) -> None:
    building = f"{template}_new"
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building)))
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
    before = current()
    use(building)
    try:
        fill()
    finally:
        use(before)
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(template)))


def fill() -> None:
    from django.utils import timezone, translation

    from tenants import provisioning, schemas
    from tenants.models import Identity

    now = timezone.now()
    schemas.migrate_public()
    schemas.record_history()
    provisioning.ensure_public_host(now)
    for slug, name, language, taxpayer_type, email in COMPANIES:
        owner = Identity(email=email, name="Owner", language=language, created_at=now, email_verified_at=now)
        owner.set_password(PASSWORD)
        owner.save()
        plan = provisioning.CompanyPlan(name=name, slug=slug, language=language, taxpayer_type=taxpayer_type)
        with translation.override(language):
            provisioning.provision_company(plan=plan, owner=owner, at=now)


if __name__ == "__main__":
    import django

    django.setup()
    with _with_template():
        pass
