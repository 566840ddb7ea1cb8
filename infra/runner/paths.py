"""Where things lie: the clone, its virtual environment and the state folder with its private settings.

Invariant: everything that a start writes lies in the state folder, except where the unprivileged account of the
database cannot reach it (see accounts.py); that second place is derived from the state folder's path alone.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
DEFAULT_STATE = ROOT / ".state"


class State:
    """A state folder: settings chosen once (passwords, ports) and the folders of the services."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.settings_file = self.folder / "settings.json"

    def prepare(self) -> None:
        """Create the folder; others may pass through it (the database runs as another account) but not list it."""
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, mode=0o711)
            self.folder.chmod(0o711)
        (self.folder / "log").mkdir(mode=0o700, exist_ok=True)

    def read(self) -> dict[str, str]:
        try:
            values = json.loads(self.settings_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return {str(key): str(value) for key, value in values.items()}

    def write(self, **changes: str) -> None:
        """Merge into the settings file, atomically and readable by its owner alone."""
        values = {**self.read(), **changes}
        temporary = self.settings_file.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            json.dump(values, handle, indent=1, sort_keys=True)
        temporary.replace(self.settings_file)

    def secret(self, name: str, length: int = 24) -> str:
        """A random value that is made once and stays the same for this state folder."""
        value = self.read().get(name)
        if not value:
            value = secrets.token_urlsafe(length)
            self.write(**{name: value})
        return value

    def log_file(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"
