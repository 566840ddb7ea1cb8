"""Migrations that run Python code, in one schema after another.

No SQL text stands for them, so each schema applies the migration itself. Rendering the models that the code sees is nearly all
of that work and the same for every schema: it is done once for the process, and every schema gets by with the statements.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from tenants.recording import runs_python, state_for, whole_copy

_one_at_a_time = Lock()


@dataclass(frozen=True)
class Stage:
    """One operation, and the project before and after it."""

    operation: Operation
    before: ProjectState
    after: ProjectState


def apply_in_schema(node: tuple[str, str], earlier: tuple[tuple[str, str], ...]) -> None:
    """Apply a migration in the schema of the search path, once; ``earlier`` are all that were applied there before it."""
    app, name = node
    applied = MigrationRecorder(connection).migration_qs
    if applied.filter(app=app, name=name).exists():
        return
    with _one_at_a_time:
        migration, stages = _staged(node, earlier)
    with _whole_or_not(migration.atomic):
        with connection.schema_editor(atomic=migration.atomic) as editor:
            for stage in stages:
                with _whole_or_not(not migration.atomic and bool(stage.operation.atomic)):
                    stage.operation.database_forwards(app, editor, stage.before, stage.after)
        applied.create(app=app, name=name)


def _whole_or_not(whole: bool) -> AbstractContextManager[None]:
    return transaction.atomic() if whole else nullcontext()


@lru_cache(maxsize=1)
def _staged(node: tuple[str, str], earlier: tuple[tuple[str, str], ...]) -> tuple[Migration, tuple[Stage, ...]]:
    loader = MigrationLoader(None)
    migration = loader.get_migration(*node)
    start = loader.project_state([one for one in earlier if one in loader.graph.nodes], at_end=True)
    start.apps  # noqa: B018 - rendered now: the copies share what is rendered
    state = state_for([one for one in migration.operations if not runs_python([one])], start)
    stages = []
    for operation in migration.operations:
        before = whole_copy(state) if runs_python([operation]) else state.clone()
        operation.state_forwards(migration.app_label, state)
        stages.append(Stage(operation, before, state.clone()))
    return migration, tuple(stages)
