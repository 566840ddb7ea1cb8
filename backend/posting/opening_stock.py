"""Opening stock: inventory accounts against ``opening_balance`` (3104.90 期初建账).

The counter-account lies under profit appropriation, so paid-in capital stays what is registered; keying the
other opening balances by hand clears it.
"""

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import OpeningStockApproved, OpeningStockUnapproved
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting import rules
from backend.posting.booking import Facts, book, unbook


@subscribe(OpeningStockApproved, when="now")
def book_opening_stock(event: OpeningStockApproved, actor: Actor) -> None:
    """Dr inventory / Cr opening balance."""
    source = SourceRef("inventory.opening_stock", event.aggregate_id, event.number)
    facts = Facts(source, event.doc_date, values=dict(event.values))  # type: ignore[arg-type]
    book(rules.OPENING_STOCK, facts, words=_("Opening stock"), actor=actor)


@subscribe(OpeningStockUnapproved, when="now")
def unbook_opening_stock(event: OpeningStockUnapproved, actor: Actor) -> None:
    """Red."""
    unbook(event.aggregate_id, actor=actor)
