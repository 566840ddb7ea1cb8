"""What a run of the product consists of: its environment, its services and their order.

`DATABASE_URL` and `REDIS_URL` of the caller take the place of the embedded servers, `STRIPE_API_KEY` that of the
emulator. Demo companies are made in the embedded mode only.
"""

from __future__ import annotations

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from infra.runner import console, ports
from infra.runner.paths import ROOT, VENV_PYTHON, State
from infra.runner.postgres import EmbeddedPostgres, plain_environment
from infra.runner.supervisor import Service, Supervisor
from infra.runner.trouble import Trouble
from infra.runner.valkey import EmbeddedValkey

APPLICATION = "backend.config.wsgi:application"
CELERY = "backend.config.celery:app"
KEPT_BY_CALLER = ("EMAIL_URL", "MEDIA_ROOT", "TROIKA_BASE_DOMAIN", "TROIKA_LOG", "TROIKA_SPARE_SCHEMAS", "SECRET_KEY")
# A connection stays with the worker that took it: kept alive, four of them often wait for one worker while the other idles.
ONE_REQUEST = "--no-http1-keep-alive"
# With an arena for every thread the C library keeps tens of MiB that no thread uses any more.
SPARING = {"MALLOC_ARENA_MAX": "2"}
CHATTER = "|".join(
    [
        "Scheduler: Sending due task",
        r"Task \S+ received",
        # Celery's warning to root: in the embedded default the worker runs as whoever started it, on loopback alone
        "superuser privileges", "absolutely not recommended", "Please specify a different user",
        "^User information", r"^\s*uid=", "SecurityWarning", "_warn_or_raise_security_error", r"^\s*$",
    ]
)  # fmt: skip


class Product:
    """The services of one run on one state folder."""

    def __init__(self, state: State, port: int) -> None:
        self.state, self.port = state, port
        self.mode = "production" if os.environ.get("TROIKA_MODE") == "production" else "embedded"
        if self.mode == "production":
            self._check_production()
        self.postgres = None if os.environ.get("DATABASE_URL") else EmbeddedPostgres(state)
        self.valkey = None if os.environ.get("REDIS_URL") else EmbeddedValkey(state)
        self.emulator_port = 0

    @staticmethod
    def _check_production() -> None:
        needed = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET")
        missing = [name for name in needed if not os.environ.get(name)]
        if missing:
            raise Trouble(
                f"TROIKA_MODE=production needs these variables as well: {', '.join(missing)}.",
                "Set them, or leave TROIKA_MODE out to run the embedded default with demo companies.",
            )

    # ------------------------------------------------------------------ order

    def bring_up(self, supervisor: Supervisor) -> str:
        """Start everything in order; gives the text that tells people where things are."""
        self._start_stores(supervisor)
        environment = self.environment()
        self._start_emulator(supervisor, environment)
        self._remember(environment)
        with console.step("Preparing the database and the pages"):
            supervisor.run_step("prepare", self._prepare_command(), environment, self.state.log_file("prepare"))
        with console.step("Starting web, worker and beat"):
            running = [supervisor.start(service) for service in self._faces(environment)]
            supervisor.wait_ready(*running)
        return self.banner()

    def _start_stores(self, supervisor: Supervisor) -> None:
        with console.step("Starting PostgreSQL and Valkey"):
            running = []
            if self.postgres:
                self.postgres.initialise()
                running.append(supervisor.start(self._postgres_service(self.postgres)))
            if self.valkey:
                running.append(supervisor.start(self._valkey_service(self.valkey)))
            supervisor.wait_ready(*running)
            if self.postgres:
                self.postgres.prepare_role()

    def _postgres_service(self, server: EmbeddedPostgres) -> Service:
        if server.home != self.state.folder:
            console.say(
                f"  The account {server.account.name!r}, which PostgreSQL runs as, cannot enter {self.state.folder}; "
                f"its data lies in {server.data}"
            )
        return Service(
            "postgres", server.command, plain_environment(), self.state.log_file("postgres"),
            ready=server.is_ready, account=server.account, stop_signal=signal.SIGINT, patience=30,
            before_start=server.clear_leftovers, quiet="LOG:  ",
        )  # fmt: skip

    def _valkey_service(self, server: EmbeddedValkey) -> Service:
        return Service(
            "valkey", server.command, {"LC_ALL": "C.UTF-8"}, self.state.log_file("valkey"),
            ready=server.answers_ping, before_start=server.clear_leftovers, quiet=r" [*.#-] |signal-handler",
        )  # fmt: skip

    def _start_emulator(self, supervisor: Supervisor, environment: Mapping[str, str]) -> None:
        if os.environ.get("STRIPE_API_KEY"):
            return
        folder = self.state.folder / "stripe"
        folder.mkdir(mode=0o700, exist_ok=True)
        command = [
            str(VENV_PYTHON), "-m", "infra.stripe_emulator", "--port", str(self.emulator_port),
            "--state-dir", str(folder), "--webhook-url", f"http://localhost:{self.port}/stripe/webhook/",
            "--webhook-secret", environment["STRIPE_WEBHOOK_SECRET"],
        ]  # fmt: skip
        supervisor.start(
            Service(
                "stripe", lambda: command, environment, self.state.log_file("stripe"), folder=ROOT,
                ready=lambda: ports.answers(self.emulator_port),
            )
        )  # fmt: skip

    def _prepare_command(self) -> list[str]:
        steps = ["messages", "static", "prepare_database", "fill_pool"]
        if self.mode == "embedded":
            steps.append("create_demo")
        return [str(VENV_PYTHON), "-m", "infra.runner.prepare", *steps]

    def _faces(self, environment: dict[str, str]) -> list[Service]:
        python = str(VENV_PYTHON)
        web = [
            python, "-m", "granian", "--interface", "wsgi", "--host", ports.LOOPBACK, "--port", str(self.port),
            "--workers", "2", "--blocking-threads", "4", "--no-ws", ONE_REQUEST, "--respawn-failed-workers",
            "--workers-kill-timeout", "10", "--log-level", "warning", APPLICATION,
        ]  # fmt: skip
        worker = [
            python, "-m", "celery", "--quiet", "--app", CELERY, "worker", "--loglevel", "INFO", "--concurrency", "2",
            "--without-gossip", "--without-mingle", "--hostname", f"troika-{self.port}@%h",
        ]  # fmt: skip
        beat = [
            python, "-m", "celery", "--quiet", "--app", CELERY, "beat", "--loglevel", "WARNING", "--pidfile", "",
            "--schedule", str(self.state.folder / "beat-schedule"),
        ]  # fmt: skip
        return [
            self._service("web", web, environment, ready=True),
            self._service("worker", worker, environment, ready_line=r" ready\.$", patience=20),
            self._service("beat", beat, environment),
        ]

    def _service(
        self, name: str, command: list[str], environment: dict[str, str], *,
        ready: bool = False, ready_line: str = "", patience: float = 15,
    ) -> Service:  # fmt: skip
        return Service(
            name, lambda: command, {**environment, "TROIKA_PROCESS": f"troika-{name}", "CELERY_SKIP_CHECKS": "1"},
            self.state.log_file(name),
            folder=ROOT, ready=self._web_is_ready if ready else None, ready_line=ready_line, patience=patience,
            quiet=CHATTER,
        )  # fmt: skip

    def _web_is_ready(self) -> bool:
        request = urllib.request.Request(f"http://{ports.LOOPBACK}:{self.port}/readyz", headers={"Host": "localhost"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError, ValueError):
            return False

    # ------------------------------------------------------------------ environment

    def environment(self) -> dict[str, str]:
        """The variables of every process of the product; call when the stores run (their ports are known then)."""
        folder = self.state.folder
        values = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PG", "PYTEST_"))},
            "TROIKA_MODE": self.mode,
            "TROIKA_STATE_DIR": str(folder),
            "TROIKA_BASE_DOMAIN": "localhost",
            "TROIKA_BASE_URL": os.environ.get("TROIKA_BASE_URL") or f"http://localhost:{self.port}",
            "MEDIA_ROOT": str(folder / "files"),
            "EMAIL_URL": f"file://{folder}/mail",
            "TROIKA_LOG": "console",
            "SECRET_KEY": self.state.secret("secret_key", 48),
            "DJANGO_SETTINGS_MODULE": "backend.config.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **SPARING,
            "PWD": str(ROOT),
            **{name: os.environ[name] for name in KEPT_BY_CALLER if os.environ.get(name)},
        }
        if self.postgres:
            values["DATABASE_URL"] = self.postgres.url()
        if self.valkey:
            values["REDIS_URL"] = self.valkey.url()
        if not os.environ.get("STRIPE_API_KEY"):
            self.emulator_port = ports.kept_port(self.state, "stripe_port")
            values["STRIPE_API_KEY"] = "sk_test_emulator"
            values["STRIPE_WEBHOOK_SECRET"] = "whsec_" + self.state.secret("stripe_webhook_secret")
            values["STRIPE_API_BASE"] = f"http://{ports.LOOPBACK}:{self.emulator_port}"
        return values

    def _remember(self, environment: dict[str, str]) -> None:
        """Keep the variables that were added, for `infra/manage` and `infra/psql`."""
        added = {name: value for name, value in environment.items() if os.environ.get(name) != value}
        path = self.state.folder / "environment.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            json.dump(added, handle, indent=1)

    # ------------------------------------------------------------------ telling people

    def banner(self) -> str:
        base = f"http://localhost:{self.port}"
        rows = [("Landing page, sign-up", f"{base}/")]
        if self.emulator_port:
            rows.append(("Stripe emulator", f"http://localhost:{self.emulator_port}/"))
        rows.append(("Mail that was sent", str(self.state.folder / "mail")))
        lines = [f"  {name:<26} {address}" for name, address in rows]
        if self.mode == "embedded":
            lines += ["", "  Demo companies, who may sign in where:", *demo_sign_ins(self.state)]
        return "\n".join(lines)


def demo_sign_ins(state: State) -> list[str]:
    """What `create_demo` said: who may sign in where, in the embedded default."""
    path = Path(state.folder / "demo.txt")
    return ["  " + line for line in path.read_text().splitlines()] if path.exists() else []
