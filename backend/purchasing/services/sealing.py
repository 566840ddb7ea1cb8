"""The seal of quotes: the only place that says to the database who reads them.

Row level security returns quotes to the supplier that wrote them, and to the company once the request was opened.
``as_supplier`` names the supplier for one transaction at most; without it a sealed quote does not exist for anybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

_NAME_PARTY = "SELECT set_config('troika.party', %s, true)"


@contextmanager
def as_supplier(supplier_id: UUID | str) -> Iterator[None]:
    """Read and write the quotes of this supplier alone, until the block ends or the transaction rolls back."""
    with transaction.atomic():
        _name(str(supplier_id))
        yield
        _name("")


def _name(party: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_NAME_PARTY, [party])
