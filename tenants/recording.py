"""A project state for turning migrations into SQL: a change renders the models it names, not all that is related to them.

Django renders the whole neighbourhood of a changed model anew so that Python code finds every relation. The SQL of
additions needs the changed model and, by name, the tables it points to; everything else is rendered when something asks
for more. A database is prepared in a fraction of the time, with the same SQL.
"""

from collections.abc import Iterable

from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    RemoveConstraint,
    RemoveIndex,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

ADDITIONS = (AddConstraint, AddField, AddIndex, CreateModel, RemoveConstraint, RemoveIndex, RunSQL)


class RecordingState(ProjectState):
    """Rendered models may lack relations from others; ``is_delayed`` says so, as in Django's own shortcuts."""

    def clone(self) -> ProjectState:
        return _copy(self, RecordingState)

    def _find_reload_model(self, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        self.is_delayed = True
        return {(app_label, model_name.lower())}


def state_for(operations: Iterable[Operation], state: ProjectState) -> ProjectState:
    """A copy of the state, to be changed by these operations: quick where they add or alter what nothing points to."""
    if all(type(operation) in ADDITIONS or _is_plain_change(operation, state) for operation in operations):
        return _copy(state, RecordingState)
    made = _copy(state, ProjectState)
    made.clear_delayed_apps_cache()
    return made


def _is_plain_change(operation: Operation, state: ProjectState) -> bool:
    """A field is altered that nothing points to, before or after."""
    if type(operation) is not AlterField:
        return False
    models = (model for model in state.models.values() if model.name_lower == operation.model_name_lower)
    before = [model.fields[operation.name] for model in models if operation.name in model.fields]
    return not any(field.is_relation or field.primary_key or field.unique for field in [operation.field, *before])


def whole_copy(state: ProjectState) -> ProjectState:
    """A copy whose models are rendered with all that is related to them, as Python code wants them."""
    made = ProjectState(models={key: model.clone() for key, model in state.models.items()}, real_apps=state.real_apps)
    made.apps  # noqa: B018 - rendered now
    return made


def runs_python(operations: Iterable[Operation]) -> bool:
    """Whether any operation is Python code, which no SQL text can stand for."""
    return any(
        isinstance(operation, RunPython)
        or (isinstance(operation, SeparateDatabaseAndState) and runs_python(operation.database_operations))
        for operation in operations
    )


def _copy(state: ProjectState, kind: type[ProjectState]) -> ProjectState:
    made = kind(models={key: model.clone() for key, model in state.models.items()}, real_apps=state.real_apps)
    made.is_delayed = state.is_delayed
    if "apps" in state.__dict__:
        made.apps = state.apps.clone()
    return made
