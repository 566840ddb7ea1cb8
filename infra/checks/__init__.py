"""What is checked without running the product: style, types, layers, templates, translations, migrations.

`infra/check` runs all of them or those that are named; each is independent of the others.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from infra.checks import templates, translations
from infra.runner import console
from infra.runner.paths import ROOT, VENV_PYTHON


def _command(*words: str) -> Callable[[], int]:
    """A check that is a program of the virtual environment."""

    def run() -> int:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "backend.config.settings"}
        return subprocess.run([str(VENV_PYTHON), "-m", *words], cwd=ROOT, env=environment, check=False).returncode

    return run


CHECKS: dict[str, tuple[str, Callable[[], int]]] = {
    "style": ("style (ruff)", _command("ruff", "check", "--quiet", "--output-format", "concise", ".")),
    "layers": ("who imports whom (import-linter)", _command("infra.checks.layers")),
    "templates": ("templates", templates.main),
    "translations": ("translations", translations.main),
    "django": ("settings and models (manage check)", _command("backend.manage", "check", "--fail-level", "WARNING")),
    "migrations": (
        "migrations in step with the models",
        _command("backend.manage", "makemigrations", "--check", "--dry-run"),
    ),
    "types": ("types (mypy)", _command("mypy", "--no-error-summary")),
}


def run_checks(names: list[str]) -> list[str]:
    """Run the checks; gives the names of those that failed."""
    failed = []
    for name in names:
        title, check = CHECKS[name]
        begun = time.monotonic()
        code = check()
        took = f"({time.monotonic() - begun:.1f} s)"
        if code:
            failed.append(name)
        console.say((console.paint("✗ ", "red") if code else console.paint("✓ ", "green")) + f"{title} {took}")
    return failed


def main(arguments: list[str]) -> int:
    unknown = [name for name in arguments if name not in CHECKS]
    if unknown or "--help" in arguments:
        print(f"usage: infra/check [{'|'.join(CHECKS)}]…", file=sys.stderr)
        return 2
    failed = run_checks(arguments or list(CHECKS))
    console.say("Failed: " + ", ".join(failed) if failed else "All checks passed.")
    return 1 if failed else 0
