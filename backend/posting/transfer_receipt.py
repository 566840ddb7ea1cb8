"""Transfers keep goods on the same inventory account: nothing is posted, but for what is lost on the way.

What is under way is stock of the company, so inventory accounts equal the value of stock at every moment.
"""

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import TransferReceiptUnapproved, TransferReceived
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting.booking import Facts, book, unbook
from backend.posting.stock_rules import TRANSFER_LOSS


@subscribe(TransferReceived, when="now")
def book_loss(event: TransferReceived, actor: Actor) -> None:
    """Dr losses to be cleared up / Cr inventory."""
    source = SourceRef("inventory.transfer_receipt", event.aggregate_id, event.number)
    facts = Facts(source, event.doc_date, values=dict(event.lost))  # type: ignore[arg-type]
    book(TRANSFER_LOSS, facts, words=_("Lost on the way"), actor=actor)


@subscribe(TransferReceiptUnapproved, when="now")
def unbook_loss(event: TransferReceiptUnapproved, actor: Actor) -> None:
    """Red."""
    unbook(event.aggregate_id, actor=actor)
