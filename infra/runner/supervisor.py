"""Starts services in order, watches them, starts a crashed one again, stops all in reverse order.

Invariants: children are started and reaped by the main thread alone; no child outlives the supervisor (each is told
by the kernel when it dies); a service that does not come up the first time ends the start with the end of its log.
"""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from infra.runner import console
from infra.runner.accounts import Account
from infra.runner.process import end_session, spawn, stop_process
from infra.runner.trouble import Trouble, disk_full, speaks_of_full_disk

FIRST_PAUSE, LONGEST_PAUSE, CALM_AFTER = 1.0, 30.0, 60.0
LOG_LIMIT = 10_000_000


class Interrupted(Exception):
    """Somebody asked us to stop (Ctrl-C, infra/down)."""


@dataclass
class Service:
    """One child: how to start it, when it is ready, how to stop it."""

    name: str
    command: Callable[[], list[str]]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] | None = None
    ready_line: str = ""
    folder: Path | None = None
    account: Account | None = None
    stop_signal: int = signal.SIGTERM
    patience: float = 15
    start_seconds: float = 60
    before_start: Callable[[], None] | None = None
    quiet: str = ""


@dataclass
class Running:
    """A started service with what is known of its latest process."""

    service: Service
    process: subprocess.Popen[bytes]
    started: float
    saw_ready_line: threading.Event
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=15))
    restarts: int = 0
    next_try: float = 0.0


class Supervisor:
    """Owns the children of one run."""

    def __init__(self, show: Callable[[str, str], None] = console.service_line) -> None:
        self.children: list[Running] = []
        self.show = show
        self.stop_requested = threading.Event()
        self.told_disk_full = False
        self.on_change: Callable[[], None] = lambda: None

    # ------------------------------------------------------------------ signals

    def listen(self) -> None:
        """Ctrl-C, infra/down and a closed terminal ask for an orderly stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_requested.set()

    def check_stop(self) -> None:
        if self.stop_requested.is_set():
            raise Interrupted

    # ------------------------------------------------------------------ starting

    def start(self, service: Service) -> Running:
        """Start a service without waiting for it."""
        self.check_stop()
        _rotate(service.log)
        running = self._launch(service)
        self.children.append(running)
        self.on_change()
        return running

    def _launch(self, service: Service) -> Running:
        if service.before_start:
            service.before_start()
        process = spawn(
            service.command(),
            environment=service.environment,
            output=subprocess.PIPE,
            account=service.account,
            folder=service.folder,
            stop_signal=service.stop_signal,
        )
        running = Running(service, process, time.monotonic(), threading.Event())
        threading.Thread(target=self._pump, args=(running,), daemon=True, name=f"log-{service.name}").start()
        return running

    def wait_ready(self, *waiting: Running) -> None:
        """Wait until the services are ready; raise with the end of the log of one that is not in time."""
        for running in waiting:
            end = running.started + running.service.start_seconds
            while not self._is_ready(running):
                self.check_stop()
                if running.process.poll() is not None:
                    time.sleep(0.2)
                    raise self._failed(running, f"ended with code {running.process.returncode}")
                if time.monotonic() > end:
                    raise self._failed(running, f"was not ready after {running.service.start_seconds:.0f} s")
                time.sleep(0.2)

    @staticmethod
    def _is_ready(running: Running) -> bool:
        if running.service.ready_line and not running.saw_ready_line.is_set():
            return False
        return running.service.ready is None or running.service.ready()

    def _failed(self, running: Running, how: str) -> Trouble:
        tail = list(running.tail)
        if any(speaks_of_full_disk(line) for line in tail):
            return disk_full(str(running.service.log.parent.parent))
        shown = "".join(f"\n    {line}" for line in tail[-8:])
        return Trouble(f"{running.service.name} {how}.{shown}", f"Its log: {running.service.log}")

    def run_step(self, name: str, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        """Run a command to its end with its output among the others'; a failure ends the start."""
        self.check_stop()
        step = Service(name, lambda: command, environment, log, folder=Path(environment.get("PWD", "/")))
        _rotate(log)
        running = self._launch(step)
        try:
            while running.process.poll() is None:
                self.check_stop()
                time.sleep(0.05)
        except Interrupted:
            stop_process(running.process, patience=10)
            raise
        if running.process.returncode:
            time.sleep(0.2)
            raise self._failed(running, f"ended with code {running.process.returncode}")

    # ------------------------------------------------------------------ logs

    def _pump(self, running: Running) -> None:
        """Carry the child's lines to the reader and into its log until the child closes its output."""
        service = running.service
        ready, quiet = re.compile(service.ready_line or r"$^"), re.compile(service.quiet or r"$^")
        assert running.process.stdout is not None
        with running.process.stdout as lines:
            for raw in lines:
                line = raw.decode(errors="replace").rstrip()
                _append(service.log, line)
                running.tail.append(line)
                if ready.search(line):
                    running.saw_ready_line.set()
                if not quiet.search(line):
                    self.show(service.name, line)
                if speaks_of_full_disk(line):
                    self._tell_disk_full(service)

    def _tell_disk_full(self, service: Service) -> None:
        if not self.told_disk_full:
            self.told_disk_full = True
            console.complain(disk_full(str(service.log.parent.parent)))

    # ------------------------------------------------------------------ watching and stopping

    def watch(self) -> None:
        """Keep the services running until somebody asks to stop."""
        while not self.stop_requested.wait(0.3):
            for index, running in enumerate(self.children):
                if running.process.poll() is not None:
                    self._revive(index, running)

    def _revive(self, index: int, running: Running) -> None:
        now = time.monotonic()
        if not running.next_try:
            if now - running.started > CALM_AFTER:
                running.restarts = 0
            pause = min(FIRST_PAUSE * 2**running.restarts, LONGEST_PAUSE)
            running.next_try = now + pause
            how = _how_it_ended(running.process.returncode)
            console.say(console.paint(f"! {running.service.name} {how}; starts again in {pause:.0f} s", "yellow"))
            self.on_change()
        elif now >= running.next_try:
            end_session(running.process.pid)
            try:
                fresh = self._launch(running.service)
            except (Trouble, OSError) as error:
                console.say(console.paint(f"! {running.service.name} could not be started: {error}", "red"))
                running.restarts += 1
                running.next_try = now + min(FIRST_PAUSE * 2**running.restarts, LONGEST_PAUSE)
                return
            fresh.restarts = running.restarts + 1
            self.children[index] = fresh
            self.on_change()

    def stop(self) -> None:
        """Stop everything, last started first."""
        for running in reversed(self.children):
            willing = stop_process(
                running.process, stop_signal=running.service.stop_signal, patience=running.service.patience
            )
            if not willing:
                console.say(console.paint(f"! {running.service.name} did not stop by itself and was ended", "yellow"))
        self.children.clear()


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _append(path: Path, line: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as handle:
            handle.write(line + "\n")
    except OSError:
        pass  # a full disk must not stop the reader's view of the log


def _rotate(path: Path) -> None:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
