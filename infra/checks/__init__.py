"""What is checked without running the product: style, types, layers, templates, translations, migrations.

`infra/check` runs all of them or those that are named; each is a program of its own, and two run at a time. They are told
in their order, each with what it had to say.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from infra.runner import console
from infra.runner.paths import ROOT, VENV_PYTHON

AT_ONCE = 2


@dataclass(frozen=True)
class Check:
    """A program of the virtual environment, or a module of ours, that ends with 0 when all is well."""

    title: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    code: int
    said: str
    seconds: float


CHECKS = {
    "style": Check("style (ruff)", ("ruff", "check", "--quiet", "--output-format", "concise", ".")),
    "layers": Check("who imports whom (import-linter)", ("infra.checks.layers",)),
    "templates": Check("templates", ("infra.checks.templates",)),
    "translations": Check("translations", ("infra.i18n", "--check")),
    "django": Check("settings and models (manage check)", ("backend.manage", "check", "--fail-level", "WARNING")),
    "migrations": Check(
        "migrations in step with the models", ("backend.manage", "makemigrations", "--check", "--dry-run")
    ),
    "types": Check("types (mypy)", ("mypy", "--no-error-summary")),
}
LONGEST = "types"


def run_checks(names: list[str]) -> list[str]:
    """Run the checks, the longest beside the others; gives the names of those that failed."""
    failed = []
    with ThreadPoolExecutor(AT_ONCE) as crew:
        running = {name: crew.submit(_run, CHECKS[name]) for name in sorted(names, key=lambda name: name != LONGEST)}
        for name in names:
            verdict = running[name].result()
            if verdict.code:
                failed.append(name)
            _tell(CHECKS[name], verdict)
    return failed


def _run(check: Check) -> Verdict:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "backend.config.settings"}
    begun = time.monotonic()
    done = subprocess.run(
        [str(VENV_PYTHON), "-m", *check.words], cwd=ROOT, env=environment, check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return Verdict(done.returncode, done.stdout.rstrip(), time.monotonic() - begun)


def _tell(check: Check, verdict: Verdict) -> None:
    if verdict.said:
        console.say(verdict.said)
    mark = console.paint("✗ ", "red") if verdict.code else console.paint("✓ ", "green")
    console.say(f"{mark}{check.title} ({verdict.seconds:.1f} s)")


def main(arguments: list[str]) -> int:
    unknown = [name for name in arguments if name not in CHECKS]
    if unknown or "--help" in arguments:
        print(f"usage: infra/check [{'|'.join(CHECKS)}]…", file=sys.stderr)
        return 2
    failed = run_checks(arguments or list(CHECKS))
    console.say("Failed: " + ", ".join(failed) if failed else "All checks passed.")
    return 1 if failed else 0
