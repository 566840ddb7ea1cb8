"""What the staff face knows of each kind of document: its words, icon, right, table and columns.

Search, the related-documents graph and the to-do matrix read documents of many kinds in one statement; they are written
from this table. Names of tables and columns here are constants, never input.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portals.ui.navigation import document_address


@dataclass(frozen=True)
class Kind:
    """`party` and `amount` are columns of the table (or nothing); `axes` are (chip axis, column) beside approval.

    `priced` amounts are shown to those who may see prices alone.
    """

    doc_type: str
    label: Any
    icon: str
    permission: str
    table: str
    party: str = ""
    amount: str = "gross_amount"
    axes: tuple[tuple[str, str], ...] = ()
    priced: bool = True

    def url(self, number: str) -> str:
        return document_address(self.doc_type, number)


_ALL = (
    Kind(
        "sales.quote",
        _("Quotation"),
        "file-text",
        "sales.quote.view",
        "sales_quote",
        "customer_id",
        axes=(("quote", "state"),),
    ),
    Kind(
        "sales.order",
        _("Sales order"),
        "shopping-cart",
        "sales.order.view",
        "sales_order",
        "customer_id",
        axes=(("delivery", "shipped"), ("invoice", "invoiced"), ("settlement", "settled")),
    ),
    Kind(
        "sales.delivery",
        _("Delivery"),
        "truck",
        "sales.delivery.view",
        "sales_delivery",
        "customer_id",
        axes=(("invoice", "invoiced"),),
    ),
    Kind(
        "sales.consignment",
        pgettext_lazy("document", "Consignment"),
        "truck",
        "sales.consignment.view",
        "sales_consignment",
        "customer_id",
    ),
    Kind(
        "sales.return",
        _("Sales return"),
        "arrow-back-up",
        "sales.return.view",
        "sales_return",
        "customer_id",
        axes=(("return", "state"),),
    ),
    Kind(
        "invoicing.sales_invoice",
        _("Sales invoice"),
        "file-invoice",
        "invoicing.sales_invoice.view",
        "invoicing_sales_invoice",
        "customer_id",
        axes=(("settlement", "settled"),),
    ),
    Kind(
        "invoicing.receipt",
        _("Receipt"),
        "cash-banknote",
        "invoicing.receipt.view",
        "invoicing_receipt",
        "customer_id",
        amount="amount",
    ),
    Kind(
        "purchasing.requisition",
        _("Purchase requisition"),
        "clipboard-check",
        "purchasing.requisition.view",
        "purchasing_requisition",
        axes=(("order", "ordered"),),
    ),
    Kind(
        "purchasing.rfq",
        _("Request for quotation"),
        "scale",
        "purchasing.rfq.view",
        "purchasing_rfq",
        amount="",
        axes=(("rfq", "state"),),
        priced=False,
    ),
    Kind(
        "purchasing.blanket",
        _("Blanket order"),
        "file-check",
        "purchasing.blanket.view",
        "purchasing_blanket",
        "supplier_id",
    ),
    Kind(
        "purchasing.order",
        _("Purchase order"),
        "truck-loading",
        "purchasing.order.view",
        "purchasing_order",
        "supplier_id",
        axes=(("confirmation", "confirmed"), ("receipt", "received"), ("settlement", "paid")),
    ),
    Kind(
        "purchasing.asn",
        _("Shipping notice"),
        "truck-fast",
        "purchasing.asn.view",
        "purchasing_asn",
        "supplier_id",
        amount="",
        axes=(("asn", "state"),),
    ),
    Kind(
        "purchasing.receipt",
        _("Receipt of goods"),
        "package-import",
        "purchasing.receipt.view",
        "purchasing_receipt",
        "supplier_id",
        axes=(("invoice", "invoiced"),),
    ),
    Kind(
        "purchasing.inspection",
        _("Incoming inspection"),
        "list-check",
        "purchasing.inspection.view",
        "purchasing_inspection",
        "supplier_id",
        amount="",
        axes=(("inspection", "state"),),
    ),
    Kind(
        "purchasing.return",
        _("Purchase return"),
        "arrow-back-up",
        "purchasing.return.view",
        "purchasing_return",
        "supplier_id",
    ),
    Kind(
        "invoicing.purchase_invoice",
        _("Purchase invoice"),
        "receipt",
        "invoicing.purchase_invoice.view",
        "invoicing_purchase_invoice",
        "supplier_id",
        axes=(("settlement", "settled"),),
    ),
    Kind(
        "invoicing.payment",
        _("Payment"),
        "report-money",
        "invoicing.payment.view",
        "invoicing_payment",
        "supplier_id",
        amount="amount",
    ),
    Kind(
        "invoicing.statement",
        _("Statement of account"),
        "clipboard-check",
        "invoicing.statement.view",
        "invoicing_statement",
        "party_id",
        amount="closing_amount",
        axes=(("statement", "state"),),
    ),
    Kind(
        "inventory.opening_stock",
        _("Opening stock"),
        "stack",
        "inventory.opening_stock.view",
        "inventory_opening_stock",
        amount="total_value",
    ),
    Kind(
        "inventory.other_receipt",
        pgettext_lazy("document", "Other receipt"),
        "package-import",
        "inventory.other.view",
        "inventory_other_receipt",
        amount="",
    ),
    Kind(
        "inventory.other_issue",
        pgettext_lazy("document", "Other issue"),
        "package-export",
        "inventory.other.view",
        "inventory_other_issue",
        amount="",
    ),
    Kind(
        "inventory.transfer",
        _("Transfer"),
        "arrows-exchange",
        "inventory.transfer.view",
        "inventory_transfer",
        amount="",
        axes=(("transfer", "received"),),
    ),
    Kind(
        "inventory.transfer_receipt",
        _("Transfer receipt"),
        "package-import",
        "inventory.transfer.view",
        "inventory_transfer_receipt",
        amount="",
    ),
    Kind(
        "inventory.bin_move",
        _("Bin move"),
        "arrows-exchange",
        "inventory.transfer.view",
        "inventory_bin_move",
        amount="",
    ),
    Kind(
        "inventory.count",
        _("Stock count"),
        "list-check",
        "inventory.count.view",
        "inventory_count",
        amount="",
    ),
    Kind(
        "invoicing.netting",
        _("Receivable set off against payable"),
        "link",
        "invoicing.netting.view",
        "invoicing_netting",
        "customer_id",
        amount="amount",
        priced=False,
    ),
    Kind(
        "invoicing.debt_transfer",
        _("Debt moved to another party"),
        "arrows-exchange",
        "invoicing.debt_transfer.view",
        "invoicing_debt_transfer",
        "from_party_id",
        amount="amount",
        priced=False,
    ),
    Kind(
        "invoicing.refund",
        _("Refund"),
        "arrow-back-up",
        "invoicing.refund.view",
        "invoicing_refund",
        "party_id",
        amount="amount",
        priced=False,
    ),
    Kind(
        "purchasing.material",
        _("Material of a subcontract order"),
        "package-export",
        "purchasing.material.view",
        "purchasing_material",
        "supplier_id",
        amount="",
    ),
    Kind(
        "production.order",
        _("Production order"),
        "building-factory-2",
        "production.order.view",
        "production_order",
        amount="",
        axes=(("made", "receipt"), ("issue", "issue")),
    ),
    Kind(
        "production.material",
        _("Material of a production order"),
        "package-export",
        "production.material.view",
        "production_material",
        amount="",
    ),
    Kind(
        "production.receipt",
        _("Product receipt"),
        "package-import",
        "production.receipt.view",
        "production_receipt",
        amount="",
    ),
    Kind(
        "inventory.assembly",
        pgettext_lazy("document", "Assembly"),
        "tool",
        "inventory.assembly.view",
        "inventory_assembly",
        amount="",
    ),
    Kind(
        "srm.claim",
        _("Quality claim"),
        "alert-triangle",
        "srm.claim.view",
        "srm_claim",
        "supplier_id",
        amount="",
        axes=(("claim", "state"),),
    ),
    Kind(
        "purchasing.landed_cost",
        _("Landed cost"),
        "truck-loading",
        "inventory.cost.view",
        "purchasing_landed_cost",
        "supplier_id",
    ),
    Kind(
        "inventory.cost_adjustment",
        _("Cost adjustment"),
        "adjustments",
        "inventory.cost.view",
        "inventory_cost_adjustment",
        amount="",
    ),
    Kind(
        "inventory.costing_run",
        _("Monthly costing"),
        "calculator",
        "inventory.cost.view",
        "inventory_costing_run",
        amount="",
    ),
    Kind(
        "service.ticket",
        _("Ticket"),
        "headset",
        "service.ticket.view",
        "service_ticket",
        "customer_id",
        amount="",
        axes=(("ticket", "state"),),
        priced=False,
    ),
)

KINDS: dict[str, Kind] = {kind.doc_type: kind for kind in _ALL}


def kind_of(doc_type: str) -> Kind | None:
    """What is known of a type, or nothing."""
    return KINDS.get(doc_type)


def visible_kinds(actor: Any) -> list[Kind]:
    """The kinds whose documents this actor may open."""
    return [kind for kind in _ALL if actor.may(kind.permission)]


def label_of(doc_type: str) -> Any:
    """The name of a type in the reader's language; the code of an unknown one."""
    kind = KINDS.get(doc_type)
    return kind.label if kind else doc_type
