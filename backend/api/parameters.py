"""The company's parameters over the API: how it books, buys and sells. Values travel as text, as they are written here."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import ApiView, unsafe
from backend.api.inputs import Text
from backend.kernel.errors import ValidationRefused
from backend.workflow import parameters

TRUTHS = ("true", "false")


class ParameterShape(serializers.Serializer[Any]):
    """A parameter with its words in the reader's language; ``choices`` are empty for numbers."""

    key = Text()
    value = Text()
    label = Text()  # type: ignore[assignment]
    help = Text(allow_blank=True)
    choices = serializers.ListField(child=Text())


class ParameterBody(serializers.Serializer[Any]):
    """A parameter by its key, and its new value."""

    key = serializers.ChoiceField(choices=list(parameters.PARAMETERS))
    value = Text(max_length=40)


def _shown(key: str, value: Any) -> dict[str, Any]:
    declared = parameters.PARAMETERS[key]
    truth = declared.kind is bool
    return {
        "key": key,
        "value": TRUTHS[not value] if truth else str(value),
        "label": str(declared.label),
        "help": str(declared.help),
        "choices": list(TRUTHS if truth else declared.choices),
    }


class ParameterView(ApiView):
    """Parameters of the company, among them how invoices of a later month are booked (单到冲回 or 差额调整)."""

    pagination_class = None
    reads = {"staff": "workflow.setting.view"}
    writes = {"staff": "workflow.setting.manage"}

    @extend_schema(responses=ParameterShape(many=True))
    def list(self, request: Request) -> Response:
        """All of them, with their values."""
        return Response([_shown(key, value) for key, value in parameters.stored_values().items()])

    @unsafe(ParameterBody, ParameterShape)
    def create(self, request: Request) -> Response:
        """Change one; it counts from now on."""
        words = self.body(ParameterBody)
        key, value = words["key"], words["value"]
        declared = parameters.PARAMETERS[key]
        if declared.kind is bool and value not in TRUTHS:
            raise ValidationRefused(
                _("%(value)s is not possible for “%(label)s”.") % {"value": value, "label": declared.label},
                field="value",
                value=value,
                way_out=_("Possible are: %(allowed)s.") % {"allowed": ", ".join(TRUTHS)},
            )

        def run() -> dict[str, Any]:
            return _shown(key, parameters.set_parameter(key=key, value=value, actor=self.actor, at=self.at))

        return self.act(run)
