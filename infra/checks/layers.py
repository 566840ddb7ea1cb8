"""Runs import-linter with the contracts of `pyproject.toml`; its report is shown only when one is broken."""

from __future__ import annotations

import contextlib
import io
import sys

from importlinter.cli import lint_imports


def main() -> int:
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        code = lint_imports(is_debug_mode=False)
    if code:
        sys.stdout.write(report.getvalue())
    return code


if __name__ == "__main__":
    sys.exit(main())
