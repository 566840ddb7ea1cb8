"""The OpenAPI document, and every operation in it called with right and wrong data: never a fault, always as described.

Ids of things that exist are put into addresses and bodies, so that the calls get past "there is no such thing".
"""

import os
import random
import time
import traceback
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from django.core.signals import got_request_exception
from django.core.wsgi import get_wsgi_application
from django.db import connection
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, response_schema_conformance

from backend.access.models import Member
from backend.api.schema import document
from backend.kernel import tenancy
from tests.api.caller import Caller
from tests.api.filled import fill

# Of the processor's time in this process: how much is called does not depend on what else the machine has to do.
SECONDS = float(os.environ.get("API_SECONDS", "170"))
EXAMPLES = int(os.environ.get("API_EXAMPLES", "2"))
ONLY = os.environ.get("API_ONLY", "")
CHECKS = [not_a_server_error, response_schema_conformance, negative_data_rejection]

# Which list knows the ids that a field of this name may hold.
SOURCES = {
    "item_id": "catalog/items",
    "category_id": "catalog/categories",
    "unit_id": "catalog/units",
    "tax_code_id": "catalog/tax-codes",
    "customer_id": "parties/?role=customer",
    "supplier_id": "parties/?role=supplier",
    "carrier_id": "parties/?role=carrier",
    "party_id": "parties",
    "warehouse_id": "inventory/warehouses",
    "lot_id": "inventory/lots",
    "order_id": "sales/orders",
    "fund_account_id": "invoicing/fund-accounts",
    "account_id": "accounting/accounts",
    "invoice_id": "invoicing/sales-invoices",
    "suggestion_ids": "purchasing/suggestions",
    "receipt_ids": "purchasing/receipts",
    "delivery_ids": "sales/deliveries",
}
LINES = {"order_line_id": "sales/orders", "delivery_line_id": "sales/deliveries", "line_id": "invoicing/statements"}


def test_the_document_says_what_there_is():
    reset_generator_stats()
    found = document.__wrapped__()
    assert not GENERATOR_STATS
    assert found["openapi"].startswith("3.")
    assert len(found["paths"]) > 100
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (method, path)
            assert "404" in operation["responses"]


class Known:
    """Keys of what exists, for addresses and for fields."""

    def __init__(self, owner: Caller) -> None:
        self.owner = owner
        self.rows: dict[str, list[dict[str, Any]]] = {}
        members = [str(pk) for pk in Member.objects.filter(kind="staff").values_list("pk", flat=True)]
        self.fields: dict[str, list[str]] = {"member_id": members}
        for field, source in SOURCES.items():
            self.fields[field] = [row["id"] for row in self.of(source)]
        for field, source in LINES.items():
            self.fields[field] = [line["id"] for row in self.of(source)[:6] for line in self.whole(source, row)]
        more = [line["id"] for row in self.of("purchasing/orders") for line in self.whole("purchasing/orders", row)]
        self.fields["order_line_id"] += more

    def of(self, source: str) -> list[dict[str, Any]]:
        if source not in self.rows:
            path = source if "?" in source else f"{source}/"
            self.rows[source] = self.owner.all(path)
        return self.rows[source]

    def whole(self, source: str, row: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.owner.get(f"{source}/{row['number']}/")["lines"])

    def key(self, path: str, chance: random.Random) -> Any:
        """The number, code or id of something in the list that the address continues."""
        rows = self.of(path.removeprefix("/api/v1/").split("/{")[0])
        row = chance.choice(rows) if rows else {}
        return row.get("number") if "{number}" in path else row.get("code") if "{code}" in path else row.get("id")

    def put_into(self, body: Any, chance: random.Random) -> Any:
        """The body with ids of what exists in most of the places that hold ids."""
        if isinstance(body, list):
            return [self.put_into(part, chance) for part in body]
        if not isinstance(body, dict):
            return body
        return {name: self._field(name, value, chance) for name, value in body.items()}

    def _field(self, name: str, value: Any, chance: random.Random) -> Any:
        ids = self.fields.get(name)
        if not ids or value is None or chance.random() < 0.1:
            return self.put_into(value, chance)
        return [chance.choice(ids)] if isinstance(value, list) else chance.choice(ids)


@pytest.fixture
def kept_connection(committed_tenant: Any) -> Iterator[None]:
    """Requests leave the connection open, as under the pool of a running product: each new one has to learn every table anew."""
    age = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = None
    connection.close()
    yield
    connection.settings_dict["CONN_MAX_AGE"] = age
    connection.close()


@pytest.mark.slow
@pytest.mark.usefixtures("kept_connection")
def test_every_operation_answers_as_described():
    member = Member.objects.filter(roles__code="owner").first()
    assert member is not None
    owner = Caller.of(member)
    fill(owner)
    known, failures = Known(owner), []
    schema = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    operations = [result.ok() for result in schema.get_all_operations()]
    chosen = [operation for operation in operations if ONLY in operation.path]
    random.Random(1).shuffle(chosen)
    ends, called = time.process_time() + SECONDS, 0
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for operation in chosen:
            if time.process_time() < ends:
                called += 1
                failures += _try(operation, mode, owner, known)
    assert not failures, f"{len(failures)} of {called}\n" + "\n\n".join(failures)
    assert called >= len(chosen), (
        f"only {called} of {len(chosen)} operations were called in {SECONDS} s of processor time"
    )


def _try(operation: Any, mode: Any, owner: Caller, known: Known) -> list[str]:
    """Some calls of one operation; returns what went wrong, once per operation and mode."""
    chance = random.Random(7)

    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def calls(case: Any) -> None:
        _send(case, mode, owner, known, chance)

    faults: list[str] = []

    def note(**_more: Any) -> None:
        faults.append("".join(traceback.format_exc().splitlines(keepends=True)[-12:]))

    got_request_exception.connect(note)
    try:
        calls()
    except hypothesis.errors.Unsatisfiable:
        return []  # nothing about it can be wrong
    except Exception as problem:
        return [f"{operation.label} {mode}: {problem!r:.600}\n{''.join(faults[-1:])}"]
    except FailureGroup as problem:
        return [f"{operation.label} {mode}: {problem!s:.1200}\n{''.join(faults[-1:])}"]
    finally:
        got_request_exception.disconnect(note)
    return []


def _send(case: Any, mode: Any, owner: Caller, known: Known, chance: random.Random) -> None:
    if "{" in case.path and not _wrong_on_purpose(case) and chance.random() < 0.9:
        name = case.path.split("{")[1].split("}")[0]
        case.path_parameters = {**(case.path_parameters or {}), name: known.key(case.path, chance) or "none"}
    if mode == GenerationMode.POSITIVE:
        case.body = known.put_into(case.body, chance)
    case.headers = {"Authorization": f"Bearer {owner.token}"}
    host = f"{tenancy.current().slug}.{settings.BASE_DOMAIN}"
    checks = CHECKS if mode == GenerationMode.NEGATIVE else CHECKS[:2]
    case.validate_response(case.call(base_url=f"http://{host}"), checks=checks)


def _wrong_on_purpose(case: Any) -> bool:
    """Whether it is the address that is wrong in this case."""
    parts = case.meta.components if case.meta else {}
    return any(where.value == "path" and part.mode == GenerationMode.NEGATIVE for where, part in parts.items())
