"""The account that PostgreSQL runs as, and places which that account can reach.

PostgreSQL refuses to run as root. Started by root, the runner drops to an unprivileged account that exists anyway;
started by anybody else, everything runs as that user. No account is created and no permission of a parent folder is
changed: where the clone cannot be entered by the account (a clone below /root), data and programs go to a folder of
their own under /var/tmp.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.runner.paths import ROOT
from infra.runner.trouble import Trouble

CANDIDATES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """Who a child process runs as; `None` fields mean: as ourselves."""

    uid: int | None = None
    gid: int | None = None
    name: str = ""

    @property
    def popen_arguments(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_read(self, path: Path) -> bool:
        """True when the account can read (and enter or execute) the path; tried, not guessed."""
        if self.uid is None:
            return os.access(path, os.R_OK)
        return self._test("-r", str(path), "-a", "-x", str(path))

    def can_pass(self, folder: Path) -> bool:
        """True when the account may pass through the folder (the nearest one that exists)."""
        while not folder.exists():
            folder = folder.parent
        return self._test("-x", str(folder))

    def _test(self, *expression: str) -> bool:
        try:
            probe = subprocess.run(["/usr/bin/test", *expression], cwd="/", check=False, **self.popen_arguments)
        except (OSError, subprocess.SubprocessError) as error:
            raise Trouble(
                f"PostgreSQL must not run as root, and this process may not change to the account {self.name!r}.",
                "Run the command as an ordinary user, or set DATABASE_URL to a PostgreSQL server.",
            ) from error
        return probe.returncode == 0


def account_for(data: Path) -> Account:
    """The account for a data folder: its owner when it exists, else an unprivileged one that exists here."""
    if os.geteuid() != 0:
        if data.exists() and data.stat().st_uid != os.geteuid():
            raise Trouble(
                f"{data} belongs to another user ({_name_of(data.stat().st_uid)}).",
                "Start as that user (or root), or choose another place with --state-dir DIR.",
            )
        return Account()
    for owned in (data, ROOT):
        if owned.exists() and owned.stat().st_uid != 0:
            found = owned.stat()
            return Account(found.st_uid, found.st_gid, _name_of(found.st_uid))
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    raise Trouble(
        "PostgreSQL must not run as root, and there is no unprivileged account on this machine.",
        "Run the command as an ordinary user, or set DATABASE_URL to a PostgreSQL server.",
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def outside_folder(state_folder: Path) -> Path:
    """The place under /var/tmp that stands in for a state folder which the account cannot reach."""
    digest = hashlib.sha256(str(state_folder).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"troika-{digest}"


def data_home(state_folder: Path) -> tuple[Path, Account]:
    """The folder that PostgreSQL's data and, if need be, programs are kept in, and the account to use."""
    account = account_for(state_folder / "postgres")
    if account.uid is None or account.can_pass(state_folder):
        return state_folder, account
    outside = outside_folder(state_folder)
    if outside.is_symlink() or (outside.exists() and outside.stat().st_uid != 0):
        raise Trouble(
            f"{outside} exists but does not belong to root.",
            "Remove it, or choose a state folder that every user can reach with --state-dir DIR.",
        )
    return outside, account_for(outside / "postgres")


def reachable_copy(programs: list[Path], probe: Path, account: Account, home: Path, version: str) -> Path:
    """The folder that holds the program folders: where they are when the account can read them, else a copy.

    `programs` are sibling folders and `probe` a program in one of them. Old copies of other versions are removed.
    """
    original = programs[0].parent
    if account.uid is None or account.can_read(probe):
        return original
    target = home / f"programs-{version}"
    if not (target / ".complete").exists():
        for old in home.glob("programs-*"):
            shutil.rmtree(old, ignore_errors=True)
        for folder in programs:
            shutil.copytree(folder, target / folder.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
        _open_for_reading(target)
        (target / ".complete").touch()
    return target


def _open_for_reading(folder: Path) -> None:
    """Let every account read the copy, whatever the umask of the user who installed the original."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o644)
