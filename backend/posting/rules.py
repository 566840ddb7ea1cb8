"""The posting rules as data: which named amount of a document goes to which side of which account.

An account is a role, or ``@values`` (inventory accounts by the items' categories), ``@uses`` (what goods that had left were
booked to, see ``uses``) or ``@fund`` (the ledger account of a bank account or cash box). Negative amounts stay on their side:
red entries.
The numbers in comments are those of the table of vouchers in the accounting manual.
"""

from dataclasses import dataclass

VALUES, USES, FUND = "@values", "@uses", "@fund"


@dataclass(frozen=True)
class RuleLine:
    """One line: side, account, the name of the amount, and whether the line names the party (or the ``other`` one)."""

    side: str
    account: str
    amount: str
    party: bool = False
    other: bool = False


def _dr(account: str, amount: str, *, party: bool = False) -> RuleLine:
    return RuleLine("debit", account, amount, party)


def _cr(account: str, amount: str, *, party: bool = False) -> RuleLine:
    return RuleLine("credit", account, amount, party)


OPENING_STOCK = "opening_stock"
RECEIPT_ESTIMATE, RECEIPT_FULL = "purchase_receipt.estimate", "purchase_receipt.full"
DELIVERY_COST, DELIVERY_DISPATCHED, DELIVERY_FULL = (
    "sales_delivery.cost",
    "sales_delivery.dispatched",
    "sales_delivery.full",
)
SALES_INVOICE, PURCHASE_INVOICE, PURCHASE_CORRECTION, PURCHASE_REVERSAL = (
    "sales_invoice",
    "purchase_invoice",
    "purchase_invoice.correction",
    "purchase_invoice.reversal",
)
COST_CORRECTION, COST_ADJUSTMENT = "cost_correction", "cost_adjustment"
DISPATCHED_BACK = "cost_correction.dispatched"
PURCHASE_RETURN_ESTIMATE, PURCHASE_RETURN_FULL = "purchase_return.estimate", "purchase_return.full"
SALES_RETURN_COST, SALES_RETURN_DISPATCHED, SALES_RETURN_FULL = (
    "sales_return.cost",
    "sales_return.dispatched",
    "sales_return.full",
)
MATERIAL_MOVED, MATERIAL_LOST, MATERIAL_CLAIMED = "material.moved", "material.lost", "material.claimed"
PRODUCTION_MOVED, PRODUCTION_LOST, PRODUCED = "production.moved", "production.lost", "production.received"
CONSIGNMENT_MOVED, CONSIGNMENT_SETTLED = "consignment.moved", "consignment.settled"
NETTING = "netting"
RECEIVABLE_MOVED, PAYABLE_MOVED = "debt_transfer.customer", "debt_transfer.supplier"
MONEY_IN, ADVANCE_USED = "receipt", "receipt.allocated"
MONEY_OUT, PREPAYMENT_USED = "payment", "payment.allocated"

# 36: goods made by a processor come out of 1408 with the fee that went into it
PROCESSED = (_dr("subcontract_material", "fee"), _cr("subcontract_material", "processed"))

RULES: dict[str, tuple[RuleLine, ...]] = {
    OPENING_STOCK: (_dr(VALUES, "value"), _cr("opening_balance", "total")),
    # 3: goods before their invoice, without VAT; what was invoiced before it came leaves goods in transit (4d)
    RECEIPT_ESTIMATE: (
        _dr(VALUES, "value"),
        *PROCESSED,
        _cr("goods_in_transit", "transit", party=True),
        _cr("ap_grni", "estimate", party=True),
    ),
    # 2: settled by receipts
    RECEIPT_FULL: (
        _dr(VALUES, "value"),
        *PROCESSED,
        _dr("vat_input", "tax"),
        _cr("goods_in_transit", "transit", party=True),
        _cr("ap_trade", "payable", party=True),
    ),
    # 36: material changes its account with its place; what comes back is the issue in red
    MATERIAL_MOVED: (_dr("subcontract_material", "total"), _cr(VALUES, "value")),
    MATERIAL_LOST: (_dr("count_loss", "lost"), _cr("subcontract_material", "lost")),
    MATERIAL_CLAIMED: (_dr("other_receivable", "lost", party=True), _cr("subcontract_material", "lost")),
    # 32: material in the workshop is work in progress; what comes back is the issue in red. 35: goods at what they used
    PRODUCTION_MOVED: (_dr("wip_material", "total"), _cr(VALUES, "value")),
    PRODUCTION_LOST: (_dr("count_loss", "lost"), _cr("wip_material", "lost")),
    PRODUCED: (_dr(VALUES, "value"), _cr("wip_material", "used")),
    # 11': cost at once
    DELIVERY_COST: (_dr("cogs", "total"), _cr(VALUES, "value")),
    # 10: cost waits for the invoice
    DELIVERY_DISPATCHED: (_dr("goods_dispatched", "total", party=True), _cr(VALUES, "value")),
    # 9: settled by deliveries
    DELIVERY_FULL: (
        _dr("ar", "receivable", party=True),
        _cr("revenue", "net", party=True),
        _cr("vat_output", "tax"),
        _dr("cogs", "total"),
        _cr(VALUES, "value"),
    ),
    # 38: goods at an agent are goods dispatched; what comes back is the way out in red; what is sold is invoiced (11)
    CONSIGNMENT_MOVED: (_dr("goods_dispatched", "total", party=True), _cr(VALUES, "value")),
    CONSIGNMENT_SETTLED: (_dr("cogs", "cost"), _cr("goods_dispatched", "cost", party=True)),
    # 11
    SALES_INVOICE: (
        _dr("ar", "receivable", party=True),
        _cr("revenue", "net", party=True),
        _cr("vat_output", "tax"),
        _dr("cogs", "dispatched"),
        _cr("goods_dispatched", "dispatched", party=True),
    ),
    # 4b: the estimate of an earlier month in red, before the goods are booked anew
    PURCHASE_REVERSAL: (_dr(VALUES, "value"), _cr("ap_grni", "estimate", party=True)),
    # 4a and 4c, and 8 in red: the estimate goes, the difference follows the goods: on hand or used; 4b in blue: the goods
    # themselves; 4d: goods that have not come are in transit
    PURCHASE_INVOICE: (
        _dr("goods_in_transit", "transit", party=True),
        _dr("ap_grni", "estimate", party=True),
        _dr(VALUES, "value"),
        _dr(USES, "use"),
        _dr("admin_expense", "expense"),
        _dr("vat_input", "tax"),
        _cr("vat_input_reversal", "reversed"),
        _cr("ap_trade", "payable", party=True),
    ),
    # what cannot leave stock any more when an invoice is taken back has been sold; what waits on 1406 follows its lines
    PURCHASE_CORRECTION: (_dr(VALUES, "value"), _dr(USES, "use"), _dr("cogs", "sold")),
    # goods that had left turn out to have cost otherwise: the difference follows them
    COST_CORRECTION: (_dr(USES, "use"), _cr(VALUES, "value")),
    # shipped goods that are taken back, corrected before: what their delivery was not booked at
    DISPATCHED_BACK: (_dr("cogs", "left"), _cr("goods_dispatched", "left", party=True)),
    # 29
    COST_ADJUSTMENT: (
        _dr(VALUES, "value"),
        _cr("cogs", "cogs"),
        _cr("mfg_overhead", "mfg_overhead"),
        _cr("admin_expense", "admin_expense"),
        _cr("pending_loss_gain", "pending_loss_gain"),
        _cr("ap_trade", "ap_trade", party=True),
    ),
    # 7: the receipt in red; what the goods cost otherwise when they left is cost of sales
    PURCHASE_RETURN_ESTIMATE: (_dr(VALUES, "value"), _dr("cogs", "gap"), _cr("ap_grni", "booked", party=True)),
    PURCHASE_RETURN_FULL: (
        _dr(VALUES, "value"),
        _dr("cogs", "gap"),
        _dr("vat_input", "tax"),
        _cr("ap_trade", "payable", party=True),
    ),
    # 12: the delivery in red at its own cost; what is scrapped waits for its decision (1901)
    SALES_RETURN_COST: (_dr("cogs", "cost"), _dr("pending_loss_gain", "scrapped"), _cr(VALUES, "value")),
    SALES_RETURN_DISPATCHED: (
        _dr("goods_dispatched", "cost", party=True),
        _dr("pending_loss_gain", "scrapped"),
        _cr(VALUES, "value"),
    ),
    SALES_RETURN_FULL: (
        _dr("ar", "receivable", party=True),
        _cr("revenue", "net", party=True),
        _cr("vat_output", "tax"),
        _dr("cogs", "cost"),
        _dr("pending_loss_gain", "scrapped"),
        _cr(VALUES, "value"),
    ),
    # 16 and 17
    MONEY_IN: (
        _dr(FUND, "amount"),
        _cr("ar", "settled", party=True),
        _cr("advance_from_customer", "advance", party=True),
    ),
    # 18
    ADVANCE_USED: (_dr("advance_from_customer", "settled", party=True), _cr("ar", "settled", party=True)),
    # 20: what the customer owes pays what we owe the supplier
    NETTING: (RuleLine("debit", "ap_trade", "amount", other=True), _cr("ar", "amount", party=True)),
    # 20: another customer owes it; and the mirror image, we owe it to another supplier
    RECEIVABLE_MOVED: (RuleLine("debit", "ar", "amount", other=True), _cr("ar", "amount", party=True)),
    PAYABLE_MOVED: (_dr("ap_trade", "amount", party=True), RuleLine("credit", "ap_trade", "amount", other=True)),
    # 19; refunds (21) are 16, 17 and 19 in red
    MONEY_OUT: (_dr("ap_trade", "settled", party=True), _dr("prepayment", "advance", party=True), _cr(FUND, "amount")),
    PREPAYMENT_USED: (_dr("ap_trade", "settled", party=True), _cr("prepayment", "settled", party=True)),
}
