"""`infra/up`, `infra/down`, `infra/status` as a person types them, with a fake set of services."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.runner import commands, ports
from infra.runner.paths import ROOT, State
from infra.runner.process import is_alive, wait_for
from infra.runner.runfile import RunFile
from infra.runner.trouble import Trouble

FAKE_UP = Path(__file__).with_name("fake_up.py")


class Desk:
    """A person with a state folder and a free port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, ports.any_free()
        self.open: list[subprocess.Popen[str]] = []

    def up(self, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(FAKE_UP), "--port", str(self.port), "--state-dir", str(self.folder), *more]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.open.append(child)
        return child

    def until(self, child: subprocess.Popen[str], words: str) -> str:
        seen = ""
        assert child.stdout is not None
        for line in child.stdout:
            seen += line
            if words in line:
                return seen
        raise AssertionError(f"{words!r} was never said:\n{seen}")

    def say(self, name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "infra" / name), "--state-dir", str(self.folder)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def service_pids(self) -> list[int]:
        told = RunFile(State(self.folder)).read()
        assert told is not None
        return list(told.services.values())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "state")
    yield made
    made.say("down")
    for child in made.open:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def test_up_runs_in_the_foreground_and_an_interrupt_stops_everything(desk: Desk) -> None:
    child = desk.up()
    said = desk.until(child, "Ctrl-C stops it")
    assert f"Troika is ready: http://localhost:{desk.port}" in said
    assert f"Fake pages   http://localhost:{desk.port}/" in said
    assert "counter  │ counting" in said
    pids = desk.service_pids()
    assert all(is_alive(pid) for pid in pids)
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=20)
    assert rest.endswith("Stopping …\nStopped.\n")
    assert child.returncode == 0
    assert not any(is_alive(pid) for pid in pids)


def test_a_second_start_names_the_running_one(desk: Desk) -> None:
    desk.until(desk.up(), "Ctrl-C stops it")
    second = desk.up()
    said, _ = second.communicate(timeout=20)
    assert second.returncode == 1
    assert f"Troika already runs at http://localhost:{desk.port}" in said
    assert "--port PORT --state-dir DIR" in said
    assert desk.say("status").returncode == 0


def test_a_taken_port_is_told_with_a_way_out(desk: Desk) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", desk.port))
        listener.listen()
        child = desk.up()
        said, _ = child.communicate(timeout=20)
    assert child.returncode == 1
    assert f"Port {desk.port} is taken by" in said
    assert f"infra/up --port {desk.port + 1}" in said


def test_detach_status_down(desk: Desk) -> None:
    before = desk.say("status")
    assert (before.returncode, before.stdout) == (3, "Troika does not run.\n")
    child = desk.up("--detach")
    said, _ = child.communicate(timeout=30)
    assert child.returncode == 0
    assert f"Troika is ready: http://localhost:{desk.port}" in said
    assert "infra/down stops it" in said
    pids = desk.service_pids()
    assert ports.answers(desk.port)
    status = desk.say("status")
    assert status.returncode == 0
    assert f"Troika is ready at http://localhost:{desk.port}" in status.stdout
    assert status.stdout.count("running, process") == 2
    down = desk.say("down")
    assert down.returncode == 0
    assert down.stdout.endswith("Stopped.\n")
    assert not any(is_alive(pid) for pid in pids)
    assert not ports.answers(desk.port)
    assert desk.say("down").stdout == "Troika does not run.\n"


def test_a_killed_runner_leaves_no_orphan_and_no_lock(desk: Desk) -> None:
    child = desk.up()
    desk.until(child, "Ctrl-C stops it")
    pids = desk.service_pids()
    child.kill()
    child.wait()
    assert wait_for(lambda: not any(is_alive(pid) for pid in pids), seconds=10)
    desk.until(desk.up(), "Ctrl-C stops it")


def test_manage_needs_a_running_troika(desk: Desk) -> None:
    told = desk.say("manage")
    assert told.returncode == 1
    assert "Troika does not run" in told.stdout


def test_a_full_disk_stops_the_start(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**10, 10**10, 5_000_000))
    with pytest.raises(Trouble, match=r"is full: 5 MB free, 400 MB are needed"):
        commands.check_before_start(State(desk.folder), desk.port)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    code = commands.guarded(lambda: commands.check_before_start(State(tmp_path / "s"), 8000) or 0, tmp_path)
    assert code == 1


def test_production_needs_its_own_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra.runner.plan import Product

    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TROIKA_MODE", "production")
    with pytest.raises(Trouble, match="DATABASE_URL, REDIS_URL, SECRET_KEY"):
        Product(State(tmp_path), 8000)


def test_production_has_no_demo_and_no_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra.runner.plan import Product

    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "given")
    monkeypatch.setenv("TROIKA_MODE", "production")
    plan = Product(State(tmp_path), 8000)
    assert "create_demo" not in plan._prepare_command()
    assert plan.environment()["TROIKA_MODE"] == "production"
    assert "STRIPE_API_BASE" not in plan.environment()
    assert "demo" not in plan.banner().replace(str(tmp_path), "").lower()
