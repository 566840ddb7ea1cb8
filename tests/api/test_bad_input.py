"""What cannot be right is refused with the place that is wrong, in one shape, and changes nothing."""

from typing import Any

import pytest

from backend.sales.models import SalesOrder
from tests.api.caller import Caller
from tests.scenarios.world import World


@pytest.fixture
def world(tenant: Any) -> World:
    return World()


@pytest.fixture
def rep(world: World) -> Caller:
    return Caller.of(world.rep)


@pytest.fixture
def body(world: World) -> dict[str, Any]:
    item = world.item("PEN", "Pen", stock=9)
    lines = [{"item_id": str(item.pk), "qty": "1", "price": "2"}]
    return {"customer_id": str(world.customer.pk), "requested_date": str(world.day(3)), "lines": lines}


BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"7",
    b"{}",
    b'{"lines": NaN}',
    b"\xff\xfe",
    b'{"lines": [' + b"[" * 5000 + b"]" * 5000 + b"]}",
    b"[" * 200_000,
    b'{"lines": ' + b"9" * 5000 + b"}",
)


@pytest.mark.parametrize("raw", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_body(rep, raw):
    assert rep.refused("POST", "sales/orders/", raw)[0] == 400


def test_another_kind_of_body(rep):
    assert rep.refused("POST", "sales/orders/", "a=1", content_type="text/plain")[0] in {400, 415}


FIELDS = (
    ("requested_date", "0000-00-00"),
    ("requested_date", "9999-12-31"),
    ("requested_date", "1066-10-14"),
    ("requested_date", 20261122),
    ("doc_date", "tomorrow"),
    ("customer_ref", "x" * 10_000),
    ("remark", "x" * 100_000),
    ("remark", "a\u0000b"),
    ("remark", "\ud800"),
    ("remark", {"a": 1}),
    ("customer_id", "not-an-id"),
    ("customer_id", 7),
    ("customer_id", None),
    ("customer_id", "00000000-0000-0000-0000-000000000000"),
    ("warehouse_id", "00000000-0000-0000-0000-000000000000"),
    ("salesperson_id", "00000000-0000-0000-0000-000000000000"),
    ("payment_days", 10**30),
    ("payment_days", -1),
    ("price_includes_tax", "perhaps"),
    ("lines", []),
    ("lines", {}),
    ("lines", [None]),
    ("lines", [[]]),
    ("lines", ["x"]),
    ("quantity", "1"),
)


@pytest.mark.parametrize(("field", "value"), FIELDS, ids=[f"{name}-{n}" for n, (name, _value) in enumerate(FIELDS)])
def test_a_wrong_field(rep, body, field, value):
    status, _told = rep.refused("POST", "sales/orders/", body | {field: value})
    assert status in {400, 404}
    assert not SalesOrder.objects.exists()


LINES = (
    ("qty", "0"),
    ("qty", "-1"),
    ("qty", "1e400"),
    ("qty", "1E+999999999"),
    ("qty", "NaN"),
    ("qty", "Infinity"),
    ("qty", "9" * 30),
    ("qty", "9" * 2000),
    ("qty", "0.00000001"),
    ("qty", True),
    ("qty", None),
    ("price", "-1"),
    ("price", "9" * 15),
    ("discount_pct", "101"),
    ("discount_pct", "-5"),
    ("tax_rate", "-1"),
    ("tax_rate", "99999"),
    ("item_id", "00000000-0000-0000-0000-000000000000"),
    ("requested_date", "9999-12-31"),
    ("description", "x" * 10_000),
)


@pytest.mark.parametrize(("field", "value"), LINES, ids=[f"{name}-{n}" for n, (name, _value) in enumerate(LINES)])
def test_a_wrong_line_is_named(rep, body, field, value):
    body["lines"][0][field] = value
    status, told = rep.refused("POST", "sales/orders/", body)
    assert status in {400, 404, 409}
    assert told["problems"][0]["line"] == 1 or told["problems"][0]["field"]
    assert not SalesOrder.objects.exists()


def test_many_wrong_lines_are_all_named(rep, body):
    body["lines"] = [{**body["lines"][0], "qty": qty} for qty in ("1", "-1", "x", "2")]
    _status, told = rep.refused("POST", "sales/orders/", body)
    assert {problem["line"] for problem in told["problems"]} >= {3}
    body["lines"] *= 300
    assert rep.refused("POST", "sales/orders/", body)[0] == 400


@pytest.mark.parametrize("key", ["%00", "x" * 3000, "%F0%9F%8D%8E", "..", "'; select 1", "%2e%2e%2fetc", "-1"])
def test_a_wrong_address(rep, key):
    for path in ("sales/orders", "catalog/items", "logistics/shipments"):
        for method in ("GET", "PUT"):
            assert rep.refused(method, f"{path}/{key}/", {} if method == "PUT" else None)[0] in {400, 403, 404, 405}


@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 3000, "q=%25%25__\\", "q='", "q=%F0%9F%8D%8E", "role=x"])
def test_a_strange_question(rep, query):
    for path in ("catalog/items", "parties", "sales/orders"):
        assert rep.call("GET", f"{path}/?{query}").status_code in {200, 400}


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "9" * 40, "1.5"])
def test_a_wrong_version(rep, body, version):
    made = rep.post("sales/orders/", body)
    assert rep.refused("PUT", f"sales/orders/{made['number']}/?version={version}", body)[0] == 400
