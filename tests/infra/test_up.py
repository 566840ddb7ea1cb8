"""`infra/up` for real: the product with its embedded servers, from an empty state folder to a second start."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.runner import ports
from infra.runner.paths import ROOT, State
from infra.runner.process import is_alive, wait_for
from infra.runner.runfile import RunFile

# On a machine that has nothing else to do; a crowded one gets more, see `in_time`.
FIRST_SECONDS, LATER_SECONDS = 90, 15


def in_time(took: float, allowed: float) -> bool:
    crowd = os.getloadavg()[0] / (os.cpu_count() or 1)
    return took < allowed * max(1.5, crowd + 0.5)


class House:
    """A state folder of its own and the commands on it, with an environment that names no servers."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="troika-up-"))
        self.folder.chmod(0o711)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.state = State(self.folder / "state")
        self.port = ports.any_free()

    def run(self, name: str, *more: str, seconds: int = 300) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home)}
        command = [str(ROOT / "infra" / name), "--state-dir", str(self.state.folder), *more]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False)

    def up(self) -> tuple[float, str]:
        begun = time.monotonic()
        done = self.run("up", "--detach", "--port", str(self.port))
        assert done.returncode == 0, done.stdout + done.stderr
        return time.monotonic() - begun, done.stdout

    def get(self, host: str, path: str) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": f"{host}:{self.port}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.run("down", seconds=120)
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.mark.slow
def test_first_start_second_start_and_what_lies_between(house: House) -> None:
    took, said = house.up()
    assert in_time(took, FIRST_SECONDS)
    for address in (f"http://localhost:{house.port}/", "http://demo.localhost", "http://demo-en.localhost"):
        assert address in said
    assert house.get("localhost", "/readyz")[0] == 200
    assert 'lang="zh' in house.get("demo.localhost", "/signin/")[1]
    assert 'lang="en' in house.get("demo-en.localhost", "/signin/")[1]

    told = RunFile(house.state).read()
    assert told is not None
    assert list(told.services) == ["postgres", "valkey", "stripe", "web", "worker", "beat"]

    count = house.run("manage", "shell", "-c", "from tenants.models import Tenant; print('T', Tenant.objects.count())")
    assert "T " in count.stdout, count.stderr

    second = house.run("up", "--port", str(ports.any_free()))
    assert second.returncode == 1
    assert "Troika already runs" in second.stdout

    os.kill(told.services["web"], 9)
    assert wait_for(lambda: _serves(house), seconds=30, pause=0.5), "web was not started again"

    down = house.run("down", seconds=120)
    assert down.returncode == 0, down.stdout
    assert not any(is_alive(pid) for pid in told.services.values())

    took, said = house.up()
    assert in_time(took, LATER_SECONDS)
    again = house.run("manage", "shell", "-c", "from tenants.models import Tenant; print('T', Tenant.objects.count())")
    assert again.stdout.split("T ")[1] == count.stdout.split("T ")[1]


def _serves(house: House) -> bool:
    told = RunFile(house.state).read()
    try:
        return bool(told and house.get("localhost", "/readyz")[0] == 200)
    except OSError:
        return False


def test_what_a_run_leaves_for_others_is_private(tmp_path: Path) -> None:
    from infra.runner.plan import Product

    state = State(tmp_path / "state")
    state.prepare()
    product = Product.__new__(Product)
    product.state = state
    product._remember({"SECRET_KEY": "hidden", "PATH": os.environ["PATH"]})
    path = state.folder / "environment.json"
    assert json.loads(path.read_text()) == {"SECRET_KEY": "hidden"}
    assert path.stat().st_mode & 0o077 == 0
