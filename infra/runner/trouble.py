"""The one exception the runner shows to people: what went wrong, and what they can do about it."""

from __future__ import annotations

import errno


class Trouble(Exception):
    """Something a person has to know; printed without a traceback."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


DISK_FULL_WORDS = ("no space left on device", "disk full", "could not extend file", "enospc", "disk quota exceeded")


def speaks_of_full_disk(text: str) -> bool:
    """True when a log line or message of any of our children means that the disk is full."""
    lowered = text.lower()
    return any(words in lowered for words in DISK_FULL_WORDS)


def disk_full(where: str) -> Trouble:
    return Trouble(
        f"The disk that holds {where} is full.",
        "Free some space (at least 1 GB), or choose another place with --state-dir DIR, then start again.",
    )


def translate_os_error(error: OSError, where: str) -> Trouble:
    """Turn an operating-system error into words a person can act on."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(where)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Trouble(
            f"{error.filename or where} cannot be written by this user ({error.strerror}).",
            "Run the command as the user who owns the files, or choose another place with --state-dir DIR.",
        )
    return Trouble(f"{where}: {error.strerror or error}")
