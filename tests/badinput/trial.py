"""Sending something and looking whether it broke: never a 5xx, and what is refused has changed nothing.

Every request runs in a transaction that is rolled back, so that each finds the company as it was laid. What a view reads from the
request is noted, so that the next request can send rubbish under just those names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

from backend.kernel.tenancy import schema_name

# Who signs in, is seen, tries a code too often or uses a link once leaves a mark even when he is refused.
MARKS = ("tenants_face_session", "tenants_identity", "tenants_used_token", "tenants_sign_up", "tenants_membership")
REFUSED = (b'class="tk-card tk-err"', b'aria-invalid="true"')


@dataclass
class Reading:
    """The names that views asked a request for."""

    query: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    @contextmanager
    def noted(self) -> Iterator[None]:
        with mock.patch.multiple(MultiValueDict, **{name: self._noting(name) for name in self._READ}):
            yield

    _READ = ("__getitem__", "getlist", "get", "__contains__")

    def _noting(self, name: str) -> Any:
        original = getattr(MultiValueDict, name)

        def read(mapping: Any, key: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(key, str) and isinstance(mapping, QueryDict):
                self.query.add(key)
            elif isinstance(key, str) and not len(mapping):  # request.FILES; the table of addresses is never empty
                self.files.add(key)
            return original(mapping, key, *args, **kwargs)

        return read


def tables() -> list[str]:
    """Every table whose rows a refused request must leave as they were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%%I.%%I', schemaname, relname) FROM pg_stat_user_tables"
            " WHERE schemaname IN (%s, 'public') AND relname <> ALL (%s) ORDER BY 1",
            [schema_name(), list(MARKS)],
        )
        return [row[0] for row in cursor.fetchall()]


def keys(of: list[str]) -> list[int]:
    """What PostgreSQL knows these tables by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(name::regclass::oid::bigint) FROM unnest(%s::text[]) name", [of])
        return list(cursor.fetchone()[0])


def touched(of: list[int]) -> int:
    """How many rows of these tables this transaction wrote so far, taken back or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_stat_get_xact_tuples_inserted(key::oid) + pg_stat_get_xact_tuples_updated(key::oid)"
            " + pg_stat_get_xact_tuples_deleted(key::oid)) FROM unnest(%s::bigint[]) key",
            [of],
        )
        return int(cursor.fetchone()[0])


def digest(of: list[str]) -> dict[str, Any]:
    """Rows of each table and which transactions wrote them."""
    parts = [f"SELECT '{name}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM {name}" for name in of]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {name: (int(count), int(writers)) for name, count, writers in cursor.fetchall()}


@dataclass
class Trial:
    """Tries, and keeps what went wrong. `client` is signed in on a face, or nobody."""

    client: Client
    wrong: list[str] = field(default_factory=list)
    tried: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client.raise_request_exception = False
        self._tables = tables()
        self._keys = keys(self._tables)
        self._before = digest(self._tables)

    def send(self, method: str, path: str, values: Any = None, **extra: Any) -> Any:
        """One request, rolled back; the answer."""
        self.tried += 1
        with transaction.atomic():
            written = touched(self._keys)
            answer = getattr(self.client, method)(path, values, **extra)
            self._judge(method, path, values, answer, written)
            transaction.set_rollback(True)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        return answer

    def report(self) -> str:
        """What went wrong, one line for each place where it did."""
        places: dict[str, list[str]] = {}
        for line in self.wrong:
            places.setdefault(line.rpartition(" @ ")[2], []).append(line)
        return "\n".join(f"{len(lines)} × {lines[0]}" for lines in places.values())

    def learn(self, method: str, path: str, values: Any = None, **extra: Any) -> tuple[Any, Reading]:
        reading = Reading()
        with reading.noted():
            answer = self.send(method, path, values, **extra)
        return answer, reading

    def _judge(self, method: str, path: str, values: Any, answer: Any, written: int) -> None:
        what = f"{method.upper()} {path[:120]} {_short(values)} → {answer.status_code}"
        if answer.status_code >= 500:
            problem = answer.exc_info[1] if getattr(answer, "exc_info", None) else answer.content[:120]
            self.wrong.append(f"{what} {repr(problem)[:300]} @ {_where(answer)}")
            return
        if not _refused(answer) or touched(self._keys) == written:
            return
        now = digest(self._tables)
        changed = [name for name in self._tables if now[name] != self._before[name]]
        if changed:
            self.wrong.append(f"{what} was refused @ changed {changed}")


def _refused(answer: Any) -> bool:
    if answer.status_code >= 400:
        return True
    return answer.status_code == 200 and not answer.streaming and any(mark in answer.content for mark in REFUSED)


def _short(values: Any) -> str:
    if not isinstance(values, dict):
        return repr(values)[:200]
    return str({key[:40]: (value[:40] if isinstance(value, str) else value) for key, value in values.items()})[:600]


def _where(answer: Any) -> str:
    """The last lines of our own code that the exception came through."""
    trace, lines = (answer.exc_info[2] if getattr(answer, "exc_info", None) else None), []
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "/backend/" in name or "/portals/" in name or "/tenants/" in name:
            lines.append(f"{name.split('/', 3)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " ← ".join(reversed(lines[-4:]))
