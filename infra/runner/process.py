"""Child processes that never outlive the runner: started in their own session, told to stop when we die."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from infra.runner.accounts import Account

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _tied_to_parent(sign: int) -> Callable[[], None]:
    """Code for the child, before exec: receive `sign` when the thread that started it ends."""
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, sign, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def spawn(
    command: list[str],
    *,
    environment: Mapping[str, str],
    output: IO[bytes] | int,
    account: Account | None = None,
    folder: Path | None = None,
    stop_signal: int = signal.SIGTERM,
    tied: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session. A tied child gets `stop_signal` when the runner dies, however it dies.

    Must be called from the main thread when tied: the kernel watches the thread, not the process.
    """
    arguments: dict[str, Any] = (account or Account()).popen_arguments
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        cwd=folder or "/",
        start_new_session=True,
        preexec_fn=_tied_to_parent(stop_signal) if tied else None,
        **arguments,
    )


def stop_process(child: subprocess.Popen[bytes], *, stop_signal: int = signal.SIGTERM, patience: float = 15) -> bool:
    """Ask the child to stop, wait, then kill its whole session. True when it stopped by itself."""
    willing = True
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(stop_signal)
        try:
            child.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            willing = False
    end_session(child.pid)
    child.wait()
    return willing


def end_session(leader: int) -> None:
    """Kill what is left of the session that a child of ours led (workers of a crashed parent)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """True when a process with this number exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def stop_pid(pid: int, *, stop_signal: int = signal.SIGTERM, patience: float = 15) -> bool:
    """Stop a process that is not our child; True when it is gone."""
    if not is_alive(pid):
        return True
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
    return wait_for(lambda: not is_alive(pid), seconds=patience)


def wait_for(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Poll until the condition holds; False when the time is up."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
