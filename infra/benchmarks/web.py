"""A web server of the product as it runs everywhere (granian, WSGI), and people who are signed in."""

import http.client
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from infra.benchmarks import environment
from infra.runner import ports
from infra.runner.paths import ROOT, VENV_PYTHON
from infra.runner.plan import ONE_REQUEST, SPARING
from infra.runner.process import spawn, stop_process, wait_for

HOST = f"{environment.SLUG}.localhost"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Visitor:
    """Somebody with a session cookie of a face."""

    cookie: str
    value: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Host": HOST, "Cookie": f"{self.cookie}={self.value}", "Accept-Language": "en"}


def visitor(role: str, *, kind: str = "staff", party: Any = None) -> Visitor:
    """A new member of the company with that role, signed in; call inside the company."""
    from django.utils import timezone

    from backend.access import services as access
    from backend.kernel.actor import Actor
    from tenants.models import Identity, Membership
    from tenants.sessions import COOKIES, SessionStore

    now, company = timezone.now(), environment.company()
    identity = Identity(email=f"{uuid4().hex[:12]}@example.com", name=role, language="en", created_at=now)
    identity.email_verified_at = now
    identity.save()
    member = access.create_member(
        identity_id=identity.pk, kind=kind, name=role, email=identity.email, role_codes=(role,),
        party_id=party.pk if party else None, language="en", actor=Actor.system(), at=now,
    )  # fmt: skip
    membership = Membership.objects.get(tenant=company, member_id=member.pk)
    store = SessionStore()
    store.update(
        {
            "tenant": str(company.pk),
            "membership": str(membership.pk),
            "identity": str(identity.pk),
            "face": kind,
            "language": "en",
        }
    )
    store.create()
    store.save()
    return Visitor(COOKIES[kind][0], str(store.session_key))


@dataclass
class Server:
    """A running server."""

    port: int
    child: subprocess.Popen[bytes]

    @property
    def workers(self) -> list[int]:
        """The processes that answer requests."""
        found = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        return [pid for pid in map(int, found) if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def processor(self) -> float:
        """Seconds of processor time that the workers have used."""
        return sum(_processor_of(pid) for pid in self.workers)

    def memory(self) -> float:
        """Resident memory of the biggest worker in MiB."""
        sizes = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.workers]
        return max(sizes) * os.sysconf("SC_PAGE_SIZE") / 2**20


def collect_static() -> None:
    """Pages name static files with their hashes, so these must be there before any page is made."""
    from infra.runner import prepare

    prepare.collect_static()


def _processor_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def server(*, workers: int = 2) -> Iterator[Server]:
    """The web server on a free port, with its static files collected; ended afterwards."""
    folder = Path(os.environ["TROIKA_STATE_DIR"])
    collect_static()
    port = ports.any_free()
    command = [
        str(VENV_PYTHON), "-m", "granian", "--interface", "wsgi", "--host", ports.LOOPBACK, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "4", "--no-ws", ONE_REQUEST, "--log-level", "warning",
        "backend.config.wsgi:application",
    ]  # fmt: skip
    with (folder / "log" / "web.log").open("ab") as output:
        child = spawn(
            command, environment={**os.environ, **SPARING, "TROIKA_PROCESS": "bench-web"}, output=output, folder=ROOT
        )
    try:
        running = Server(port, child)
        if not wait_for(lambda: _is_ready(port), seconds=90):
            raise SystemExit("The web server did not start; see log/web.log in the benchmark's state folder.")
        yield running
    finally:
        stop_process(child)


def _is_ready(port: int) -> bool:
    try:
        line = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
        line.request("GET", "/readyz", headers={"Host": "localhost"})
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def visit(port: int, requests: Sequence[tuple[Visitor, str]], *, clients: int) -> list[float]:
    """Ask for all of it with so many clients at once; returns each answer's seconds. Anything but 200 ends the run."""
    parts = [requests[n::clients] for n in range(clients)]
    with ThreadPoolExecutor(max_workers=clients) as crew:
        return [seconds for part in crew.map(lambda part: _ask(port, part), parts) for seconds in part]


def warm_up(server: Server, pages: Sequence[tuple[Visitor, str]], *, clients: int) -> None:
    """Ask for each page a few times: a process that has just started still loads what pages need, each of its connections
    learns the tables it meets, and prepares a statement when it comes for the fifth time."""
    for page in pages:
        visit(server.port, [page] * clients * 5, clients=clients)


def _ask(port: int, requests: Sequence[tuple[Visitor, str]]) -> list[float]:
    line, spent = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=60), []
    for who, path in requests:
        started = time.perf_counter()
        line.request("GET", path, headers=who.headers)
        answer = line.getresponse()
        answer.read()
        spent.append(time.perf_counter() - started)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}.")
    line.close()
    return spent


def statements_of(who: Visitor, path: str, *, listen: Callable[[str], None] | None = None) -> int:
    """How many SQL statements the page takes when what is kept in the cache is there; in this process."""
    from django.db import connection
    from django.test import Client

    seen: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    client = Client(headers={"host": HOST, "accept-language": "en"})
    client.cookies[who.cookie] = who.value
    for _time in range(2):
        seen.clear()
        with connection.execute_wrapper(count):
            status = client.get(path).status_code
        if status != 200:
            raise SystemExit(f"{path} answered {status}.")
    for sql in seen if listen else ():
        listen(sql)  # type: ignore[misc]
    return len(seen)
