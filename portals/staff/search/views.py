"""Search: the fragment of the command palette, the page without script, and what pickers ask while one types."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from backend.parties.models import Party
from portals.staff.search import find
from portals.ui.guards import staff_view


@staff_view()
def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "")
    context = {"query": query, "groups": find.find(request, query)}
    fragment = request.headers.get("X-Requested-With") == "palette"
    return render(request, "ui/palette_results.html" if fragment else "staff/search/search.html", context)


def _results(rows: list[dict[str, Any]]) -> JsonResponse:
    return JsonResponse({"results": rows})


def party_results(query: str, **role: bool) -> JsonResponse:
    """Parties in a role (any without one) for a picker."""
    match = find.by_words(query, "name", "code", "mnemonic", "short_name")
    rows = Party.objects.filter(match, active=True, **role).order_by("sort_key", "id")[:12]
    return _results([{"id": str(row.pk), "label": row.name, "sub": row.code} for row in rows])


@staff_view("parties.customer.view")
def customers(request: HttpRequest) -> HttpResponse:
    """Customers for a picker."""
    return party_results(request.GET.get("q", ""), is_customer=True)


@staff_view("parties.supplier.view")
def suppliers(request: HttpRequest) -> HttpResponse:
    """Suppliers for a picker."""
    return party_results(request.GET.get("q", ""), is_supplier=True)


@staff_view()
def carriers(request: HttpRequest) -> HttpResponse:
    """Carriers for a picker."""
    return party_results(request.GET.get("q", ""), is_carrier=True)


@staff_view("catalog.item.view")
def items(request: HttpRequest) -> HttpResponse:
    """Items for a picker."""
    found = find.find_items(request.actor, request.GET.get("q", ""), 12)  # type: ignore[attr-defined]
    return _results([{"id": str(row.pk), "label": row.name, "sub": f"{row.code} {row.spec}".strip()} for row in found])


def party_name(key: str) -> str:
    """The name behind an id in the address of a list; nothing readable for a stranger's."""
    try:
        found = Party.objects.filter(pk=UUID(key)).only("name").first()
    except ValueError:
        found = None
    return found.name if found else _("unknown")
