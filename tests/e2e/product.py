"""A running product for the browser stories: started once for a test run, shared by its processes, stopped by the last one.

It has a state folder of its own with PostgreSQL, Valkey, the Stripe emulator, web, worker and beat; nothing of the caller's
environment reaches it. `TROIKA_E2E_STATE=DIR` uses the product that already runs on that folder instead.
"""

from __future__ import annotations

import contextlib
import email
import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "three horses one direction"
FOREIGN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "EMAIL_URL", "MEDIA_ROOT", "DJANGO_SETTINGS_MODULE")
FOREIGN_PREFIXES = ("TROIKA_", "STRIPE_", "PYTEST_")


@dataclass(frozen=True)
class Product:
    """Where the running product is, and how to ask it for things no page offers."""

    state: Path
    port: int

    def url(self, company: str = "", path: str = "/") -> str:
        return f"http://{company + '.' if company else ''}localhost:{self.port}{path}"

    def backstage(self, what: str, *arguments: str) -> dict[str, Any]:
        """Run a step of tests/e2e/backstage.py inside the product's environment; gives what it prints."""
        remembered = json.loads((self.state / "environment.json").read_text())
        done = subprocess.run(
            [sys.executable, "-m", "tests.e2e.backstage", what, *arguments],
            cwd=ROOT, env={**clean_environment(), **remembered}, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{what}: {done.stderr[-2000:]}"
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))

    def mails(self, to: str) -> list[Any]:
        """What was sent to this address, oldest first."""
        found = []
        for path in sorted((self.state / "mail").glob("*.log"), key=lambda file: file.stat().st_mtime):
            for part in re.split(r"^-{70,}$", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
                if part.strip():
                    message = email.message_from_string(part.strip(), policy=policy.default)
                    if to in str(message["To"]):
                        found.append(message)
        return found

    def link_mailed(self, to: str, path: str, patience: float = 30) -> str:
        """The first address in a mail to this person that holds `path`."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for message in reversed(self.mails(to)):
                text = message.get_body(("plain", "html")).get_content()
                for link in re.findall(r"https?://[^\s\"'<>)]+", text):
                    if path in link:
                        return str(link)
            time.sleep(0.2)
        raise AssertionError(f"No mail to {to} with a link to {path} came within {patience} s.")


def clean_environment() -> dict[str, str]:
    """The caller's environment without anything that would lead to other servers."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN and not name.startswith(FOREIGN_PREFIXES)
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """Only one process of the test run at a time; yields the file that counts who uses the product."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder / "users.json"


def _command(name: str, state: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "infra" / name), "--state-dir", str(state), *arguments],
        cwd=ROOT, env=clean_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"infra/{name}: {(done.stdout + done.stderr)[-3000:]}"


def borrow(shared: Path) -> Product:
    """The product of this test run; the first who asks starts it."""
    given = os.environ.get("TROIKA_E2E_STATE")
    if given:
        return Product(Path(given), int(json.loads((Path(given) / "run.json").read_text())["port"]))
    state = shared / "state"
    with _locked(shared) as counter:
        known = json.loads(counter.read_text()) if counter.exists() else {"users": 0, "port": 0}
        if not known["users"]:
            known["port"] = free_port()
            _command("up", state, "--detach", "--port", str(known["port"]))
        known["users"] += 1
        counter.write_text(json.dumps(known))
    return Product(state, known["port"])


def give_back(shared: Path) -> None:
    """The last one stops it and takes its data away."""
    if os.environ.get("TROIKA_E2E_STATE"):
        return
    from infra.runner.accounts import outside_folder

    state = shared / "state"
    with _locked(shared) as counter:
        known = json.loads(counter.read_text())
        known["users"] -= 1
        counter.write_text(json.dumps(known))
        if not known["users"]:
            _command("down", state)
            for folder in (state, outside_folder(state.resolve())):
                shutil.rmtree(folder, ignore_errors=True)
