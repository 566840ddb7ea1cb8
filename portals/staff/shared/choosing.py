"""Open documents with an amount typed beside each: what is chosen to be settled, moved or paid back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import total
from portals.staff.shared.parties import uuid_or_none
from portals.ui import formats
from portals.ui.navigation import document_address
from portals.ui.related import DOC_TYPE_NAMES
from portals.ui.typed import amount_of


def read_allocations(post: Any, prefix: str = "settle-") -> list[tuple[UUID, Decimal]]:
    """The amounts typed beside the open documents; raises naming the amount that cannot be read."""
    problems: list[Refusal] = []
    found = []
    for key in post:
        if not key.startswith(prefix) or not post[key].strip():
            continue
        document_id, amount = uuid_or_none(key.removeprefix(prefix)), amount_of(post[key])
        if document_id is None or amount is None:
            words = _("“%(text)s” is not an amount.") % {"text": post[key][:20]}
            problems.append(ValidationRefused(words, field="amount", value=post[key][:20]))
            continue
        if amount:
            found.append((document_id, amount))
    if problems:
        raise Refusal.many(problems)
    return found


@dataclass(frozen=True)
class Choice:
    """An open document: what it is, what of it is open, what is typed beside it."""

    name: str
    number: str
    words: str
    url: str
    day: date
    due: date | None
    open_amount: Decimal
    value: str

    @property
    def late(self) -> bool:
        return self.due is not None and self.due < clock.today()


@dataclass(frozen=True)
class Choices:
    """The open documents of one party. ``asked`` is false as long as no party is chosen."""

    title: Any
    rows: tuple[Choice, ...]
    asked: bool

    @property
    def open_total(self) -> Decimal:
        return total(row.open_amount for row in self.rows)


def _words(document: Any) -> str:
    if getattr(document, "is_note", False):
        return str(_("Credit note") if document.DOC_TYPE == "invoicing.sales_invoice" else _("Debit note"))
    if getattr(document, "is_bare", False):
        return str(document.kind_label)
    return str(DOC_TYPE_NAMES[document.DOC_TYPE])


def choices(
    title: Any,
    documents: Iterable[tuple[Any, Decimal]] | None,
    *,
    prefix: str,
    typed: Mapping[str, str],
    before: Mapping[UUID, Decimal],
) -> Choices:
    """Documents with what is open of each, beside what is typed or was chosen before; None when no party is chosen."""
    rows = []
    for document, open_amount in documents or ():
        name = f"{prefix}{document.pk}"
        kept = formats.plain(before[document.pk]) if document.pk in before else ""
        rows.append(
            Choice(
                name,
                document.number,
                _words(document),
                document_address(document.DOC_TYPE, document.number),
                document.doc_date,
                getattr(document, "due_date", None),
                open_amount,
                typed.get(name, kept),
            )
        )
    return Choices(title, tuple(rows), documents is not None)
