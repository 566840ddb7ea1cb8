"""Labels scanned into a field: a scanner types the address in the code, people's fields want what is written below it."""

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from backend.catalog.models import Item
from backend.inventory.models import Bin, Lot, Serial
from backend.kernel.labels import as_key, named_by

# A code has no place for a comma or a space; nor has an address.
_WORD = re.compile(r"[^\s,;，；、]*/(?:bins|items|lots|serials)/[^\s,;，；、]+")
_WRITTEN: dict[str, Callable[[set[UUID]], Any]] = {
    "bins": lambda keys: Bin.objects.filter(pk__in=keys).values_list("pk", "code"),
    "items": lambda keys: Item.objects.filter(pk__in=keys).values_list("pk", "code"),
    "lots": lambda keys: Lot.objects.filter(pk__in=keys).values_list("pk", "lot_no"),
    "serials": lambda keys: Serial.objects.filter(pk__in=keys).values_list("pk", "serial_no"),
}


def read_labels(text: str) -> str:
    """The text with the codes of bins, items, lots and pieces in place of their addresses; others stay as they are.

    One statement for each kind of label that is in it, none without any.
    """
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for word in _WORD.findall(text):
        noun, key = named_by(word)
        if uuid := as_key(key):
            wanted[noun].add(uuid)
    if not wanted:
        return text
    known = {str(key): code for noun, keys in wanted.items() for key, code in _WRITTEN[noun](keys)}
    return _WORD.sub(lambda found: known.get(named_by(found[0])[1].lower(), found[0]), text)
