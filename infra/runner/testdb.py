"""One fast PostgreSQL and one Valkey for tests, shared by every test process of this clone.

`ensure()` starts them or finds them running (a file lock keeps two callers apart) and returns the environment. They
give up durability for speed, live in `.state/test/`, outlive the test run that started them, and are stopped by
`python -m infra.runner.testdb stop`. `DATABASE_URL` and `REDIS_URL` of the caller win over both.
Every test process makes databases of its own inside the server.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.runner.paths import DEFAULT_STATE, State
from infra.runner.postgres import TEST_SETTINGS, EmbeddedPostgres
from infra.runner.trouble import Trouble, translate_os_error
from infra.runner.valkey import EmbeddedValkey


def test_state() -> State:
    return State(Path(os.environ.get("TROIKA_TEST_STATE_DIR") or DEFAULT_STATE / "test"))


@contextmanager
def _locked(state: State) -> Iterator[None]:
    state.prepare()
    (state.folder / "static").mkdir(exist_ok=True)  # the pages' middleware warns when it is missing
    with (state.folder / "testdb.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def services(state: State) -> tuple[EmbeddedPostgres, EmbeddedValkey]:
    return EmbeddedPostgres(state, dict(TEST_SETTINGS)), EmbeddedValkey(state, persistent=False)


def ensure() -> dict[str, str]:
    """Start what is not running and return the environment that tests need."""
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    if len(given) == 2:
        return {**_fixed_environment(test_state()), **given}
    state = test_state()
    with _locked(state):
        postgres, valkey = services(state)
        if "DATABASE_URL" not in given and not (postgres.running_pid() and postgres.is_ready()):
            postgres.start_detached()
        if "REDIS_URL" not in given and not (valkey.running_pid() and valkey.answers_ping()):
            valkey.start_detached()
        return {**environment(state, postgres, valkey), **given}


def environment(state: State, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> dict[str, str]:
    return {"DATABASE_URL": postgres.url(), "REDIS_URL": valkey.url(), **_fixed_environment(state)}


def _fixed_environment(state: State) -> dict[str, str]:
    files = state.folder / "files"
    return {
        "TROIKA_MODE": "test",
        "SECRET_KEY": "for-tests-only-and-never-for-anything-else",
        "TROIKA_STATE_DIR": str(state.folder),
        "MEDIA_ROOT": str(files),
        "EMAIL_URL": f"file://{state.folder}/mail",
        "TROIKA_BASE_DOMAIN": "localhost",
        "TROIKA_BASE_URL": "http://localhost:8000",
        "STRIPE_API_KEY": "sk_test_emulator",
        "STRIPE_WEBHOOK_SECRET": "whsec_test_emulator",
        "DJANGO_SETTINGS_MODULE": "backend.config.settings",
    }


def stop(*, forget: bool = False) -> None:
    """Stop both servers; with `forget` remove their data too."""
    state = test_state()
    with _locked(state):
        postgres, valkey = services(state)
        postgres.stop()
        valkey.stop()
        if forget:
            shutil.rmtree(postgres.data, ignore_errors=True)
            shutil.rmtree(valkey.folder, ignore_errors=True)


def status() -> str:
    state = test_state()
    if not state.folder.exists():
        return "not running"
    postgres, valkey = services(state)
    lines = []
    for name, server in (("PostgreSQL", postgres), ("Valkey", valkey)):
        pid = server.running_pid()
        lines.append(f"{name}: " + (f"running on port {server.port}, process {pid}" if pid else "not running"))
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "help"
    try:
        if command in ("start", "env"):
            values = ensure()
            if command == "env":
                print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items()))
            else:
                print(status())
        elif command in ("stop", "forget"):
            stop(forget=command == "forget")
        elif command == "status":
            print(status())
        else:
            print("usage: python -m infra.runner.testdb start|stop|forget|env|status", file=sys.stderr)
            return 2
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except OSError as error:
        print(translate_os_error(error, str(test_state().folder)), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
