"""What the views of all documents share: addressed by number, steps as sub-resources.

``POST …/orders/SO-7/approval/`` approves, ``DELETE`` of the same takes it back; other steps are named
after what they make or end (``…/shipment/``, ``…/closing/``).
"""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, Page, ReadView, unsafe
from backend.api.inputs import Text, serializer_for
from backend.kernel import audit, links
from backend.kernel.document import Approval
from backend.kernel.links import Graph

APPROVAL = OpenApiParameter("approval", str, enum=list(Approval.values))


class Newest(Page):
    ordering = ("-doc_date", "-id")


class Empty(serializers.Serializer[Any]):
    """A step that needs no words."""


class Reason(serializers.Serializer[Any]):
    """Why a step is taken."""

    reason = Text(max_length=300, allow_blank=True, default="")


class TimelineEntry(serializers.Serializer[Any]):
    """One act on a document."""

    at = serializers.DateTimeField()
    verb = Text()
    actor_name = Text()
    channel = Text()
    changes = serializers.JSONField()
    reason = Text()


class RelatedDocument(serializers.Serializer[Any]):
    """A document up or down the chain; level 0 is the one asked about."""

    doc_type = Text()
    number = Text()
    level = serializers.IntegerField()
    approval = Text()


class DocumentView(ReadView):
    """Lists, single documents, their story and their steps; who may see what is decided by ``rows``."""

    pagination_class = Newest
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    data: Any = None
    edits: str | dict[str, str] = "nobody"

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        raise TypeError(f"{type(self).__name__} does not save")

    def filter_queryset(self, queryset: Any) -> Any:
        wanted = self.choice_asked("approval", Approval.values)
        found = super().filter_queryset(queryset)
        if self.action == "list" and self.list_serializer_class is not self.serializer_class:
            found = found.prefetch_related(None)  # rows of a list come without their lines
        return found.filter(approval=wanted) if wanted else found

    def again(self, document: Any) -> Any:
        """The document as it stands after a step."""
        found = self.rows().filter(pk=document.pk).first()
        return self.shown(found or type(document)._default_manager.get(pk=document.pk))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Steps name the right they need themselves; reading a document first is always needed."""
        super().initial(request, *args, **kwargs)
        self.require(self.reads)

    def step(
        self,
        service: Callable[..., Any],
        *,
        needs: str | dict[str, str] = "",
        name: str = "",
        as_read: bool = False,
        **more: Any,
    ) -> Response:
        """One step on the document of the address, answered with the document as it stands after.

        ``as_read``: the service also learns which version the caller has read.
        """
        self.require(needs)
        if as_read:
            more["version"] = self.version_asked()
        document = self.get_object()
        key = name or f"{document.DOC_TYPE.split('.')[-1].replace('sales_', '').replace('purchase_', '')}_id"

        def run() -> Any:
            service(**{key: document.pk}, actor=self.actor, at=self.at, **more)
            return self.again(document)

        return self.act(run)

    def words(self, serializer_class: Any) -> dict[str, Any]:
        """The checked body of a step; an empty body counts as none."""
        return self.body(serializer_class)

    def read(self) -> Any:
        """The body as the dataclass that the service takes."""
        return self.checked(serializer_for(self.data, self.serializer_class.Meta.model))

    @extend_schema(responses=TimelineEntry(many=True))
    @action(detail=True, pagination_class=None)
    def timeline(self, request: Request, number: str = "") -> Response:
        """Who did what, newest first: the company's own affair. What changed is for those who may see prices."""
        self.require_staff()
        found: Any = TimelineEntry(audit.timeline(self.get_object().pk)[:200], many=True).data
        if not self.actor.may("catalog.price.view"):
            found = [{**entry, "changes": None} for entry in found]
        return Response(found)

    @extend_schema(responses=RelatedDocument(many=True))
    @action(detail=True, pagination_class=None)
    def related(self, request: Request, number: str = "") -> Response:
        """The chain up and down: the company's own affair, for it names customers' and suppliers' documents alike."""
        self.require_staff()
        graph: Graph = links.graph(self.get_object())
        rows = [
            {
                "doc_type": node.doc_type,
                "number": str(node.document),
                "level": node.level,
                "approval": getattr(node.document, "approval", ""),
            }
            for node in graph.nodes
        ]
        return Response(RelatedDocument(rows, many=True).data)


def document_view(data: Any, shown: Any, listed: Any = None, *, replaces: bool = True) -> Callable[[Any], Any]:
    """Class decorator: shapes of a document's view, and creating and replacing it where ``data`` says how."""

    def describe(cls: Any) -> Any:
        cls.serializer_class, cls.list_serializer_class = shown, listed or shown
        cls.list = extend_schema(parameters=[APPROVAL])(own(cls, "list"))
        if data is None:
            return cls
        cls.data = data
        body = serializer_for(data, shown.Meta.model)
        cls.create = unsafe(body, shown, status=201)(_creating())
        if replaces:
            cls.update = unsafe(body, shown, parameters=[VERSION])(_replacing())
        return cls

    return describe


def _creating() -> Any:
    def create(self: Any, request: Request) -> Response:
        """Write a draft."""
        self.require(self.edits)
        body = self.read()
        return self.act(lambda: self.again(self.save(body)), status=201)

    return create


def _replacing() -> Any:
    def update(self: Any, request: Request, **_address: Any) -> Response:
        """Replace a draft whole."""
        self.require(self.edits)
        document, body, version = self.get_object(), self.read(), self.version_asked()
        return self.act(lambda: self.again(self.save(body, document, version)))

    return update


def own(cls: Any, name: str) -> Any:
    """The method as the class' own function, so that its description does not leak to other views."""
    original = getattr(cls, name)

    def method(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return original(self, request, *args, **kwargs)

    method.__name__, method.__doc__ = name, original.__doc__
    return method
