"""Posting rules of the documents that move stock without a partner: the reason decides the account on the other side.

Added to ``rules.RULES``; the numbers in comments are those of the table of vouchers in the accounting manual.
"""

from backend.inventory.models import IssueReason, ReceiptReason
from backend.posting.rules import RULES, VALUES, RuleLine, _cr, _dr

RECEIPT_ROLES: dict[str, str] = {
    ReceiptReason.GIFT: "nonop_income",
    ReceiptReason.FROM_USE: "admin_expense",
    ReceiptReason.SAMPLE_BACK: "selling_promotion",
    ReceiptReason.FOUND: "pending_loss_gain",
    ReceiptReason.CONTRIBUTED: "paid_in_capital",
    ReceiptReason.OTHER: "nonop_income",
}
ISSUE_ROLES: dict[str, str] = {
    IssueReason.OWN_USE: "admin_expense",
    IssueReason.SAMPLE: "selling_promotion",
    IssueReason.GIFT: "admin_entertainment",
    IssueReason.RESEARCH: "rnd_expensed",
    IssueReason.REPAIR: "selling_repair",
    IssueReason.SCRAP: "pending_loss_gain",
    IssueReason.DONATION: "nonop_expense",
    IssueReason.OTHER: "nonop_expense",
}
TRANSFER_LOSS = "transfer_receipt.loss"


def receipt_rule(reason: str) -> str:
    return f"other_receipt.{reason}"


def issue_rule(reason: str) -> str:
    return f"other_issue.{reason}"


def _rules() -> dict[str, tuple[RuleLine, ...]]:
    # 24: the reason's account; what is given away carries output VAT as if it had been sold
    made: dict[str, tuple[RuleLine, ...]] = {
        receipt_rule(reason): (_dr(VALUES, "value"), _cr(role, "total")) for reason, role in RECEIPT_ROLES.items()
    }
    made |= {
        issue_rule(reason): (_dr(role, "total"), _dr(role, "tax"), _cr(VALUES, "value"), _cr("vat_output", "tax"))
        for reason, role in ISSUE_ROLES.items()
    }
    # 28: lost on the way between two warehouses
    made[TRANSFER_LOSS] = (_dr("pending_loss_gain", "total"), _cr(VALUES, "value"))
    return made


RULES.update(_rules())
