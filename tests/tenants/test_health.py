"""Whether a process says truthfully that it can serve."""

from typing import Any

from django.test import Client

from backend.config import health
from tenants.models import SchemaStep, Tenant


def ready() -> Any:
    return Client(SERVER_NAME="127.0.0.1").get("/readyz")


def test_alive_on_any_host(db: None) -> None:
    assert Client(SERVER_NAME="127.0.0.1").get("/healthz").json() == {"alive": True}


def test_ready_when_all_parts_are_well(db: None) -> None:
    answer = ready()
    assert answer.status_code == 200, answer.json()
    assert set(answer.json()["parts"]) == {"database", "broker", "migrations"}


def test_not_ready_when_a_company_is_behind(db: None) -> None:
    Tenant.objects.filter(slug="beta").update(migrations_fingerprint="older")
    answer = ready()
    assert answer.status_code == 503
    assert "1 companies" in answer.json()["parts"]["migrations"]["why"]


def test_not_ready_when_the_database_lacks_a_migration(db: None) -> None:
    SchemaStep.objects.order_by("-seq")[0].delete()
    assert ready().status_code == 503


def test_not_ready_without_a_broker(db: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    health._client.cache_clear()
    answer = ready()
    health._client.cache_clear()
    assert answer.status_code == 503
    assert not answer.json()["parts"]["broker"]["well"]
