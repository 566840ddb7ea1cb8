"""The API's description: OpenAPI document and a page to read. Both come from the views; nothing is written twice."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator

from backend.kernel.errors import NotFoundRefused

REFUSALS = {
    "400": "The request is not valid.",
    "401": "No token, or one that is unknown, expired or revoked.",
    "402": "The company's trial or subscription has ended; reading goes on.",
    "403": "The token's member lacks the right.",
    "404": "There is no such thing for this token.",
    "409": "The state of things forbids it; nothing has changed.",
}
ONLY_UNSAFE = {"402", "409"}


class GuardedFields(OpenApiSerializerExtension):
    """Fields that need a right of their own are not promised to everybody."""

    target_class = "backend.api.shapes.Shape"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        found: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        for part in found.get("properties", {}).values():
            if part.get("format") in {"email", "uri"}:
                del part["format"]  # may be empty
        promised = [name for name in found.get("required", []) if name not in self.target.guarded]
        return {**found, "required": promised} if promised else found


def close_bodies(result: dict[str, Any], generator: Any, **_options: Any) -> dict[str, Any]:
    """Bodies take no other fields than those named."""
    schemas = result["components"]["schemas"]
    waiting = [op.get("requestBody", {}) for operations in result["paths"].values() for op in operations.values()]
    closed: set[str] = set()
    while waiting:
        for name in _references(waiting.pop()) - closed:
            closed.add(name)
            waiting.append(schemas[name])
            if "properties" in schemas[name]:
                schemas[name].setdefault("additionalProperties", False)
    return result


def _references(part: Any) -> set[str]:
    """Names of the components that a part of the document refers to."""
    if isinstance(part, list):
        return {name for inner in part for name in _references(inner)}
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"].rsplit("/", 1)[-1]} if "$ref" in part else set()
    return own | {name for inner in part.values() for name in _references(inner)}


def describe_refusals(result: dict[str, Any], generator: Any, **_options: Any) -> dict[str, Any]:
    """Every operation may be refused, always in one shape (which ``access/me`` brings into the document)."""
    shape = {"$ref": "#/components/schemas/Refusal"}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            for status, words in REFUSALS.items():
                if method != "get" or status not in ONLY_UNSAFE:
                    content = {"application/json": {"schema": shape}}
                    operation["responses"].setdefault(status, {"description": words, "content": content})
    return result


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; the same for every company."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page."""
    return render(request, "api/docs.html", {"areas": areas(document())})


def areas(found: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Operations by area of the company's work."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            area = path.removeprefix("/api/v1/").split("/")[0]
            grouped.setdefault(area, []).append(_entry(path, method, operation, found["components"]["schemas"]))
    return sorted(grouped.items())


def _entry(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    good: dict[str, Any] = next((it for status, it in operation["responses"].items() if status.startswith("2")), {})
    answer = good.get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "words": operation.get("description", ""),
        "parameters": [p for p in operation.get("parameters", []) if p["in"] != "path"],
        "body": _fields(body, schemas),
        "answer": _fields(answer, schemas),
    }


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """Name, type and need of a body's fields; what a list holds for a list."""
    found = _resolved(schema, schemas)
    if found.get("type") == "array":
        found = _resolved(found["items"], schemas)
    if "results" in found.get("properties", {}):
        return _fields(found["properties"]["results"], schemas)
    required = set(found.get("required", ()))
    return [
        {"name": name, "type": _type(part, schemas), "required": name in required}
        for name, part in found.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "allOf" in schema:
        schema = schema["allOf"][0]
    reference = schema.get("$ref", "")
    return dict(schemas[reference.rsplit("/", 1)[-1]]) if reference else schema


def _type(part: dict[str, Any], schemas: dict[str, Any]) -> str:
    found = _resolved(part, schemas)
    if found.get("type") == "array":
        return f"[{_type(found['items'], schemas)}]"
    if found.get("properties"):
        return "{" + ", ".join(found["properties"]) + "}"
    return str(found.get("format") or found.get("type") or "")


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """Any other address of the API."""
    refusal = NotFoundRefused(_("There is no such address in the API."), value=request.path[:200])
    return JsonResponse(refusal.as_dict(), status=refusal.status)
