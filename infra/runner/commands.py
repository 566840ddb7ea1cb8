"""The commands people type: up, down, status, manage, psql, logs. Standard library alone until `.venv` exists."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from infra.runner import console, ports, setup
from infra.runner.entry import inside_venv
from infra.runner.paths import DEFAULT_STATE, ROOT, VENV_PYTHON, State
from infra.runner.process import is_alive, stop_pid, wait_for
from infra.runner.runfile import Run, RunFile, already_running
from infra.runner.supervisor import Interrupted, Supervisor
from infra.runner.trouble import Trouble, translate_os_error

DEFAULT_PORT = 8000
NEEDED_MB = 400
START_SECONDS = 600
NOT_RUNNING = 3


class Plan(Protocol):
    """What is run; the product, or a small stand-in in tests."""

    def bring_up(self, supervisor: Supervisor) -> str: ...


PlanFactory = Callable[[State, int], Plan]


def product(state: State, port: int) -> Plan:
    from infra.runner.plan import Product

    return Product(state, port)


def guarded(command: Callable[[], int], where: Path) -> int:
    """Run a command; trouble becomes words and exit code 1."""
    try:
        return command()
    except Trouble as trouble:
        console.complain(trouble)
    except OSError as error:
        console.complain(translate_os_error(error, str(where)))
    except KeyboardInterrupt:
        console.say("Stopped.")
        return 130
    return 1


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"infra/{name}", description=description)
    parser.add_argument(
        "--state-dir", type=Path, default=Path(os.environ.get("TROIKA_STATE_DIR") or DEFAULT_STATE), metavar="DIR",
        help="where data, files, mail and logs are kept (default: .state in the clone)",
    )  # fmt: skip
    return parser


# ---------------------------------------------------------------------- up


def up(arguments: list[str], script: str, plan: PlanFactory = product, packages: bool = True) -> int:
    parser = _parser("up", "Start Troika with everything it needs. Ctrl-C stops it.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"port of the pages (default {DEFAULT_PORT})")
    parser.add_argument("--detach", action="store_true", help="go on in the background once it is ready")
    options = parser.parse_args(arguments)
    state = State(options.state_dir)

    def start() -> int:
        check_before_start(state, options.port)
        if packages:
            setup.ensure_packages("run")
            if not inside_venv():
                os.environ["PYTHONPATH"] = str(ROOT)
                os.execv(VENV_PYTHON, [str(VENV_PYTHON), script, *arguments])
        if options.detach:
            return start_detached(state, options.port, script)
        return run(state, options.port, plan)

    return guarded(start, state.folder)


def check_before_start(state: State, port: int) -> None:
    """Everything that would stop the start later and can be known now."""
    if not 1 <= port <= 65535:
        raise Trouble(f"{port} is no port number.", "Choose one between 1024 and 65535.")
    state.prepare()
    if not os.access(state.folder, os.W_OK):
        raise Trouble(f"{state.folder} cannot be written by this user.", "Choose another place with --state-dir DIR.")
    run_file = RunFile(state)
    if run_file.is_held():
        raise already_running(run_file.read())
    if ports.needs_privilege(port):
        raise Trouble(f"Port {port} may be used by root only.", "Choose one above 1023: infra/up --port 8000")
    if not ports.is_free(port):
        who = ports.holder(port)
        raise Trouble(
            f"Port {port} is taken" + (f" by {who}." if who else "."),
            f"Stop that program, or choose another port: infra/up --port {port + 1}",
        )
    free = shutil.disk_usage(state.folder).free // 1_000_000
    if free < NEEDED_MB:
        raise Trouble(
            f"The disk that holds {state.folder} is full: {free} MB free, {NEEDED_MB} MB are needed to start.",
            "Free some space, or choose another place with --state-dir DIR.",
        )


def run(state: State, port: int, plan: PlanFactory) -> int:
    """Hold the state folder's lock and run the services until somebody asks to stop."""
    run_file = RunFile(state)
    run_file.acquire()
    told = Run(os.getpid(), port, f"http://localhost:{port}", started_at=datetime.now().isoformat(timespec="seconds"))
    run_file.write(told)
    supervisor = Supervisor()
    supervisor.listen()

    def tell() -> None:
        told.services = {child.service.name: child.process.pid for child in supervisor.children}
        run_file.write(told)

    supervisor.on_change = tell
    begun = time.monotonic()
    try:
        told.banner = plan(state, port).bring_up(supervisor)
        told.phase = "ready"
        tell()
        headline = f"Troika is ready: {told.address} ({time.monotonic() - begun:.0f} s)"
        closing = "  Ctrl-C stops it." if "TROIKA_DETACHED" not in os.environ else "  infra/down stops it."
        console.say(f"\n{console.paint(headline, 'green')}\n\n{told.banner}\n\n{closing}\n")
        supervisor.watch()
        return 0
    except Interrupted:
        return 0
    finally:
        with contextlib.suppress(OSError):
            told.phase = "stopping"
            tell()
        console.say("Stopping …")
        supervisor.stop()
        run_file.release()
        console.say("Stopped.")


def start_detached(state: State, port: int, script: str) -> int:
    """Start the same command in the background, show what it says until it is ready."""
    log = state.log_file("up")
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, script, "--port", str(port), "--state-dir", str(state.folder)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "TROIKA_DETACHED": "1", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    end = time.monotonic() + START_SECONDS
    with log.open(encoding="utf-8", errors="replace") as lines:
        while time.monotonic() < end:
            finished = child.poll() is not None
            told = RunFile(state).read()
            ready = bool(told and told.pid == child.pid and told.phase == "ready")
            for line in lines:
                console.say(line.rstrip("\n"))
            if ready:
                return 0
            if finished:
                return child.returncode or 1
            time.sleep(0.1)
    child.send_signal(signal.SIGTERM)
    raise Trouble(f"Troika was not ready after {START_SECONDS} s and is being stopped.", f"Its log: {log}")


# ---------------------------------------------------------------------- down, status


def down(arguments: list[str]) -> int:
    options = _parser("down", "Stop Troika. Data is kept.").parse_args(arguments)
    state = State(options.state_dir)

    def stop() -> int:
        run_file = RunFile(state)
        if not state.folder.is_dir() or not run_file.is_held():
            console.say("Troika does not run.")
            return 0
        told = run_file.read()
        if not told:
            raise Trouble("Troika is just starting or stopping.", "Try again in a moment.")
        console.say(f"Stopping Troika at {told.address} …")
        stop_pid(told.pid, stop_signal=signal.SIGTERM, patience=0)
        if not wait_for(lambda: not run_file.is_held(), seconds=90, pause=0.1):
            raise Trouble(f"Process {told.pid} did not stop within 90 s.", f"Its log: {state.log_file('up')}")
        console.say("Stopped.")
        return 0

    return guarded(stop, state.folder)


def status(arguments: list[str]) -> int:
    options = _parser("status", "Tell whether Troika runs, and where.").parse_args(arguments)
    state = State(options.state_dir)

    def show() -> int:
        run_file = RunFile(state)
        told = run_file.read()
        if not state.folder.is_dir() or not run_file.is_held() or not told:
            console.say("Troika does not run.")
            return NOT_RUNNING
        console.say(f"Troika is {told.phase} at {told.address} since {told.started_at} (process {told.pid})")
        for name, pid in told.services.items():
            console.say(f"  {name:<9} " + (f"running, process {pid}" if is_alive(pid) else "not running"))
        if told.banner:
            console.say("\n" + told.banner)
        return 0

    return guarded(show, state.folder)


# ---------------------------------------------------------------------- manage, psql, logs


def _state_argument(arguments: list[str]) -> tuple[State, list[str]]:
    """Take a leading `--state-dir DIR` off the arguments; the rest belongs to the command behind."""
    folder = Path(os.environ.get("TROIKA_STATE_DIR") or DEFAULT_STATE)
    if len(arguments) > 1 and arguments[0] == "--state-dir":
        folder, arguments = Path(arguments[1]), arguments[2:]
    return State(folder), arguments


def remembered_environment(state: State) -> dict[str, str]:
    """The variables of the run on this state folder."""
    if not RunFile(state).is_held():
        raise Trouble("Troika does not run, so there is no database to work with.", "Start it with infra/up.")
    try:
        return dict(json.loads((state.folder / "environment.json").read_text()))
    except FileNotFoundError:
        raise Trouble("Troika is still starting.", "Try again in a moment.") from None


def manage(arguments: list[str]) -> int:
    """Run a management command with the environment of the running product."""
    state, rest = _state_argument(arguments)

    def execute() -> int:
        environment = {**os.environ, **remembered_environment(state)}
        os.execve(VENV_PYTHON, [str(VENV_PYTHON), "-m", "backend.manage", *rest], environment)

    return guarded(execute, state.folder)


def psql(arguments: list[str]) -> int:
    """Open psql on the product's database."""
    state, rest = _state_argument(arguments)

    def execute() -> int:
        from infra.runner.accounts import Account
        from infra.runner.postgres import find_programs

        url = remembered_environment(state).get("DATABASE_URL") or os.environ.get("DATABASE_URL", "")
        program = find_programs(Account(), state.folder)["psql"]
        os.execve(program, [program, url, *rest], {**os.environ, "PGAPPNAME": "infra/psql"})

    return guarded(execute, state.folder)


def logs(arguments: list[str]) -> int:
    """Show the end of a service's log, or of all, and follow it."""
    state, rest = _state_argument(arguments)
    names = rest or ["*"]
    files = sorted(str(path) for name in names for path in (state.folder / "log").glob(f"{name}.log"))
    if not files:
        known = sorted(path.stem for path in (state.folder / "log").glob("*.log"))
        console.complain(Trouble(f"There is no such log; there are: {', '.join(known) or 'none'}."))
        return 1
    return os.execvp("tail", ["tail", "-n", "40", "-F", *files])
