"""What the executable scripts of `infra/` share: they run inside the virtual environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from infra.runner.paths import ROOT, VENV, VENV_PYTHON


def inside_venv() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()


def into_venv(script: str) -> None:
    """Run the script again with the Python of the virtual environment, unless this is it already."""
    if inside_venv():
        return
    if not VENV_PYTHON.exists():
        sys.exit("The packages are not installed yet: run infra/up or infra/test first.")
    os.environ["PYTHONPATH"] = str(ROOT)
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), script, *sys.argv[1:]])
