"""Refusals as pages and fragments; guards at the door."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, PermissionRefused, Refusal, WayOut
from portals.ui import errors
from portals.ui.field_names import FIELD_NAMES
from portals.ui.guards import staff_view, supplier_view
from portals.ui.middleware import ContentSecurityPolicyMiddleware, RefusalMiddleware


def request(path: str = "/sales/orders/?page=2", method: str = "get", **extra: Any) -> HttpRequest:
    made = getattr(RequestFactory(), method)(path, **extra)
    made.face, made.member, made.actor, made.tenant, made.htmx = "staff", None, None, None, False
    return made


def signed_in(made: HttpRequest, *codes: str, kind: str = "staff") -> HttpRequest:
    made.member = SimpleNamespace(pk="m", name="Chen")
    made.actor = Actor(kind=kind, name="Chen", permissions=frozenset(codes))  # type: ignore[arg-type]
    return made


@staff_view("sales.order.approve")
def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def test_a_stranger_goes_to_the_sign_in_and_comes_back() -> None:
    answer = view(request())
    assert answer.status_code == 302
    assert answer["Location"] == "/signin/?next=%2Fsales%2Forders%2F%3Fpage%3D2"


def test_a_form_of_a_lost_session_comes_back_to_its_page() -> None:
    answer = view(
        request("/sales/orders/new/", "post", headers={"referer": "http://testserver/sales/orders/new/?copy=1"})
    )
    assert answer["Location"] == "/signin/?next=%2Fsales%2Forders%2Fnew%2F%3Fcopy%3D1"


def test_htmx_moves_the_whole_page_to_the_sign_in() -> None:
    made = request(headers={"hx-current-url": "http://testserver/sales/orders/"})
    made.htmx = True
    answer = view(made)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/signin/?next=%2Fsales%2Forders%2F"


def test_without_the_right_it_is_refused_and_with_it_admitted() -> None:
    with pytest.raises(PermissionRefused):
        view(signed_in(request(), "sales.order.view"))
    assert view(signed_in(request(), "sales.order.approve")).content == b"in"


def test_another_face_does_not_exist_here() -> None:
    with pytest.raises(Http404):
        supplier_view()(lambda request: HttpResponse())(signed_in(request()))


def refusal() -> Refusal:
    return Conflict(
        "12 of 30 are reserved.",
        document="DN-44",
        line=2,
        field="qty",
        value=30,
        way_out="Ship 18 now.",
        links=[WayOut("Open DN-39", "/sales/deliveries/DN-39/")],
    )


def test_a_refusal_names_document_line_field_value_why_and_way_out(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.portals.ui.bare_urls"
    answer = RefusalMiddleware(lambda request: HttpResponse()).process_exception(request(), refusal())
    assert answer is not None
    assert answer.status_code == 409
    text = answer.content.decode()
    for words in (
        "DN-44 · Line 2 · Quantity · 30",
        "12 of 30 are reserved.",
        "Ship 18 now.",
        'href="/sales/deliveries/DN-39/"',
    ):
        assert words in text


def test_for_htmx_a_refusal_is_a_fragment_with_its_place(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.portals.ui.bare_urls"
    made = request()
    made.htmx = True
    answer = errors.refusal_response(made, refusal())
    assert answer["HX-Retarget"] == "#tk-problems"
    assert b"<html" not in answer.content


def test_the_api_and_other_exceptions_are_left_alone() -> None:
    guard = RefusalMiddleware(lambda request: HttpResponse())
    made = request()
    made.face = "api"  # type: ignore[attr-defined]
    assert guard.process_exception(made, refusal()) is None
    assert guard.process_exception(request(), ValueError()) is None


def test_several_problems_are_counted_and_sorted_to_their_lines() -> None:
    both = Refusal.many([refusal(), Conflict("Closed period.", field="doc_date")])
    block = errors.block_of(both)
    assert "2 things" in str(block.title)
    assert errors.cell_errors(both) == {2: {"qty": "12 of 30 are reserved. Ship 18 now."}}


def test_every_answer_carries_the_policy() -> None:
    answer = ContentSecurityPolicyMiddleware(lambda request: HttpResponse())(request())
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("handler", "status"),
    [(errors.bad_request, 400), (errors.permission_denied, 403), (errors.csrf_failure, 403), (errors.not_found, 404)],
)
def test_error_pages(handler: Any, status: int, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.portals.ui.bare_urls"
    assert handler(request()).status_code == status
    assert errors.server_error(request()).status_code == 500


def test_every_field_a_refusal_names_has_a_name_for_people() -> None:
    """A block above a form says "Contact", never "contact_name"; the rest are parameters of the API."""
    root = Path(__file__).resolve().parents[3]
    raised = {
        name
        for folder in ("backend", "portals", "tenants")
        for file in (root / folder).rglob("*.py")
        if "backend/api" not in file.as_posix()
        for name in re.findall(r'field="(\w+)"', file.read_text())
    }
    assert raised - set(FIELD_NAMES) == {"key"}
