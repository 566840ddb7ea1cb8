"""What the views of all areas share: the actor, scoping, idempotency, pages of rows."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as InvalidValue
from django.db import DataError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, pagination, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from backend.access.models import Member
from backend.api.inputs import refuse_unknown
from backend.api.parsers import JsonParser
from backend.kernel import clock, idempotency
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, ValidationRefused

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
UUID_PATTERN = "[0-9a-fA-F-]+"
VERSION = OpenApiParameter("version", int, description="The version that was read; another one means 409.")
_MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
MONTH = OpenApiParameter("month", str, pattern=_MONTH, description="A month; this one unless said otherwise.")
KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key with the same request gives the first answer again.",
)


class Page(pagination.CursorPagination):
    """Keyset pages: ``?cursor=…&page_size=…``."""

    page_size: int = 50
    max_page_size: int = 200
    page_size_query_param: str = "page_size"
    ordering: Any = "-pk"

    def get_page_size(self, request: Request) -> int:
        """How many rows; anything else than a number from 1 to the most there are is a mistake."""
        asked = request.query_params.getlist(self.page_size_query_param)
        if not asked:
            return self.page_size
        if len(asked) > 1:
            raise serializers.ValidationError({"page_size": [_("Give one number.")]})
        return int(serializers.IntegerField(min_value=1, max_value=self.max_page_size).run_validation(asked[0]))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The bounds belong to the description."""
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)  # type: ignore[misc]
        for parameter in found:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return found

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """A cursor that was not made here is unknown, whatever it holds."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (DataError, InvalidValue, ValueError, OverflowError):
            raise NotFoundRefused(_("This page does not exist."), field="cursor") from None


class ApiView(viewsets.GenericViewSet[Any]):
    """Base of all views. ``reads`` and ``writes`` are permission codes; subclasses scope rows by actor."""

    pagination_class: Any = Page
    metadata_class = None
    parser_classes = (JsonParser,)
    serializer_class: Any = None
    reads: str | dict[str, str] = ""
    writes: str | dict[str, str] = ""

    @property
    def actor(self) -> Actor:
        return self.request.user.actor  # type: ignore[union-attr]

    @property
    def reader(self) -> Actor:
        """The caller as far as reading goes."""
        return self.actor

    @property
    def at(self) -> datetime:
        return clock.now()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.require(self.writes if request.method in UNSAFE else self.reads)

    def require(self, needed: str | dict[str, str]) -> None:
        """Refuse an actor that lacks the right; rights given per kind of member leave other kinds out."""
        reader = self.reader
        if isinstance(needed, str):
            if needed:
                reader.require(needed)
        elif reader.kind != "system":
            reader.require(needed.get(reader.kind, "nobody"))

    def require_staff(self) -> None:
        """Refuse partners."""
        if self.actor.kind not in {"staff", "system"}:
            self.actor.require("staff")

    def rows(self) -> QuerySet[Any]:
        """The rows this actor may see."""
        raise TypeError(f"{type(self).__name__} has no rows")

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            shown: Any = self.get_serializer_class()
            return shown.Meta.model._default_manager.none()
        return self.rows()

    def get_object(self) -> Any:
        """The row of the address; a foreign one is as unknown as one that never was."""
        value = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        found = None
        if "\x00" not in value:
            with suppress(InvalidValue, ValueError):  # not an id at all
                found = self.get_queryset().filter(**{self.lookup_field: value}).first()
        if found is None:
            raise NotFoundRefused(_("There is no such thing here."), value=value)
        return found

    def require_members(self, **ids: UUID | None) -> None:
        """Refuse members of staff that do not exist, by the field that names them."""
        wanted = {pk for pk in ids.values() if pk}
        if not wanted:
            return
        known = set(Member.objects.filter(pk__in=wanted, kind="staff").values_list("pk", flat=True))
        for field, pk in ids.items():
            if pk and pk not in known:
                raise ValidationRefused(_("There is no such colleague."), field=field, value=pk)

    def require_visible(self, rows: QuerySet[Any], ids: Sequence[UUID]) -> None:
        """Refuse ids that are not among the rows this actor may see, as if they did not exist."""
        known = set(rows.filter(pk__in=ids).values_list("pk", flat=True))
        for wanted in ids:
            if wanted not in known:
                raise NotFoundRefused(_("There is no such thing here."), value=wanted)

    def body(self, serializer_class: Any, **options: Any) -> dict[str, Any]:
        """The checked request body; raises a refusal with one problem per field."""
        return dict(self.checked(serializer_class, **options))

    def checked(self, serializer_class: Any, **options: Any) -> Any:
        """What the body says, checked; for a dataclass' serializer that dataclass."""
        if not isinstance(self.request.data, dict):
            raise ValidationRefused(_("The body should be a JSON object."))
        serializer = serializer_class(data=self.request.data, **options)
        refuse_unknown(serializer, self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def choice_asked(self, name: str, choices: Sequence[str]) -> str:
        """One of the choices from the address, or nothing when it is not asked for."""
        wanted = self.request.query_params.get(name)
        if wanted is None:
            return ""
        return str(serializers.ChoiceField(choices=choices).run_validation(wanted))

    def id_asked(self, name: str) -> UUID | None:
        """An id from the address, or nothing when it is not asked for."""
        raw = self.request.query_params.get(name)
        return None if raw is None else serializers.UUIDField().run_validation(raw)

    def month_asked(self) -> date:
        """The first of the month from the address, of this one when it is not asked for."""
        raw = self.request.query_params.get("month")
        month = f"{clock.today():%Y-%m}" if raw is None else serializers.RegexField(_MONTH).run_validation(raw)
        return date.fromisoformat(f"{month}-01")

    def version_asked(self) -> int | None:
        """The version that the caller has read (``?version=``)."""
        raw = self.request.query_params.get("version")
        if raw is None:
            return None
        return int(serializers.IntegerField(min_value=1, max_value=2**31 - 1).run_validation(raw))

    def act(self, action: Callable[[], Any], *, status: int = 200) -> Response:
        """Run an unsafe action, once per Idempotency-Key when the caller sent one."""
        key = self.request.headers.get("Idempotency-Key", "").strip()
        if not key:
            return Response(action(), status=status)
        if len(key) > 100:
            raise ValidationRefused(_("An idempotency key has at most 100 characters."), field="Idempotency-Key")
        stored = idempotency.once(
            f"{self.request.user.member.pk}:{key}",  # type: ignore[union-attr]
            {
                "method": self.request.method,
                "path": self.request.get_full_path(),
                "body": self.request.data,
            },
            lambda: (status, json.loads(json.dumps(action(), cls=JSONEncoder))),
            at=self.at,
        )
        response = Response(stored[1], status=stored[0])
        if stored[2]:
            response["Idempotent-Replay"] = "true"
        return response


class ReadView(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiView):
    """Lists and single rows."""

    list_serializer_class: Any = None

    def get_serializer_class(self) -> Any:
        if self.action == "list" and self.list_serializer_class:
            return self.list_serializer_class
        return self.serializer_class

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.shown(self.get_object()))

    def shown(self, row: Model) -> Any:
        """A row as the caller may see it."""
        return self.serializer_class(row, context=self.get_serializer_context()).data


def unsafe(request: Any = None, response: Any = None, **options: Any) -> Callable[[Any], Any]:
    """Schema of an unsafe action: body, answer and the key's header."""
    status, more = options.pop("status", 200), options.pop("parameters", [])
    return extend_schema(request=request, responses={status: response}, parameters=[KEY_HEADER, *more], **options)
