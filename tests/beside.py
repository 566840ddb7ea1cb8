"""Something that is done beside the test, on a connection of its own, and meets its locks."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

from backend.kernel.errors import Refusal
from backend.kernel.tenancy import run_in


def while_waiting(company: Any, act: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Run something on a connection of its own; returns when it waits for a lock or is through."""
    told: list[Any] = []

    def run() -> None:
        try:
            with run_in(company):
                told.append(act())
        except Refusal as refusal:
            told.append(refusal)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    for _step in range(400):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if told or cursor.fetchone()[0]:
                break
        time.sleep(0.02)
    return thread, told
