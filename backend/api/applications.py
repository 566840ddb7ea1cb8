"""Firms that want to supply the company, over the API (SRM-01): applications are taken up or declined, firms are invited."""

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.documents import Empty, Reason
from backend.api.inputs import Text
from backend.api.shapes import shape
from backend.api.suppliers import StateShape
from backend.parties.models import SupplierRole
from backend.srm.models import SupplierApplication
from backend.srm.selectors.qualification import applications
from backend.srm.services import admission

ApplicationShape = shape(
    SupplierApplication,
    (
        "id", "company_name", "contact_name", "email", "phone", "tax_id", "main_products", "message", "language", "state",
        "reason", "party", "created_at", "decided_at", "decided_by_name",
    ),
    depth_names=("party",),
)  # fmt: skip


class InvitationBody(serializers.Serializer[Any]):
    """Whom to ask to become a supplier; the person gets a link by mail."""

    name = Text(max_length=120)
    contact_name = Text(max_length=60)
    email = Text(max_length=254)
    tax_id = Text(max_length=30, allow_blank=True, default="")
    language = serializers.ChoiceField(choices=[code for code, _name in settings.LANGUAGES], default="zh-hans")


class ApplicationView(ReadView):
    """Applications of firms that want to become suppliers."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-id",)

    serializer_class = ApplicationShape
    lookup_value_regex = UUID_PATTERN
    reads = writes = {"staff": "srm.application.edit"}

    def rows(self) -> Any:
        return applications()

    @unsafe(Empty, StateShape)
    @action(detail=True, methods=["post"])
    def acceptance(self, request: Request, pk: Any = None) -> Response:
        """Make a pending supplier of it and invite its first user; answered with the supplier's state."""
        row = self.get_object()
        return self.act(lambda: self._state(admission.accept_application(application_id=row.pk, **self._who())))

    @unsafe(Reason, ApplicationShape)
    @action(detail=True, methods=["post"])
    def rejection(self, request: Request, pk: Any = None) -> Response:
        """Decline it; the applicant reads the reason in a mail."""
        row, words = self.get_object(), self.body(Reason)

        def run() -> Any:
            admission.decline_application(application_id=row.pk, **words, **self._who())
            return self.shown(self.rows().get(pk=row.pk))

        return self.act(run)

    @unsafe(InvitationBody, StateShape, status=201)
    @action(detail=False, methods=["post"])
    def invitations(self, request: Request) -> Response:
        """Ask a firm to become a supplier: it is pending until its documents are accepted."""
        words = self.body(InvitationBody)
        return self.act(lambda: self._state(admission.invite_supplier(**words, **self._who())), status=201)

    def _who(self) -> dict[str, Any]:
        return {"actor": self.actor, "at": self.at}

    def _state(self, party: Any) -> Any:
        found = SupplierRole.objects.select_related("party").get(pk=party.pk)
        return StateShape(found, context=self.get_serializer_context()).data
