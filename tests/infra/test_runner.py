"""State folder, lock, ports and the watching of services."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from infra.runner import ports
from infra.runner.paths import State
from infra.runner.process import is_alive, spawn, wait_for
from infra.runner.runfile import Run, RunFile
from infra.runner.supervisor import Interrupted, Service, Supervisor
from infra.runner.trouble import Trouble, speaks_of_full_disk, translate_os_error

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "state")
    state.prepare()
    return state


def service(state: State, name: str, code: str, **more: object) -> Service:
    return Service(name, lambda: [sys.executable, "-c", code], ENVIRONMENT, state.log_file(name), **more)  # type: ignore[arg-type]


@pytest.fixture
def supervisor() -> Supervisor:
    shown: list[tuple[str, str]] = []
    made = Supervisor(show=lambda name, line: shown.append((name, line)))
    made.shown = shown  # type: ignore[attr-defined]
    yield made
    made.stop()


def test_a_secret_is_made_once_and_only_its_owner_reads_it(state: State) -> None:
    first = state.secret("password")
    assert State(state.folder).secret("password") == first
    assert state.settings_file.stat().st_mode & 0o077 == 0


def test_a_port_is_kept_while_it_is_free(state: State) -> None:
    port = ports.kept_port(state, "web_port")
    assert ports.kept_port(state, "web_port") == port


def test_a_taken_port_is_seen_with_its_holder(state: State) -> None:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not ports.is_free(port)
        assert f"process {os.getpid()}" in ports.holder(port)
        state.write(web_port=str(port))
        assert ports.kept_port(state, "web_port") != port


def test_the_lock_keeps_a_second_runner_out_and_names_the_first(state: State) -> None:
    holder = RunFile(state)
    holder.acquire()
    holder.write(Run(pid=4711, port=8000, address="http://localhost:8000"))
    with pytest.raises(Trouble, match=r"already runs at http://localhost:8000 \(process 4711\)"):
        RunFile(state).acquire()
    holder.release()
    assert not RunFile(state).is_held()


def test_the_lock_of_a_killed_runner_counts_for_nothing(state: State) -> None:
    code = (
        "import sys, time; from pathlib import Path; from infra.runner.paths import State;"
        "from infra.runner.runfile import RunFile;"
        f"lock = RunFile(State(Path({str(state.folder)!r}))); lock.acquire(); print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    assert RunFile(state).is_held()
    child.kill()
    child.wait()
    child.stdout.close()
    RunFile(state).acquire()


def test_services_stop_in_reverse_order(state: State, supervisor: Supervisor) -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\nwhile True: time.sleep(1)"
    )
    started = [supervisor.start(service(state, name, code, ready_line="^up$")) for name in ("first", "second")]
    supervisor.wait_ready(*started)
    pids = [child.process.pid for child in supervisor.children]
    supervisor.stop()
    assert not any(is_alive(pid) for pid in pids)
    seen = supervisor.shown  # type: ignore[attr-defined]
    assert wait_for(lambda: ("first", "bye") in seen, seconds=2)
    assert seen.index(("second", "bye")) < seen.index(("first", "bye"))


def test_a_service_that_ends_at_once_tells_its_last_words(state: State, supervisor: Supervisor) -> None:
    broken = supervisor.start(service(state, "web", "print('no such module: shop'); raise SystemExit(3)"))
    broken.service.ready = lambda: False
    with pytest.raises(Trouble, match=r"web ended with code 3\.\n    no such module: shop"):
        supervisor.wait_ready(broken)
    assert state.log_file("web").read_text() == "no such module: shop\n"


def test_a_service_that_hangs_is_given_up(state: State, supervisor: Supervisor) -> None:
    slow = supervisor.start(
        service(state, "web", "import time; time.sleep(60)", ready=lambda: False, start_seconds=0.3)
    )
    with pytest.raises(Trouble, match="was not ready after 0 s"):
        supervisor.wait_ready(slow)


def test_a_full_disk_is_told_as_such(state: State, supervisor: Supervisor, capsys: pytest.CaptureFixture[str]) -> None:
    text = "print('PANIC: could not write to file: No space left on device'); raise SystemExit(1)"
    child = supervisor.start(service(state, "postgres", text, ready=lambda: False))
    with pytest.raises(Trouble, match="The disk that holds .* is full"):
        supervisor.wait_ready(child)
    assert capsys.readouterr().out.count("is full") == 1


def test_a_crashed_service_is_started_again_with_a_growing_pause(
    state: State, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("infra.runner.supervisor.FIRST_PAUSE", 0.05)
    supervisor.start(service(state, "web", "print('again'); raise SystemExit(1)"))
    threading.Timer(3.0, supervisor.stop_requested.set).start()
    supervisor.watch()
    assert supervisor.children[0].restarts >= 2
    assert "web ended with code 1; starts again in" in capsys.readouterr().out


def test_a_stop_during_a_step_ends_the_step(state: State, supervisor: Supervisor) -> None:
    threading.Timer(0.3, supervisor.stop_requested.set).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted):
        supervisor.run_step(
            "prepare", [sys.executable, "-c", "import time; time.sleep(60)"], ENVIRONMENT, state.log_file("prepare")
        )
    assert time.monotonic() - begun < 5


def test_no_child_outlives_a_killed_parent(state: State) -> None:
    code = (
        "import time, sys; from infra.runner.process import spawn\n"
        "child = spawn([sys.executable, '-c', 'import time; time.sleep(60)'], environment={}, output=-3)\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_for(lambda: not is_alive(child), seconds=5)


def test_a_child_does_not_get_the_terminals_interrupt(state: State) -> None:
    child = spawn([sys.executable, "-c", "import time; time.sleep(60)"], environment={}, output=subprocess.DEVNULL)
    assert os.getsid(child.pid) == child.pid != os.getsid(0)
    child.send_signal(signal.SIGKILL)
    child.wait()


@pytest.mark.parametrize(
    "text",
    [
        'PANIC:  could not write to file "pg_wal/xlogtemp.5": No space left on device',
        'ERROR:  could not extend file "base/5/16384": wrote only 4096 of 8192 bytes',
        "OSError: [Errno 28] No space left on device",
        "npm error code ENOSPC",
    ],
)
def test_words_for_a_full_disk(text: str) -> None:
    assert speaks_of_full_disk(text)
    assert not speaks_of_full_disk("all is well")


def test_errors_of_the_system_become_words() -> None:
    assert "is full" in translate_os_error(OSError(28, "No space left on device"), "/data").message
    denied = translate_os_error(PermissionError(13, "Permission denied", "/data/x"), "/data")
    assert "/data/x cannot be written by this user" in denied.message
