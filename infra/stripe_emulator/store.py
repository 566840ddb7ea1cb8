"""The emulator's state: one SQLite file holding every object, idempotency key, setting and webhook delivery.

All access goes through one connection under one lock; ``transaction()`` nests (savepoints) and rolls back on error.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, customer TEXT,
    body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, customer, seq);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, event TEXT NOT NULL, type TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at REAL NOT NULL, last_status INTEGER,
    last_error TEXT, delivered_at REAL);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, endpoint, due_at);
"""


class Store:
    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Store]:
        with self._lock:
            name = f"level{self._depth}"
            self._db.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield self
            except BaseException:
                self._depth -= 1
                self._db.execute("ROLLBACK" if self._depth == 0 else f"ROLLBACK TO {name}")
                raise
            self._depth -= 1
            self._db.execute("COMMIT" if self._depth == 0 else f"RELEASE {name}")

    def get(self, id_: str) -> Json | None:
        with self._lock:
            row = self._db.execute("SELECT body FROM object WHERE id = ?", (id_,)).fetchone()
        return json.loads(row["body"]) if row else None

    def put(self, obj: Json) -> Json:
        customer = obj.get("customer")
        with self._lock:
            self._db.execute(
                "INSERT INTO object (id, kind, customer, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET body = excluded.body, customer = excluded.customer",
                (obj["id"], obj["object"], customer if isinstance(customer, str) else None, json.dumps(obj)),
            )
        return obj

    def delete(self, id_: str) -> None:
        with self._lock:
            self._db.execute("DELETE FROM object WHERE id = ?", (id_,))

    def all(self, kind: str, *, customer: str | None = None) -> list[Json]:
        """Objects of a kind, newest first."""
        sql, values = "SELECT body FROM object WHERE kind = ?", [kind]
        if customer is not None:
            sql, values = f"{sql} AND customer = ?", [kind, customer]
        with self._lock:
            rows = self._db.execute(f"{sql} ORDER BY seq DESC", values).fetchall()
        return [json.loads(row["body"]) for row in rows]

    def counts(self) -> dict[str, int]:
        with self._lock:
            rows = self._db.execute("SELECT kind, count(*) AS n FROM object GROUP BY kind ORDER BY kind").fetchall()
        return {row["kind"]: row["n"] for row in rows}

    def setting(self, name: str, default: Any = None) -> Any:
        with self._lock:
            row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return json.loads(row["value"]) if row else default

    def set_setting(self, name: str, value: Any) -> None:
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, json.dumps(value)))

    def replay(self, key: str) -> sqlite3.Row | None:
        with self._lock:
            found: sqlite3.Row | None = self._db.execute("SELECT * FROM idempotency WHERE key = ?", (key,)).fetchone()
        return found

    def remember(self, key: str, fingerprint: str, status: int, body: str) -> None:
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?)", (key, fingerprint, status, body))

    def rows(self, sql: str, *values: Any) -> list[Json]:
        """Rows of a query on the delivery table, as plain dicts."""
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values).fetchall()]

    def execute(self, sql: str, *values: Any) -> None:
        with self._lock:
            self._db.execute(sql, values)

    def reset(self) -> None:
        with self.transaction():
            for table in ("object", "setting", "idempotency", "delivery"):
                self._db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        with self._lock:
            self._db.close()
