"""Posting rules of the documents that move stock without a partner: the reason decides the account on the other side.

Added to ``rules.RULES``; the numbers in comments are those of the table of vouchers in the accounting manual.
"""

from backend.inventory.models import Disposition, IssueReason, ReceiptReason
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
COUNT_GAIN, COUNT_LOSS, ASSEMBLY = "count.gain", "count.loss", "assembly"
# What differences of a count are: (gain, loss)
SETTLED_ROLES: dict[str, tuple[str, str]] = {
    Disposition.NON_OPERATING: ("count_gain", "count_loss"),
    Disposition.ADMIN: ("admin_expense", "admin_expense"),
    Disposition.CLAIM: ("count_gain", "other_receivable"),
}
STOCK_ROLES = ("inventory", "raw_material", "consumables")


def receipt_rule(reason: str) -> str:
    return f"other_receipt.{reason}"


def issue_rule(reason: str) -> str:
    return f"other_issue.{reason}"


def settled_rule(disposition: str) -> str:
    return f"count.settled.{disposition}"


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
    # 27 and 28: on approval to the suspense account, on decision from there
    made[COUNT_GAIN] = (_dr(VALUES, "value"), _cr("pending_loss_gain", "total"))
    made[COUNT_LOSS] = (_dr("pending_loss_gain", "total"), _cr(VALUES, "value"))
    for disposition, (gain, loss) in SETTLED_ROLES.items():
        made[settled_rule(disposition)] = (
            _dr("pending_loss_gain", "gain"),
            _cr(gain, "gain"),
            _dr("pending_loss_gain", "tax"),
            _cr("vat_input_reversal", "tax"),
            _dr(loss, "borne"),
            _cr("pending_loss_gain", "borne"),
        )
    # 30: what was used leaves its account for that of what was made, with what the work is owed
    made[ASSEMBLY] = (
        _dr(VALUES, "value"),
        *(_cr(role, role) for role in STOCK_ROLES),
        _cr("ap_trade", "fee", party=True),
    )
    return made


RULES.update(_rules())
