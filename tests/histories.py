"""How long random histories run: a few steps while one works; `TROIKA_HISTORIES=500` runs as many of 40 steps to be sure."""

import os

ASKED = int(os.environ.get("TROIKA_HISTORIES", "0"))
STEPS = 40


def histories(few: int) -> int:
    """How many there are: ``few`` unless more was asked for."""
    return ASKED or few
