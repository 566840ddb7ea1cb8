"""What people see: prefixed lines, steps with their time, and nothing that jumps when the output is no terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from infra.runner.trouble import Trouble

_lock = threading.Lock()
_COLOURS = {"grey": "90", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36"}
_SERVICE_COLOURS = ("cyan", "magenta", "blue", "yellow", "green")


def _coloured() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(text: str, colour: str) -> str:
    return f"\033[{_COLOURS[colour]}m{text}\033[0m" if _coloured() else text


def say(text: str = "") -> None:
    """One or more lines, never interleaved with those of another thread, gone to the reader at once."""
    with _lock:
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except (BrokenPipeError, OSError):
            pass


def service_line(name: str, line: str) -> None:
    """A line of a service's log behind its name."""
    colour = _SERVICE_COLOURS[sum(name.encode()) % len(_SERVICE_COLOURS)]
    say(f"{paint(f'{name:<8}', colour)} {paint('│', 'grey')} {line}")


def complain(trouble: Trouble) -> None:
    say(paint("✗ ", "red") + trouble.message)
    if trouble.hint:
        say("  " + trouble.hint)


@contextmanager
def step(what: str, *, tick: float = 10.0) -> Iterator[None]:
    """Say what begins, show every few seconds that it goes on, and how long it took."""
    say(paint("• ", "cyan") + what + " …")
    begun = time.monotonic()
    done = threading.Event()

    def remind() -> None:
        while not done.wait(tick):
            say(paint(f"  … {what}: {time.monotonic() - begun:.0f} s so far", "grey"))

    reminder = threading.Thread(target=remind, daemon=True)
    reminder.start()
    try:
        yield
    finally:
        done.set()
    say(paint("✓ ", "green") + f"{what} ({time.monotonic() - begun:.1f} s)")
