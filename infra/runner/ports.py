"""Free and taken TCP ports on this machine."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from infra.runner.paths import State

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """True when a server could bind the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def needs_privilege(port: int, host: str = LOOPBACK) -> bool:
    """True when this user may not listen on the port (those below 1024)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, port))
        except PermissionError:
            return True
        except OSError:
            return False
    return False


def answers(port: int, host: str = LOOPBACK, timeout: float = 0.5) -> bool:
    """True when something accepts connections on the port."""
    try:
        with socket.create_connection((host, port), timeout=timeout):
            return True
    except OSError:
        return False


def any_free(host: str = LOOPBACK) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def kept_port(state: State, name: str) -> int:
    """The port a service had last time when it is still free, else a new one; kept in the state folder."""
    kept = state.read().get(name, "")
    if kept.isdigit() and is_free(int(kept)):
        return int(kept)
    port = any_free()
    state.write(**{name: str(port)})
    return port


def holder(port: int) -> str:
    """Who listens on the port ("nginx, process 812"), as far as this user may see; else an empty string."""
    inodes = _listening_inodes(port)
    if not inodes:
        return ""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and wanted & _open_files(process):
            with contextlib.suppress(OSError):
                return f"{(process / 'comm').read_text().strip()}, process {process.name}"
    return ""


def _open_files(process: Path) -> set[str]:
    """What a process has open; nothing where this user may not look."""
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(os.readlink(descriptor))
    return found


def _listening_inodes(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                found.add(columns[9])
    return found
