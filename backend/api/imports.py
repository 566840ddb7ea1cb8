"""Imports over the API: a spreadsheet as base64, or rows by the keys of the columns; checked first, then saved or dropped."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.inputs import Text
from backend.api.qualification import FileBody
from backend.api.shapes import shape
from backend.imports.kinds import kinds_for
from backend.imports.models import ImportRow, ImportRun
from backend.imports.selectors import columns_shown, rows_shown, runs_visible_to
from backend.imports.services import ask_to_save, drop_run, start_import, start_rows
from backend.imports.services.runs import RIGHT
from backend.kernel.errors import ValidationRefused

FAULTY = OpenApiParameter(
    "faulty", str, enum=["true", "false"], description="Only rows that are not right, or only good ones."
)
MOST_ROWS = 2000
_TEXT = Text(allow_blank=True, max_length=2000, trim_whitespace=False)


class FaultShape(serializers.Serializer[Any]):
    """What is wrong in a column; no column when it is about the row."""

    column = Text()
    message = Text()


class MadeShape(serializers.Serializer[Any]):
    """A document that was made of the list."""

    label = Text()  # type: ignore[assignment]
    doc_type = Text()
    number = Text()


ImportShape = shape(
    ImportRun,
    (
        "id", "kind", "name", "state", "columns", "unread", "make_missing", "only_good", "rows_count", "good_count",
        "faulty_count", "new_count", "changed_count", "made", "note", "created_at", "created_by_name", "saved_at",
        "saved_by_name",
    ),
    nested={
        "columns": serializers.ListField(child=serializers.CharField(), read_only=True),
        "unread": serializers.ListField(child=serializers.CharField(), read_only=True),
        "made": MadeShape(many=True, read_only=True),
    },
)  # fmt: skip
ImportRowShape = shape(
    ImportRow,
    ("number", "texts", "faults", "is_faulty", "action"),
    nested={
        "texts": serializers.DictField(child=serializers.CharField(), read_only=True),
        "faults": FaultShape(many=True, read_only=True),
    },
)


class ImportBody(serializers.Serializer[Any]):
    """A list: either a ``file``, or ``rows`` by the keys of the columns, whatever they hold as text."""

    kind = serializers.SlugField(max_length=30)
    file = FileBody(required=False, allow_null=True, default=None)
    rows = serializers.ListField(
        child=serializers.DictField(child=_TEXT), required=False, allow_null=True, default=None, max_length=MOST_ROWS
    )
    name = Text(max_length=200, allow_blank=True, default="")
    make_missing = serializers.BooleanField(default=False)


class ImportSavingBody(serializers.Serializer[Any]):
    """``only_good`` saves without the rows that are not right."""

    only_good = serializers.BooleanField(default=False)


class ImportColumnShape(serializers.Serializer[Any]):
    """A column that a list may have."""

    key = Text()
    label = Text()  # type: ignore[assignment]
    kind = Text()
    required = serializers.BooleanField()  # type: ignore[assignment]


class ImportKindShape(serializers.Serializer[Any]):
    """A kind of list that the caller may import."""

    key = Text()
    label = Text()  # type: ignore[assignment]
    columns = ImportColumnShape(many=True)


class ImportView(ReadView):
    """Lists on their way in."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = "-id"

    serializer_class = ImportShape
    lookup_value_regex = UUID_PATTERN
    reads = writes = {"staff": RIGHT}

    def rows(self) -> Any:
        return runs_visible_to(self.actor)

    @extend_schema(responses=ImportKindShape(many=True))
    @action(detail=False, pagination_class=None)
    def kinds(self, request: Request) -> Response:
        """What may be imported, with the columns of each."""
        found = [
            {"key": kind.key, "label": kind.label, "columns": kind.columns_for(self.actor)}
            for kind in kinds_for(self.actor)
        ]
        return Response(ImportKindShape(found, many=True).data)

    @unsafe(ImportBody, ImportShape, status=201)
    def create(self, request: Request) -> Response:
        """Send a list to be checked; long ones are checked by a worker, ask again until ``state`` is ``checked``."""
        words = self.body(ImportBody)
        upload, rows = words.pop("file"), words.pop("rows")
        if (upload is None) == (rows is None):
            raise ValidationRefused(_("Send a file or rows."), field="rows")
        who: Any = {"actor": self.actor, "at": self.at}

        def run() -> Any:
            if upload is not None:
                made = start_import(kind=words["kind"], upload=upload, make_missing=words["make_missing"], **who)
            else:
                made = start_rows(rows=rows, **words | who)
            return self.shown(self.rows().get(pk=made.pk))

        return self.act(run, status=201)

    @extend_schema(parameters=[FAULTY], responses=ImportRowShape(many=True))
    @action(detail=True, pagination_class=None, url_path="rows", url_name="rows")
    def sheet(self, request: Request, pk: Any = None) -> Response:
        """The rows with what was found out about each."""
        run = self.get_object()
        rows = run.rows.order_by("number")
        if faulty := self.choice_asked("faulty", ("true", "false")):
            rows = rows.filter(is_faulty=faulty == "true")
        shown = list(rows_shown(run, columns_shown(self.actor, run), rows[:MOST_ROWS]))
        return Response(ImportRowShape(shown, many=True, context=self.get_serializer_context()).data)

    @unsafe(ImportSavingBody, ImportShape)
    @action(detail=True, methods=["post"])
    def saving(self, request: Request, pk: Any = None) -> Response:
        """Save the list; a long one is saved by a worker."""
        found, words = self.get_object(), self.body(ImportSavingBody)
        return self.act(lambda: self._again(ask_to_save(run_id=found.pk, actor=self.actor, at=self.at, **words)))

    @unsafe(None, ImportShape)
    @action(detail=True, methods=["post"])
    def dropping(self, request: Request, pk: Any = None) -> Response:
        """Forget a list that was not saved."""
        found = self.get_object()
        return self.act(lambda: self._again(drop_run(run_id=found.pk, actor=self.actor, at=self.at)))

    def _again(self, run: ImportRun) -> Any:
        return self.shown(self.rows().get(pk=run.pk))
