"""What the QR code of one of our labels and papers says: the address of a page; behind a noun it names what it is about.

A camera opens the page. Typed by a scanner into a field it stands for the thing itself, by its key or number.
"""

import re
from uuid import UUID

_ADDRESS = re.compile(r"/(asns|deliveries|lots|items|shipments|bins|serials)/([^/?#]+)")


def named_by(text: str) -> tuple[str, str]:
    """(noun, key or number) of an address; of anything else nothing and the text itself."""
    found = _ADDRESS.search(text)
    return (found.group(1), found.group(2)) if found else ("", text)


def key_of(text: str, noun: str) -> UUID | None:
    """The key of what an address is about, when it is one of that noun."""
    kind, key = named_by(text)
    return as_key(key) if kind == noun else None


def as_key(text: str) -> UUID | None:
    """A key as it stands in addresses, or nothing."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
