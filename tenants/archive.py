"""A company as one file: a table per CSV, its files, who belongs to it. Made from one snapshot, restored without touching others.

The archive says which recorded migrations its tables stand for, so it can be restored by a later release too: the schema is
built as it was, filled, and then brought forward. Nothing in it names a schema.
"""

import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from backend.access.models import Member
from backend.kernel.errors import ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.models import Attachment
from backend.kernel.tenancy import in_public, run_in
from backend.purchasing.models import Quote
from tenants import directory, schemas, upgrade
from tenants.models import Domain, Identity, Membership, Tenant

FORMAT = 1
_KEPT = (
    "name",
    "state",
    "language",
    "time_zone",
    "industry",
    "taxpayer_type",
    "trial_ends_on",
    "plan_code",
    "plan_interval",
)
_COLUMNS = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = %s AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'django_migrations'
GROUP BY c.relname ORDER BY c.relname
"""


# --- export --------------------------------------------------------------------------------------
def export_tenant(*, tenant: Tenant, target: BinaryIO, at: datetime, sealed: bool = False) -> dict[str, int]:
    """Write the archive; returns the rows of each table. Everything is read from one snapshot of the database.

    Quotes that nobody in the company may read yet come along, with their papers, only when ``sealed``: in the operator's
    backup, not in what the company downloads.
    """
    counts: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        with run_in(tenant), transaction.atomic():
            _fix_snapshot()
            _whole_copy(sealed)
            tables = _tables(tenant.schema_name)
            for table, columns in tables.items():
                counts[table] = _copy_out(archive, table, columns)
            people = _people(tenant)
            hidden = _papers_of_sealed_quotes()
        for path in _files_of(tenant.schema_name):
            if path in hidden:
                continue
            archive.write(path, f"files/{path.relative_to(Path(settings.MEDIA_ROOT) / tenant.schema_name)}")
        archive.writestr("manifest.json", json.dumps(_manifest(tenant, tables, counts, people, at), indent=1))
    return counts


def _fix_snapshot() -> None:
    """Everything in this transaction sees one moment (a surrounding transaction has chosen already)."""
    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _whole_copy(sealed: bool) -> None:
    """Let the policies of sealed tables return every row until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('troika.whole_copy', %s, true)", ["on" if sealed else ""])


def _tables(schema: str) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [schema])
        return {table: list(columns) for table, columns in cursor.fetchall()}


def _quoted(names: list[str]) -> str:
    return ", ".join(connection.ops.quote_name(name) for name in names)


def _copy_out(archive: zipfile.ZipFile, table: str, columns: list[str]) -> int:
    query = f"COPY {connection.ops.quote_name(table)} ({_quoted(columns)}) TO STDOUT (FORMAT csv, HEADER true)"
    with archive.open(f"tables/{table}.csv", "w", force_zip64=True) as entry, connection.cursor() as cursor:
        with cursor.cursor.copy(query) as copy:
            for block in copy:
                entry.write(block)
        return max(int(cursor.cursor.rowcount), 0)


def _people(tenant: Tenant) -> list[dict[str, str]]:
    """The identities of the company's members: enough to find or invite them where the archive is restored."""
    wanted = list(Member.objects.values_list("identity_id", flat=True))
    found = Identity.objects.filter(pk__in=wanted).values("id", "email", "name", "language")
    return [{key: str(value) for key, value in row.items()} for row in found]


def _papers_of_sealed_quotes() -> set[Path]:
    """The files of quotes that this copy does not show: what stands on the paper is sealed as the quote is."""
    found = Attachment.objects.filter(subject_type=Quote.DOC_TYPE).exclude(subject_id__in=Quote.objects.values("pk"))
    return {Path(settings.MEDIA_ROOT) / name for name in found.values_list("file", flat=True)}


def _files_of(schema: str) -> Iterator[Path]:
    folder = Path(settings.MEDIA_ROOT) / schema
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _manifest(
    tenant: Tenant, tables: dict[str, list[str]], counts: dict[str, int], people: list[dict[str, str]], at: datetime
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": at.isoformat(),
        "slug": tenant.slug,
        "schema": tenant.schema_name,
        "company": {name: str(getattr(tenant, name) or "") for name in _KEPT},
        "fingerprint": tenant.migrations_fingerprint,
        "tables": {table: {"columns": columns, "rows": counts[table]} for table, columns in tables.items()},
        "people": people,
    }


# --- restore -------------------------------------------------------------------------------------
def restore_tenant(*, source: BinaryIO, slug: str, at: datetime) -> Tenant:
    """Make a new company of an archive, at an address of its own."""
    with zipfile.ZipFile(source) as archive, in_public(), transaction.atomic():
        manifest = _read_manifest(archive)
        key = uuid7()
        tenant = Tenant(
            id=key,
            schema_name=f"c_{key.hex}",
            slug=slug,
            migrations_fingerprint=manifest["fingerprint"],
            created_at=at,
            **{
                name: value or None if name == "trial_ends_on" else value for name, value in manifest["company"].items()
            },
        )
        tenant.save(force_insert=True)
        Domain.objects.create(domain=directory.host_of(slug), tenant=tenant, is_primary=True)
        _fill(tenant, archive, manifest)
        _enter_people(tenant, manifest, at)
        transaction.on_commit(lambda: directory.forget(tenant))
    _bring_forward(tenant)
    return tenant


def replace_tenant(*, source: BinaryIO, tenant: Tenant, at: datetime) -> str:
    """Put a company back to the state of its archive; returns the name under which its present schema is kept."""
    kept = f"kept_{at:%Y%m%d%H%M%S}_{uuid7().hex[-8:]}"
    with zipfile.ZipFile(source) as archive, in_public(), transaction.atomic():
        manifest = _read_manifest(archive)
        locked = Tenant.objects.select_for_update().get(pk=tenant.pk)
        schemas.rename_schema(locked.schema_name, kept)
        locked.migrations_fingerprint = manifest["fingerprint"]
        locked.save(update_fields=["migrations_fingerprint"])
        _fill(locked, archive, manifest)
        Membership.objects.filter(tenant=locked).delete()
        _enter_people(locked, manifest, at)
        transaction.on_commit(lambda: directory.forget(locked))
    _bring_forward(locked)
    return kept


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError):
        manifest = {}
    if manifest.get("format") != FORMAT:
        raise ValidationRefused(_("This file is not an archive of a company."), field="file")
    schemas.position_of(manifest["fingerprint"], schemas.all_steps())
    return dict(manifest)


def _fill(tenant: Tenant, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    steps = schemas.all_steps()
    ahead = {step.seq for step in schemas.position_of(manifest["fingerprint"], steps).ahead}
    schemas.create_schema(tenant.schema_name)
    schemas.replay(tenant.schema_name, [step for step in steps if step.seq not in ahead])
    with run_in(tenant), transaction.atomic():
        tables = manifest["tables"]
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # columns that were added later left theirs immediate
        _triggers("DISABLE", tables)
        sealed = _sealed_tables(tenant.schema_name)
        _seals("DISABLE", "NO FORCE", sealed)
        for table in tables:
            _empty_and_copy_in(archive, table, tables[table]["columns"])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _triggers("ENABLE", tables)
        _seals("ENABLE", "FORCE", sealed)
        _set_sequences(tenant.schema_name)
        _bring_files(tenant, archive, manifest["schema"])


def _triggers(verb: str, tables: Any) -> None:
    """Facts are restored as they are: balances come from the archive, not from triggers that would count them twice."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} {verb} TRIGGER USER")


def _sealed_tables(schema: str) -> list[str]:
    """Tables with row level security: COPY does not fill them while it holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind = 'r' AND c.relrowsecurity ORDER BY 1",
            [schema],
        )
        return [name for (name,) in cursor.fetchall()]


def _seals(verb: str, force: str, tables: list[str]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            name = connection.ops.quote_name(table)
            cursor.execute(f"ALTER TABLE {name} {verb} ROW LEVEL SECURITY")
            cursor.execute(f"ALTER TABLE {name} {force} ROW LEVEL SECURITY")


def _empty_and_copy_in(archive: zipfile.ZipFile, table: str, columns: list[str]) -> None:
    query = f"COPY {connection.ops.quote_name(table)} ({_quoted(columns)}) FROM STDIN (FORMAT csv, HEADER true)"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        with archive.open(f"tables/{table}.csv") as entry, cursor.cursor.copy(query) as copy:
            while block := entry.read(1 << 20):
                copy.write(block)


def _set_sequences(schema: str) -> None:
    """Counters go on after the highest key that was restored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE n.nspname = %s AND c.relkind = 'r' AND a.attidentity <> ''",
            [schema],
        )
        for table, column, sequence in cursor.fetchall():
            names = connection.ops.quote_name(column), connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT setval(%s, COALESCE((SELECT max({names[0]}) FROM {names[1]}), 0) + 1, false)", [sequence]
            )


def _bring_files(tenant: Tenant, archive: zipfile.ZipFile, former: str) -> None:
    """Files go to the company's own folder, and the names kept with documents follow."""
    folder = Path(settings.MEDIA_ROOT) / tenant.schema_name
    for name in archive.namelist():
        if name.startswith("files/") and ".." not in name:
            path = folder / name.removeprefix("files/")
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as entry, path.open("wb") as handle:
                shutil.copyfileobj(entry, handle)
    labels = set(schemas.tenant_apps())
    for model in (model for model in apps.get_models() if model._meta.app_label in labels):
        for field in (field for field in model._meta.concrete_fields if isinstance(field, models.FileField)):
            _rename_prefix(model._meta.db_table, str(field.column), former, tenant.schema_name)


def _rename_prefix(table: str, column: str, former: str, now: str) -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(table)} SET {quote(column)} = %s || substr({quote(column)}, %s)"
            f" WHERE starts_with({quote(column)}, %s)",
            [f"{now}/", len(former) + 2, f"{former}/"],
        )


def _enter_people(tenant: Tenant, manifest: dict[str, Any], at: datetime) -> None:
    """Members find their company again: by identity, by e-mail, or as a new identity that sets a password by mail."""
    with run_in(tenant):
        for person in manifest["people"]:
            identity = _identity_of(person, at)
            if str(identity.pk) != person["id"]:
                Member.objects.filter(identity_id=UUID(person["id"])).update(identity_id=identity.pk)
        for member in Member.objects.all():
            Membership.objects.create(
                identity_id=member.identity_id,
                tenant=tenant,
                kind=member.kind,
                member_id=member.pk,
                party_id=member.party_id,
                active=member.active,
                created_at=at,
            )


def _identity_of(person: dict[str, str], at: datetime) -> Identity:
    known = Identity.objects.filter(pk=UUID(person["id"]), email=person["email"]).first()
    known = known or Identity.objects.filter(email=person["email"]).first()
    if known:
        return known
    made = Identity(email=person["email"], name=person["name"], language=person["language"], created_at=at)
    made.set_unusable_password()
    made.save(force_insert=True)
    return made


def _bring_forward(tenant: Tenant) -> None:
    if tenant.migrations_fingerprint != schemas.latest_fingerprint():
        upgrade.upgrade_tenant(tenant, schemas.all_steps())


def export_to_file(*, tenant: Tenant, folder: str | os.PathLike[str], at: datetime) -> Path:
    """Write the archive into a folder, whole or not at all; returns its path."""
    target = Path(folder) / f"{tenant.slug}-{at:%Y%m%d-%H%M%S}.zip"
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as handle:
        export_tenant(tenant=tenant, target=handle, at=at, sealed=True)  # type: ignore[arg-type]
    Path(handle.name).replace(target)
    return target


def export_to_memory(*, tenant: Tenant, at: datetime) -> io.BufferedIOBase:
    """The archive in a temporary file that disappears when it is closed."""
    handle = tempfile.TemporaryFile(suffix=".zip")  # noqa: SIM115 (the answer closes it)
    export_tenant(tenant=tenant, target=handle, at=at)  # type: ignore[arg-type]
    handle.seek(0)
    return handle  # type: ignore[return-value]
