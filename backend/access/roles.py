"""The roles every company begins with, as patterns over the catalogue of permissions.

Separation of duties (SAAS-15): who sells does not release credit; who keeps the stock sees no
prices and no cost; the administrator of the system sees no business data; partners hold partner codes alone.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class BuiltinRole:
    """A role that exists in every company. ``name`` is translated when it is shown."""

    kind: str
    name: Any
    patterns: tuple[str, ...]


_MASTERS = ("parties.*.view", "catalog.item.view", "catalog.price.view")
_SELL = (
    *_MASTERS,
    "parties.customer.edit",
    "catalog.price_list.view",
    "sales.quote.*",
    "sales.order.view",
    "sales.order.edit",
    "sales.order.approve",
    "sales.order.unapprove",
    "sales.delivery.view",
    "sales.delivery.edit",
    "sales.consignment.view",
    "sales.consignment.edit",
    "sales.return.view",
    "sales.return.edit",
    "inventory.stock.view",
    "availability.*.view",
    "availability.promise.edit",
    "production.order.view",
    "logistics.*.view",
    "invoicing.sales_invoice.view",
    "service.*.view",
    "service.ticket.edit",
)
_FINANCE = (
    *_MASTERS,
    "catalog.cost.view",
    "catalog.price_list.view",
    "sales.*.view",
    "sales.order.view_all",
    "purchasing.*.view",
    "purchasing.requisition.edit",
    "production.*.view",
    "production.*.export",
    "inventory.*.view",
    "inventory.cost.*",
    "invoicing.*",
    "accounting.*.view",
    "accounting.*.export",
    "reporting.*",
)

BUILTIN: dict[str, BuiltinRole] = {
    "owner": BuiltinRole("staff", _("Owner"), ("*",)),
    "admin": BuiltinRole("staff", _("Administrator"), ("access.*", "workflow.*")),
    "finance_manager": BuiltinRole(
        "staff",
        _("Finance manager"),
        (
            *_FINANCE,
            "srm.bank_account.*",
            "accounting.*",
            "sales.credit.release",
            "parties.credit.edit",
            "parties.*.export",
            "imports.run.edit",
            "access.token.manage",
        ),
    ),
    "accountant": BuiltinRole(
        "staff",
        _("Accountant"),
        (
            *_FINANCE,
            "srm.bank_account.*",
            "accounting.voucher.*",
            "accounting.account.*",
            "-invoicing.purchase_invoice.accept_difference",
            "access.token.manage",
        ),
    ),
    "cashier": BuiltinRole(
        "staff",
        _("Cashier"),
        (
            *_MASTERS,
            "invoicing.*.view",
            "invoicing.receipt.*",
            "invoicing.payment.view",
            "invoicing.payment.edit",
            "invoicing.refund.edit",
            "srm.bank_account.view",
            "srm.bank_account.unmask",
            "accounting.*.view",
        ),
    ),
    "buyer": BuiltinRole(
        "staff",
        _("Buyer"),
        (
            "parties.supplier.*",
            "srm.*",
            "-srm.bank_account.unmask",
            "-srm.bank_account.approve",
            "catalog.item.*",
            "catalog.cost.view",
            "catalog.price.view",
            "catalog.price_list.*",
            "purchasing.*",
            "production.*.view",
            "production.order.edit",
            "-purchasing.supplier.override",  # the buyer asks, somebody above lets it pass
            "inventory.*.view",
            "inventory.cost.edit",
            "availability.*",
            "logistics.*",
            "invoicing.purchase_invoice.view",
            "invoicing.purchase_invoice.edit",
            "invoicing.statement.*",
            "imports.run.edit",
            "access.token.manage",
        ),
    ),
    "warehouse_lead": BuiltinRole(
        "staff",
        _("Warehouse manager"),
        (
            "parties.*.view",
            "catalog.item.view",
            "inventory.*",
            "-inventory.cost.*",
            "availability.*.view",
            "logistics.*",
            "sales.order.view",
            "sales.order.view_all",
            "sales.delivery.*",
            "sales.consignment.*",
            "srm.claim.view",
            "srm.claim.edit",
            "purchasing.requisition.view",
            "purchasing.requisition.edit",
            "purchasing.order.view",
            "purchasing.asn.*",
            "purchasing.receipt.*",
            "purchasing.inspection.*",
            "purchasing.return.*",
            "purchasing.material.*",
            "production.*",
            "sales.return.*",
            "imports.run.edit",
        ),
    ),
    "picker": BuiltinRole(
        "staff",
        _("Warehouse keeper"),
        (
            "catalog.item.view",
            "inventory.stock.view",
            "inventory.transfer.view",
            "inventory.transfer.receive",
            "inventory.count.view",
            "inventory.count.enter",
            "logistics.*.view",
            "sales.delivery.view",
            "sales.delivery.edit",
            "sales.consignment.view",
            "sales.consignment.edit",
            "purchasing.asn.view",
            "purchasing.receipt.view",
            "purchasing.receipt.edit",
            "production.order.view",
            "production.material.view",
            "production.material.edit",
            "production.receipt.view",
            "production.receipt.edit",
        ),
    ),
    "sales_rep": BuiltinRole("staff", _("Salesperson"), (*_SELL, "access.token.manage")),
    "sales_manager": BuiltinRole(
        "staff",
        _("Sales manager"),
        (
            *_SELL,
            "parties.*.export",
            "catalog.price_list.*",
            "catalog.cost.view",
            "sales.order.*",
            "sales.quote.*",
            "sales.delivery.*",
            "sales.consignment.*",
            "sales.return.*",
            "sales.price.below_floor",
            "sales.promise.override",
            "reporting.*",
            "imports.run.edit",
            "access.token.manage",
        ),
    ),
    "service_agent": BuiltinRole(
        "staff",
        _("Service agent"),
        (
            "parties.customer.view",
            "catalog.item.view",
            "sales.order.view",
            "sales.order.view_all",
            "sales.delivery.view",
            "sales.consignment.view",
            "sales.return.view",
            "sales.return.edit",
            "inventory.lot.*",
            "inventory.stock.view",
            "logistics.*",
            "srm.claim.view",
            "srm.claim.edit",
            "service.*",
        ),
    ),
    "analyst": BuiltinRole("staff", _("Analyst"), ("*.view", "sales.order.view_all", "reporting.*")),
    "auditor": BuiltinRole("staff", _("Auditor"), ("*.view", "*.export", "sales.order.view_all", "reporting.*")),
    "supplier_admin": BuiltinRole("supplier", _("Supplier: administrator"), ("supplier.*",)),
    "supplier_sales": BuiltinRole(
        "supplier",
        _("Supplier: sales"),
        (
            "supplier.order.*",
            "supplier.rfq.*",
            "supplier.asn.edit",
            "supplier.price.view",
            "supplier.profile.*",
            "supplier.score.view",
            "supplier.claim.answer",
        ),
    ),
    "supplier_logistics": BuiltinRole(
        "supplier", _("Supplier: logistics"), ("supplier.order.view", "supplier.asn.edit")
    ),
    "supplier_finance": BuiltinRole(
        "supplier",
        _("Supplier: finance"),
        (
            "supplier.order.view",
            "supplier.statement.*",
            "supplier.invoice.edit",
            "supplier.price.view",
            "supplier.profile.view",
            "supplier.bank.*",
        ),
    ),
    "customer_buyer": BuiltinRole(
        "customer",
        _("Customer: purchasing"),
        (
            "customer.order.*",
            "customer.consignment.*",
            "customer.quote.accept",
            "customer.member.manage",
            "customer.ticket.edit",
            "customer.receipt.confirm",
            "customer.price.view",
        ),
    ),
    "customer_receiver": BuiltinRole(
        "customer",
        _("Customer: receiving"),
        ("customer.order.view", "customer.consignment.*", "customer.receipt.confirm", "customer.ticket.edit"),
    ),
    "customer_finance": BuiltinRole(
        "customer",
        _("Customer: finance"),
        ("customer.order.view", "customer.consignment.view", "customer.invoice.view", "customer.price.view"),
    ),
    "customer_service": BuiltinRole(
        "customer", _("Customer: service"), ("customer.order.view", "customer.ticket.edit")
    ),
}
