"""Refusals as JSON: one shape for the kernel's refusals and for what the framework refuses."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as InvalidValue
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import set_rollback

from backend.api.inputs import Text
from backend.kernel.errors import NotFoundRefused, PermissionRefused, Refusal, ValidationRefused
from backend.kernel.money import overflow_of

log = logging.getLogger("troika.api")


class ProblemSerializer(serializers.Serializer[Any]):
    """One thing that is wrong: where, what, and the way out."""

    code = Text()
    message = Text()
    document = Text(allow_null=True)
    line = serializers.IntegerField(allow_null=True)
    field = Text(allow_null=True)
    value = Text(allow_null=True)
    way_out = Text(allow_null=True)
    links = serializers.ListField(child=serializers.DictField(), default=list)


class RefusalSerializer(serializers.Serializer[Any]):
    """The answer to every call that was not done; nothing has changed."""

    code = Text()
    message = Text()
    problems = ProblemSerializer(many=True)


def handle_exception(problem: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler. A fault of ours is recorded, and answered in the same shape."""
    refusal = _as_refusal(problem) or _fault(problem, context["request"])
    set_rollback()
    response = Response(refusal.as_dict(), status=refusal.status)
    header = getattr(problem, "auth_header", None)
    if header:
        response["WWW-Authenticate"] = header
    return response


def _fault(problem: Exception, request: Any) -> Refusal:
    got_request_exception.send(sender=None, request=request)
    log.error("Fault: %s %s", request.method, request.path, exc_info=problem)
    return Refusal(
        _("Something broke on our side; it has been recorded. Nothing was changed."), code="fault", status=500
    )


def _as_refusal(problem: Exception) -> Refusal | None:
    if isinstance(problem, Refusal):
        return problem
    if isinstance(problem, InvalidValue):
        return ValidationRefused(" ".join(str(text) for text in problem.messages))
    if isinstance(problem, Http404):
        return NotFoundRefused(_("There is no such thing here."))
    if isinstance(problem, PermissionDenied):
        return PermissionRefused(_("You may not do this."))
    if isinstance(problem, exceptions.ValidationError):
        found = list(_problems(problem.detail, "", None))
        refusal = Refusal.many(found) if found else Refusal(_("The request is not valid."))
        refusal.code, refusal.status = "invalid", 400
        return refusal
    if isinstance(problem, exceptions.APIException):
        code = getattr(problem.detail, "code", None) or problem.default_code
        return Refusal(str(problem.detail), code=str(code), status=problem.status_code)
    return overflow_of(problem)


def _problems(detail: Any, field: str, line: int | None) -> Any:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            if isinstance(name, int):
                yield from _problems(inner, field, name + 1)
            else:
                yield from _problems(inner, field if name == "non_field_errors" else str(name), line)
    elif isinstance(detail, list) and any(isinstance(part, dict) for part in detail):
        for index, inner in enumerate(detail, start=1):
            yield from _problems(inner, field, index)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _problems(inner, field, line)
    else:
        yield Refusal(str(detail), code=str(getattr(detail, "code", "invalid")), field=field or None, line=line)
