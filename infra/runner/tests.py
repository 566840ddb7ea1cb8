"""`infra/test`: packages, browser, servers, checks, then pytest; what did not run is said at the end.

The servers of the tests are stopped at the end when this run started them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from pathlib import Path

from infra.runner import console, setup
from infra.runner.entry import into_venv
from infra.runner.paths import ROOT, VENV_PYTHON

BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser")
BROWSER_PACKAGES = ("chromium", "fonts-noto-cjk")
BYTECODE = ROOT / ".cache" / "bytecode"
NO_TESTS = 5


def main(arguments: list[str], script: str) -> int:
    parser = argparse.ArgumentParser(prog="infra/test", description="Run all checks and tests, or the tests named.")
    parser.add_argument("--no-checks", action="store_true", help="only the tests, not infra/check")
    parser.add_argument("--fast", action="store_true", help="without the slow tests and those that need a browser")
    parser.add_argument("tests", nargs="*", help="paths and options for pytest (behind --)")
    options, more = parser.parse_known_args(arguments)
    setup.ensure_packages("dev")
    keep_bytecode()
    into_venv(script)
    chosen = [*options.tests, *more]
    missing_browser = "" if options.fast else ensure_browser()
    started_here = start_servers()
    try:
        failed = [] if options.no_checks or chosen else check()
        code = run_pytest(chosen, leave_out(options.fast, bool(missing_browser)))
    finally:
        if started_here:
            stop_servers()
    return conclude(code, failed, missing_browser)


def keep_bytecode() -> None:
    """Dozens of processes start in a run: what one has compiled, the others load, whatever the caller's environment says."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(BYTECODE)


def ensure_browser() -> str:
    """Install Chromium where that is possible; else why the browser tests cannot run."""
    if has_browser():
        return ""
    if os.geteuid() != 0:
        return "Chromium is missing and only root may install it: apt-get install " + " ".join(BROWSER_PACKAGES)
    with console.step("Installing Chromium for the browser tests"):
        setup.apt_install(*BROWSER_PACKAGES)
    return "" if has_browser() else f"Chromium could not be installed by apt-get, see {setup.LOG}"


def has_browser() -> bool:
    return any(Path(path).exists() for path in BROWSERS)


def start_servers() -> bool:
    """Start PostgreSQL and Valkey for the tests; True when they did not run before."""
    from infra.runner import testdb

    state = testdb.test_state()
    before = state.folder.exists() and testdb.services(state)[0].running_pid() is not None
    with console.step("Starting PostgreSQL and Valkey for the tests"):
        os.environ.update(testdb.ensure())
    return not before


def stop_servers() -> None:
    from infra.runner import testdb

    testdb.stop()


def check() -> list[str]:
    """Run the checks; beside them the database is made that every test process copies (pytest makes it when this fails)."""
    from infra import checks, i18n

    i18n.compile_all()
    command = [str(VENV_PYTHON), "-m", "tests.databases"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdin=quiet, stdout=quiet, stderr=quiet):
        return checks.run_checks(list(checks.CHECKS))


def leave_out(fast: bool, no_browser: bool) -> list[str]:
    unwanted = (["slow"] if fast else []) + (["e2e"] if fast or no_browser else [])
    return ["-m", " and ".join(f"not {name}" for name in unwanted)] if unwanted else []


def run_pytest(chosen: list[str], marks: list[str]) -> int:
    from infra import i18n

    i18n.compile_all()
    workers = min(4, os.cpu_count() or 1)
    spread = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"] if not chosen and workers > 1 else []
    command = [str(VENV_PYTHON), "-m", "pytest", *spread, *marks, *chosen]
    return subprocess.run(command, cwd=ROOT, check=False, env=environment()).returncode


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def conclude(code: int, failed: list[str], missing_browser: str) -> int:
    """The last words: what did not run and why, and which checks failed."""
    if missing_browser:
        console.say(f"Not run: the browser tests ({browser_tests()}), because {missing_browser}")
    if failed:
        console.say(console.paint(f"Checks that failed: {', '.join(failed)}", "red"))
    if code == NO_TESTS:
        console.say("No test was found.")
    return code or (1 if failed else 0)


def browser_tests() -> str:
    """The folders that hold browser tests."""
    marked = [path for path in (ROOT / "tests").rglob("test_*.py") if "mark.e2e" in path.read_text()]
    return ", ".join(sorted({str(path.parent.relative_to(ROOT)) for path in marked}) or ["tests/e2e"])
