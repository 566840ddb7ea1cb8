"""`infra/up` with two tiny services in place of the product: a web server and a counter."""

import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from infra.runner import commands  # noqa: E402
from infra.runner.paths import State  # noqa: E402
from infra.runner.supervisor import Service, Supervisor  # noqa: E402

COUNTER = "import time\nprint('counting', flush=True)\nwhile True: time.sleep(1)"


class FakePlan:
    def __init__(self, state: State, port: int) -> None:
        self.state, self.port = state, port

    def bring_up(self, supervisor: Supervisor) -> str:
        environment = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
        web = [sys.executable, "-m", "http.server", str(self.port), "--bind", "127.0.0.1"]
        counter = [sys.executable, "-c", COUNTER]
        log = self.state.log_file
        running = [
            supervisor.start(Service("web", lambda: web, environment, log("web"), ready=self._answers)),
            supervisor.start(Service("counter", lambda: counter, environment, log("counter"), ready_line="^counting$")),
        ]
        supervisor.wait_ready(*running)
        return f"  Fake pages   http://localhost:{self.port}/"

    def _answers(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2).status == 200)
        except OSError:
            return False


if __name__ == "__main__":
    sys.exit(commands.up(sys.argv[1:], str(Path(__file__).resolve()), plan=FakePlan, packages=False))
