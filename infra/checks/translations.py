"""Every text has its translation, and every translation its text."""

from __future__ import annotations

from infra import i18n


def main() -> int:
    return i18n._check(i18n.AREAS)
