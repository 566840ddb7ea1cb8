"""Locks: rows in key order, and advisory locks that end with the transaction."""

from django.db import connection

from backend.kernel.tenancy import lock_key


def hold_lock(name: str) -> None:
    """Take this company's advisory lock of that name until the end of the transaction; waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock_key(name)])
