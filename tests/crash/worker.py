"""The product's Celery application with a trap: after so many deliveries a worker stops between two steps of one.

`CRASH_AFTER=3` lets three deliveries pass; in the fourth the handler has done its work and nothing is committed yet when the worker
writes `CRASH_FLAG` and sleeps, to be killed there.
"""

import os
import time
from pathlib import Path
from typing import Any

import django

from backend.config.celery import app

django.setup()

from backend.kernel.outbox import relay  # noqa: E402 - its models need the set-up

__all__ = ["app"]
_run, _seen = relay._run, [0]


def _run_and_stop(row: Any) -> None:
    _run(row)
    _seen[0] += 1
    if _seen[0] > int(os.environ["CRASH_AFTER"]):
        Path(os.environ["CRASH_FLAG"]).write_text(str(row.pk))
        time.sleep(600)  # until it is killed


if "CRASH_AFTER" in os.environ:
    relay._run = _run_and_stop
