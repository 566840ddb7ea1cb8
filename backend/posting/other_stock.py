"""Other receipts and issues: inventory against the account of their reason."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import (
    OtherIssueApproved,
    OtherIssueUnapproved,
    OtherReceiptApproved,
    OtherReceiptUnapproved,
)
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting.booking import Facts, book, unbook
from backend.posting.stock_rules import issue_rule, receipt_rule


@subscribe(OtherReceiptApproved, when="now")
def book_other_receipt(event: OtherReceiptApproved, actor: Actor) -> None:
    """Dr inventory / Cr the reason's account."""
    source = SourceRef("inventory.other_receipt", event.aggregate_id, event.number)
    facts = Facts(source, event.doc_date, values=dict(event.values))  # type: ignore[arg-type]
    book(receipt_rule(event.reason), facts, words=_("Other receipt"), actor=actor)


@subscribe(OtherReceiptUnapproved, when="now")
def unbook_other_receipt(event: OtherReceiptUnapproved, actor: Actor) -> None:
    """Red."""
    unbook(event.aggregate_id, actor=actor)


@subscribe(OtherIssueApproved, when="now")
def book_other_issue(event: OtherIssueApproved, actor: Actor) -> None:
    """Dr the reason's account / Cr inventory; with output VAT where goods are given away."""
    source = SourceRef("inventory.other_issue", event.aggregate_id, event.number)
    amounts = {"tax": Decimal(event.tax)}
    facts = Facts(source, event.doc_date, amounts, dict(event.values))  # type: ignore[arg-type]
    book(issue_rule(event.reason), facts, words=_("Other issue"), actor=actor)


@subscribe(OtherIssueUnapproved, when="now")
def unbook_other_issue(event: OtherIssueUnapproved, actor: Actor) -> None:
    """Red."""
    unbook(event.aggregate_id, actor=actor)
