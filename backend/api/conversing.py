"""The conversation with the supplier on a purchase order, and links for a workshop to report by, over the API."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, unsafe
from backend.api.inputs import Text
from backend.api.qualification import FileBody
from backend.api.service import MessageShape
from backend.api.shapes import shape
from backend.kernel.actor import Actor
from backend.kernel.comments import comments_on
from backend.kernel.conversation import say
from backend.kernel.errors import NotFoundRefused
from backend.processes.progress_links import give_link
from backend.purchasing.models import ProgressLink
from backend.purchasing.services.progress_links import revoke_link

EDIT = {"staff": "purchasing.order.edit"}

LinkShape = shape(
    ProgressLink,
    ("id", "order_line", "sent_to", "expires_at", "uses", "used_at", "revoked_at", "created_at", "created_by_name"),
)


class MessageBody(serializers.Serializer[Any]):
    """Words, a file, or both; what staff mark internal stays among them."""

    text = Text(max_length=4000, required=False, default="", allow_blank=True)
    file = FileBody(required=False, allow_null=True, default=None)
    internal = serializers.BooleanField(default=False)


class LinkBody(serializers.Serializer[Any]):
    """The line to report on; ``mail`` sends the link to the supplier's address."""

    order_line_id = serializers.UUIDField()
    mail = serializers.BooleanField(default=False)


class GivenLinkShape(LinkShape):  # type: ignore[misc, valid-type]
    """A new link. Its address is shown this once: only a hash of it is kept."""

    url = serializers.CharField(read_only=True)
    mailed_to = serializers.CharField(read_only=True, allow_blank=True)

    class Meta(LinkShape.Meta):  # type: ignore[name-defined, misc]
        fields = (*LinkShape.Meta.fields, "url", "mailed_to")


class Conversation:
    """Messages and links of a purchase order; a mixin of its view."""

    actor: Actor
    at: Any
    require: Any
    require_staff: Any
    get_object: Any
    words: Any
    act: Any

    @extend_schema(responses=MessageShape(many=True))
    @action(detail=True, pagination_class=None)
    def messages(self, request: Request, number: str = "") -> Response:
        """What was said on the order, the oldest first; a supplier reads what is shared with it."""
        return Response(self._said(self.get_object()))

    @unsafe(MessageBody, MessageShape(many=True))
    @messages.mapping.post
    def saying(self, request: Request, number: str = "") -> Response:
        """Write on the order; answered with all that the caller may read."""
        order, words = self.get_object(), self.words(MessageBody)
        internal = words["internal"]
        if internal:
            self.require_staff()

        def run() -> Any:
            say(
                subject=order,
                text=words["text"],
                upload=words["file"],
                visibility="internal" if internal else "supplier",
                party_id=None if internal else order.supplier_id,
                actor=self.actor,
                at=self.at,
            )
            return self._said(order)

        found: Response = self.act(run)
        return found

    def _said(self, order: Any) -> Any:
        shared = "supplier" if self.actor.kind == "supplier" else None
        return MessageShape(comments_on(order.pk, visibility=shared), many=True).data

    @extend_schema(responses=LinkShape(many=True))
    @action(detail=True, pagination_class=None, url_path="progress-links")
    def progress_links(self, request: Request, number: str = "") -> Response:
        """Links that were given out for the order's lines, the newest first."""
        self.require(EDIT)
        links = ProgressLink.objects.filter(order_line__document=self.get_object())
        return Response(LinkShape(links.order_by("-created_at", "-id"), many=True).data)

    @extend_schema(request=LinkBody, responses={201: GivenLinkShape})
    @progress_links.mapping.post
    def giving(self, request: Request, number: str = "") -> Response:
        """Give a link for a line; the former one of the line ends. Asking again gives a new one: no answer is kept."""
        self.require(EDIT)
        order, words = self.get_object(), self.words(LinkBody)
        if words["order_line_id"] not in {line.pk for line in order.lines.all()}:
            raise serializers.ValidationError({"order_line_id": [_("This line is not on the order.")]})
        given = give_link(actor=self.actor, at=self.at, **words)
        shown = {**LinkShape(given.link).data, "url": given.url, "mailed_to": given.mailed_to}
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})

    @unsafe(None, LinkShape)
    @action(detail=True, methods=["delete"], url_path=rf"progress-links/(?P<link_id>{UUID_PATTERN})")
    def ending(self, request: Request, number: str = "", link_id: str = "") -> Response:
        """End a link at once."""
        self.require(EDIT)
        order, wanted = self.get_object(), serializers.UUIDField().run_validation(link_id)
        if not ProgressLink.objects.filter(pk=wanted, order_line__document=order).exists():
            raise NotFoundRefused(_("There is no such link."), value=link_id)

        def run() -> Any:
            revoke_link(link_id=wanted, actor=self.actor, at=self.at)
            return LinkShape(ProgressLink.objects.get(pk=wanted)).data

        found: Response = self.act(run)
        return found
