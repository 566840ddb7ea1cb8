"""Servers of the tests' own, as durable as an installation's: an embedded PostgreSQL that syncs, and a Valkey. They get killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.runner.paths import State
from infra.runner.postgres import EmbeddedPostgres
from infra.runner.valkey import EmbeddedValkey
from tests import databases


@dataclass
class Servers:
    """Both servers and the processes that were started against them."""

    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.postgres.url(), "REDIS_URL": self.valkey.url()}

    def run(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """A Python process of the product against these servers; it is ended with the test."""
        made = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=(self.folder / f"process-{len(self.started)}.log").open("w"),
            text=True,
            start_new_session=True,
        )
        self.started.append(made)
        return made

    def kill_postgres(self) -> None:
        """SIGKILL to the server and all its children, as when the machine runs out of memory."""
        server = self.postgres.running_pid()
        assert server
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        os.kill(server, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        wait_until(lambda: self.postgres.running_pid() is None, 20, "The server is still there.")

    def end_processes(self) -> None:
        for process in self.started:
            kill(process)
        self.started.clear()


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL to the process and what it started."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(fact: Any, seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Servers]:
    """The servers with two companies in them; this process is connected to them too."""
    from django.db import connection, connections

    state = State(tmp_path_factory.mktemp("crash"))
    state.prepare()
    found = Servers(EmbeddedPostgres(state), EmbeddedValkey(state), state.folder)
    found.postgres.start_detached()
    found.valkey.start_detached()
    before = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        try:
            connections.close_all()
            connection.settings_dict.update(_address(found.postgres.url()))
            databases.fill()
            yield found
        finally:
            found.end_processes()
            connections.close_all()
            connection.settings_dict.update(before)
            found.postgres.stop()
            found.valkey.stop()


def _address(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "HOST": parts.hostname,
        "PORT": parts.port,
        "USER": parts.username,
        "PASSWORD": parts.password,
        "NAME": parts.path.strip("/"),
    }
