"""Brings database, translations and static files up to the code, in one process (Django starts once, not five times).

Usage: `python -m infra.runner.prepare STEP…`; a step is `messages`, `static`, or the name of a management command.
What `create_demo` prints is kept in the state folder, for the text that `infra/up` ends with.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from infra.runner.paths import ROOT

# Parts of the front-end packages that no page asks for; some refer to pictures that are not served.
UNUSED_STATIC = [
    "*.rtl.*", "tabler-flags*", "tabler-payments*", "tabler-socials*", "tabler-marketing*",
    "echarts.common*", "echarts.simple*", "echarts.esm*", "extension",
]  # fmt: skip
KEPT_OUTPUT = {"create_demo": "demo.txt"}


def state_folder() -> Path:
    return Path(os.environ["TROIKA_STATE_DIR"])


def compile_messages() -> None:
    from infra.i18n import compile_all

    compile_all()


def collect_static() -> None:
    """Collect the static files when any of them changed since the last time."""
    from django.core.management import call_command

    stamp, digest = state_folder() / "static.stamp", _static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=UNUSED_STATIC)
    stamp.write_text(digest)


def _static_digest() -> str:
    from django.contrib.staticfiles.finders import get_finders

    rows = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = os.stat(storage.path(name))
            rows.append(f"{name} {found.st_size} {found.st_mtime_ns}")
    settings = (ROOT / "backend/config/settings.py").read_text()
    return hashlib.sha256("\n".join([*sorted(rows), *UNUSED_STATIC, settings]).encode()).hexdigest()


def run_command(name: str) -> None:
    from django.core.management import call_command

    if name not in KEPT_OUTPUT:
        call_command(name)
        return
    output = io.StringIO()
    call_command(name, stdout=output)
    (state_folder() / KEPT_OUTPUT[name]).write_text(output.getvalue())


STEPS: dict[str, Callable[[], None]] = {"messages": compile_messages, "static": collect_static}
TITLES = {
    "messages": "translations",
    "static": "static files",
    "prepare_database": "database migrations",
    "fill_pool": "spare company schemas",
    "create_demo": "demo companies",
}


def main(steps: list[str]) -> int:
    import django

    for index, name in enumerate(steps, start=1):
        begun = time.monotonic()
        title = TITLES.get(name, name)
        print(f"[{index}/{len(steps)}] {title} …", flush=True)
        if name == "messages":
            compile_messages()
            django.setup()
        else:
            STEPS.get(name, lambda name=name: run_command(name))()
        print(f"[{index}/{len(steps)}] {title}: {time.monotonic() - begun:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
