"""What a list page is declared with besides columns and filters: views, batch actions; and a view as it is drawn."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A view that comes with the product. `query` is an address such as `approval=submitted&date=month`."""

    key: str
    label: Any
    query: str = ""
    need: bool = False
    counted: bool = True


@dataclass(frozen=True)
class BatchAction:
    """A button of the batch bar. The page's `apply_batch(action, row)` does one row in its own transaction."""

    key: str
    label: Any
    icon: str = ""
    permission: str = ""


@dataclass(frozen=True)
class Tab:
    label: Any
    url: str
    current: bool = False
    count: int | None = None
    need: bool = False
    own_id: str = ""
    shared: bool = False
