"""The history of a company's schema as recorded SQL, and new schemas made of it.

Each migration is turned into SQL once, inside the template schema, and kept as a ``SchemaStep``; every other schema is
brought forward by replaying those texts. Invariants: steps are linear and only added to; a step's fingerprint names the
state of a schema that ends with it; SQL names no schema, so the search path alone decides where it works.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from backend.kernel.tenancy import in_public, run_in
from tenants import coded
from tenants.models import SchemaStep
from tenants.recording import runs_python, state_for

TEMPLATE = "troika_template"
_HISTORY = ("django", "history")


class HistoryDiverged(ImproperlyConfigured):
    """The database was prepared by other migrations than those of this code."""


@dataclass(frozen=True)
class Position:
    """Where a schema stands: the steps that are still to come, in order."""

    fingerprint: str
    ahead: tuple[SchemaStep, ...]


def tenant_apps() -> list[str]:
    """Labels of the apps that live in each company's schema."""
    from django.apps import apps

    return [config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS]


def latest_fingerprint() -> str:
    """The state that this database's schemas should be in."""
    with in_public():
        return SchemaStep.objects.order_by("-seq").values_list("fingerprint", flat=True).first() or ""


def all_steps() -> list[SchemaStep]:
    with in_public():
        return list(SchemaStep.objects.order_by("seq"))


def position_of(fingerprint: str, steps: Sequence[SchemaStep]) -> Position:
    """The steps a schema of that fingerprint lacks; raises HistoryDiverged for an unknown one."""
    if not fingerprint:
        return Position("", tuple(steps))
    for index, step in enumerate(steps):
        if step.fingerprint == fingerprint:
            return Position(fingerprint, tuple(steps[index + 1 :]))
    raise HistoryDiverged(f"No recorded migration leads to the fingerprint {fingerprint[:12]}…")


def migrate_public() -> int:
    """Bring the control plane's own tables up to the code; returns how many migrations were applied."""
    from django.apps import apps

    with in_public():
        executor = MigrationExecutor(connection)
        labels = {config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS}
        targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] in labels]
        plan = executor.migration_plan(targets)
        executor.migrate(targets, plan)
    return len(plan)


# --- recording ---------------------------------------------------------------------------------
def record_history() -> int:
    """Bring the template up to the code's migrations and record each as SQL; returns how many were new."""
    create_schema(TEMPLATE)
    with in_public():
        chain = list(SchemaStep.objects.order_by("seq").values_list("app", "name", "fingerprint"))
    if not chain:
        chain.append(_record_step(0, _HISTORY, "", [_history_table()], atomic=True, migration=None))
    with run_in(TEMPLATE):
        executor = MigrationExecutor(connection)
        check_known(executor, {(app, name) for app, name, _ in chain})
        labels = set(tenant_apps())
        targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] in labels]
        plan = [migration for migration, _back in executor.migration_plan(targets)]
        state = executor._create_project_state(with_applied_migrations=True)  # type: ignore[attr-defined]
    for migration in plan:
        with run_in(TEMPLATE):
            after, statements = _as_sql(migration, state)
        if migration.app_label in labels:
            chain.append(
                _record_step(
                    len(chain), (migration.app_label, migration.name), chain[-1][2], statements,
                    atomic=migration.atomic, migration=(migration, state),
                )
            )  # fmt: skip
        state = after
    return len(plan)


def check_known(executor: MigrationExecutor, recorded: set[tuple[str, str]]) -> None:
    """Raise HistoryDiverged when the database knows migrations that the code lacks, or was cut off from its record."""
    unknown = sorted(recorded - {_HISTORY} - set(executor.loader.disk_migrations))
    if unknown:
        names = ", ".join(f"{app}.{name}" for app, name in unknown)
        raise HistoryDiverged(
            f"This database was prepared with migrations that the code does not have: {names}. "
            "Use the code that made it, or start with an empty database."
        )


def _history_table() -> str:
    with run_in(TEMPLATE), connection.schema_editor(collect_sql=True) as editor:
        editor.create_model(MigrationRecorder.Migration)
    return "\n".join(editor.collected_sql or [])


def _as_sql(migration: Migration, state: Any) -> tuple[Any, list[str]]:
    """The project state after the migration, and its SQL (made inside the template, whose constraints it may have to look up)."""
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        after = migration.apply(state_for(migration.operations, state), editor, collect_sql=True)
    return after, [text for text in editor.collected_sql or [] if not text.startswith("--")]


def _record_step(
    seq: int,
    named: tuple[str, str],
    before: str,
    statements: list[str],
    *,
    atomic: bool,
    migration: tuple[Migration, Any] | None,
) -> tuple[str, str, str]:
    by_code = migration is not None and runs_python(migration[0].operations)
    words = json.dumps([before, *named, [] if by_code else statements])
    step = SchemaStep(
        seq=seq,
        app=named[0],
        name=named[1],
        statements=[] if by_code else statements,
        atomic=atomic,
        by_code=by_code,
        fingerprint=hashlib.sha256(words.encode()).hexdigest(),
        recorded_at=timezone.now(),
    )
    apply_step(TEMPLATE, step)
    with in_public():
        step.save(force_insert=True)
    return step.app, step.name, step.fingerprint


# --- replaying ---------------------------------------------------------------------------------
def apply_step(schema: str, step: SchemaStep) -> None:
    """Apply one step to a schema, in a transaction of its own where the migration allows it."""
    with run_in(schema):
        if step.by_code:
            coded.apply_in_schema((step.app, step.name), _before(step))
        elif step.atomic:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql_of([step]))
        else:
            with connection.cursor() as cursor:
                for statement in [*step.statements, _mark(step)]:
                    cursor.execute(statement)


def _before(step: SchemaStep) -> tuple[tuple[str, str], ...]:
    with in_public():
        return tuple(SchemaStep.objects.filter(seq__lt=step.seq).order_by("seq").values_list("app", "name"))


def sql_of(steps: Iterable[SchemaStep]) -> str:
    """Steps as one text, each followed by the row that says it was applied."""
    return "\n".join(line for step in steps for line in [*step.statements, _mark(step)])


def _mark(step: SchemaStep) -> str:
    if (step.app, step.name) == _HISTORY:
        return ""
    return f"INSERT INTO django_migrations (app, name, applied) VALUES ('{step.app}', '{step.name}', now());"


def in_runs(steps: Sequence[SchemaStep]) -> list[list[SchemaStep]]:
    """Neighbouring steps that can be replayed as one text and one transaction are put together."""
    runs: list[list[SchemaStep]] = []
    plain_before = False
    for step in steps:
        plain = step.atomic and not step.by_code
        if plain and plain_before:
            runs[-1].append(step)
        else:
            runs.append([step])
        plain_before = plain
    return runs


def replay(schema: str, steps: Sequence[SchemaStep]) -> None:
    """Apply steps in order. Resumable: what was applied is in the schema's own ``django_migrations``."""
    for run in in_runs(steps):
        if len(run) == 1:
            apply_step(schema, run[0])
        else:
            with run_in(schema), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql_of(run))


# --- schemas -----------------------------------------------------------------------------------
def create_schema(name: str) -> None:
    with in_public(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {connection.ops.quote_name(name)}")


def drop_schema(name: str) -> None:
    with in_public(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {connection.ops.quote_name(name)} CASCADE")


def rename_schema(old: str, new: str) -> None:
    quote = connection.ops.quote_name
    with in_public(), connection.cursor() as cursor:
        cursor.execute(f"ALTER SCHEMA {quote(old)} RENAME TO {quote(new)}")


def build_schema(name: str) -> str:
    """A new, empty company schema made of the recorded steps; returns its fingerprint."""
    steps = all_steps()
    create_schema(name)
    replay(name, steps)
    return steps[-1].fingerprint
