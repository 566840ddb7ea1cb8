"""Recording a migration as SQL renders few models, and the SQL is Django's own. `TROIKA_SOAK=1` compares every migration."""

import os

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from backend.kernel.tenancy import run_in
from tenants.recording import RecordingState, runs_python, state_for
from tenants.schemas import TEMPLATE, tenant_apps

pytestmark = pytest.mark.django_db


def test_what_others_may_point_to_is_changed_in_a_whole_state():
    state = ProjectState()
    make = migrations.CreateModel(
        "Thing", [("id", models.UUIDField(primary_key=True)), ("size", models.IntegerField())]
    )
    make.state_forwards("catalog", state)
    quick = [make], [migrations.RunSQL("SELECT 1")], [migrations.AlterField("thing", "size", models.BigIntegerField())]
    whole = [
        [migrations.RemoveField("thing", "size")],
        [migrations.RunPython(migrations.RunPython.noop)],
        [migrations.AlterField("thing", "id", models.BigIntegerField(primary_key=True))],
        [make, migrations.AlterField("thing", "size", models.IntegerField(unique=True))],
    ]
    assert [type(state_for(operations, state)) for operations in quick] == [RecordingState] * 3
    assert [type(state_for(operations, state)) for operations in whole] == [ProjectState] * 4


def test_the_sql_is_the_same():
    loader = MigrationLoader(connection)
    labels = set(tenant_apps())
    every = sorted(node for node in loader.disk_migrations if node[0] in labels)
    for node in every if os.environ.get("TROIKA_SOAK") else [("purchasing", "0002_orders_are_a_conversation")]:
        migration = loader.disk_migrations[node]
        if runs_python(migration.operations):
            continue
        state, texts = loader.project_state(node, at_end=False), []
        for working in (state.clone(), state_for(migration.operations, state)):
            with run_in(TEMPLATE), connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
                migration.apply(working, editor, collect_sql=True)
            texts.append(editor.collected_sql)
        assert texts[0] == texts[1], node
