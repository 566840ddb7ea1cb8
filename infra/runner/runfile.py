"""Who runs on a state folder: a lock that the kernel drops when its holder dies, and what the holder tells others."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from typing import IO

from infra.runner.paths import State
from infra.runner.trouble import Trouble


@dataclass
class Run:
    """What a runner tells about itself."""

    pid: int
    port: int
    address: str
    phase: str = "starting"
    started_at: str = ""
    services: dict[str, int] = field(default_factory=dict)
    banner: str = ""


class RunFile:
    """The lock and the description that lie in a state folder."""

    def __init__(self, state: State) -> None:
        self.lock_path = state.folder / "run.lock"
        self.path = state.folder / "run.json"
        self._held: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock for the life of this process; raises when another runner holds it."""
        handle = self.lock_path.open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            raise already_running(self.read()) from None
        self._held = handle

    def is_held(self) -> bool:
        """True when a live runner holds the lock; a lock left by a dead one counts for nothing."""
        if not self.lock_path.exists():
            return False
        with self.lock_path.open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            fcntl.flock(handle, fcntl.LOCK_UN)
        return False

    def read(self) -> Run | None:
        try:
            return Run(**json.loads(self.path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, run: Run) -> None:
        temporary = self.path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(asdict(run), indent=1))
        temporary.replace(self.path)

    def release(self) -> None:
        self.path.unlink(missing_ok=True)
        if self._held:
            with contextlib.suppress(OSError):
                fcntl.flock(self._held, fcntl.LOCK_UN)
            self._held.close()
            self._held = None


def already_running(run: Run | None) -> Trouble:
    where = f" at {run.address} (process {run.pid})" if run else ""
    return Trouble(
        f"Troika already runs{where}.",
        "See infra/status; stop it with infra/down; or start a second one with --port PORT --state-dir DIR.",
    )
