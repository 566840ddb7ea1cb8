"""A program that calls the API with somebody's token."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils import timezone

from backend.access import services as access
from backend.kernel import tenancy
from backend.kernel.actor import Actor


def token_of(member_id: UUID) -> str:
    """A fresh token's secret."""
    _row, secret = access.issue_token(member_id=member_id, name="test", actor=Actor.system("Test"), at=timezone.now())
    return secret


@dataclass
class Caller:
    """Calls with a token; ``get`` and the others want success and return what was answered, ``call`` returns the answer."""

    token: str
    host: str

    @classmethod
    def of(cls, who: Any) -> "Caller":
        """For an actor or a member of the active company."""
        member_id = who.member_id if isinstance(who, Actor) else who.pk
        return cls(token_of(member_id), f"{tenancy.current().slug}.{settings.BASE_DOMAIN}")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The raw answer. ``headers`` are written like ``idempotency_key="…"``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        client = Client(SERVER_NAME=self.host, raise_request_exception=False)
        text = body if isinstance(body, str | bytes) else json.dumps(body, default=str)
        return client.generic(
            method,
            f"/api/v1/{path}",
            text if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", **sent},
        )

    def _good(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.call(method, path, body, **headers)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.content.decode()[:2000])
        return answer.json()

    def get(self, path: str) -> Any:
        return self._good("GET", path)

    def all(self, path: str) -> list[dict[str, Any]]:
        """The first page's rows."""
        return list(self.get(path)["results"])

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._good("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self._good("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._good("DELETE", path, **headers)

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and refusal; every refusal has the one shape."""
        answer = self.call(method, path, body, **headers)
        assert answer.status_code in {400, 401, 402, 403, 404, 405, 406, 409, 413, 415}, answer.content.decode()[:2000]
        told = answer.json()
        assert set(told) == {"code", "message", "problems"}
        assert told["message"]
        assert told["problems"]
        return answer.status_code, told
