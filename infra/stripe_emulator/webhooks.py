"""Delivery of events: signed as the real service signs them, retried with growing pauses.

One worker per endpoint sends what is due in order; a delivery that fails waits while later ones go on, so an endpoint
sees events out of order just as it does in production. Held deliveries wait until they are released.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

from .store import Json, Store

TIMEOUT = 10.0
MAX_ATTEMPTS = 12
MAX_PAUSE = 3_600.0


def signature(payload: str, secret: str, timestamp: int) -> str:
    digest = hmac.new(secret.encode(), f"{timestamp}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None  # a redirect counts as a failed delivery


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


class Dispatcher:
    def __init__(self, store: Store, endpoints: Sequence[str], secret: str, *, retry_base: float = 1.0) -> None:
        self.store, self.endpoints, self._secret, self._retry_base = store, tuple(endpoints), secret, retry_base
        self._wake, self._stop = threading.Condition(), False
        self._threads = [threading.Thread(target=self._run, args=(url,), daemon=True) for url in self.endpoints]

    def start(self) -> None:
        self.store.execute("UPDATE delivery SET state = 'pending' WHERE state = 'sending'")
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop = True
        self.wake()
        for thread in self._threads:
            thread.join(timeout=2)

    def wake(self) -> None:
        with self._wake:
            self._wake.notify_all()

    def _run(self, endpoint: str) -> None:
        while not self._stop:
            rows = self.store.rows(
                "SELECT * FROM delivery WHERE state = 'pending' AND endpoint = ? AND due_at <= ?"
                " ORDER BY due_at, seq LIMIT 1",
                endpoint,
                time.time(),
            )
            if rows:
                self.send(rows[0])
                continue
            with self._wake:
                self._wake.wait(timeout=min(self._retry_base, 0.5))

    def send(self, row: Json) -> Json:
        """Make one attempt and write down how it went."""
        self.store.execute("UPDATE delivery SET state = 'sending' WHERE seq = ?", row["seq"])
        event = self.store.get(row["event"])
        status, error = self._post(row["endpoint"], event) if event else (None, "event is gone")
        attempts = row["attempts"] + 1
        done = status is not None and 200 <= status < 300
        state = "succeeded" if done else "failed" if attempts >= MAX_ATTEMPTS or not event else "pending"
        pause = min(self._retry_base * 2 ** (attempts - 1), MAX_PAUSE)
        now = time.time()
        self.store.execute(
            "UPDATE delivery SET state = ?, attempts = ?, due_at = ?, last_status = ?, last_error = ?,"
            " delivered_at = ? WHERE seq = ?",
            state,
            attempts,
            now + pause,
            status,
            error,
            now if done else None,
            row["seq"],
        )
        return {
            "delivery": row["seq"],
            "event": row["event"],
            "type": row["type"],
            "endpoint": row["endpoint"],
            "state": state,
            "status": status,
            "error": error,
        }

    def _post(self, endpoint: str, event: Json) -> tuple[int | None, str | None]:
        payload = json.dumps(event, indent=2, ensure_ascii=False)
        request = urllib.request.Request(
            endpoint,
            payload.encode(),
            {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(payload, self._secret, int(time.time())),
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            },
        )
        try:
            with _OPENER.open(request, timeout=TIMEOUT) as response:
                return response.status, None
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, str(refused.reason)
        except (OSError, HTTPException, ValueError) as failure:
            return None, str(failure)

    def resend(self, event: Json, copies: int = 1) -> list[Json]:
        """Deliver an event again, now, to every endpoint."""
        results: list[Json] = []
        for endpoint in self.endpoints:
            for _ in range(copies):
                results.append(self.send(self._add(endpoint, event)))
        return results

    def _add(self, endpoint: str, event: Json) -> Json:
        with self.store.transaction():
            self.store.execute(
                "INSERT INTO delivery (endpoint, event, type, state, due_at) VALUES (?, ?, ?, 'sending', ?)",
                endpoint,
                event["id"],
                event["type"],
                time.time(),
            )
            return self.store.rows("SELECT * FROM delivery ORDER BY seq DESC LIMIT 1")[0]

    def release(self, order: str, copies: int, events: list[str]) -> list[Json]:
        """Send what is held, now: as it came, reversed, shuffled, or the named events in the order named."""
        rows = self.store.rows("SELECT * FROM delivery WHERE state = 'held' ORDER BY seq")
        if events:
            rows = [row for event in events for row in rows if row["event"] == event]
        elif order == "reversed":
            rows.reverse()
        elif order == "shuffled":
            random.shuffle(rows)
        results: list[Json] = []
        for row in rows:
            results.append(self.send(row))
            event = self.store.get(row["event"])
            for _ in range(copies - 1 if event else 0):
                results.append(self.send(self._add(row["endpoint"], event or {})))
        return results

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is being sent and nothing is due; False when that took too long."""
        end = time.monotonic() + timeout
        self.wake()
        while time.monotonic() < end:
            busy: list[dict[str, Any]] = self.store.rows(
                "SELECT 1 AS one FROM delivery WHERE state = 'sending' OR (state = 'pending' AND due_at <= ?) LIMIT 1",
                time.time(),
            )
            if not busy:
                return True
            time.sleep(0.01)
        return False
