"""Existing objects for the parameters of an address: the orders for ``orders/<number>/``, the file for ``files/<pk>``."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model

from backend.kernel.document import DOC_TYPES
from tenants.schemas import tenant_apps
from tests.addresses import Address

# The last word before the parameter → model; a word that two areas use is told apart by the route.
NUMBERED = {
    "quotes": "sales.SalesQuote",
    "orders": "sales.SalesOrder",
    "deliveries": "sales.SalesDelivery",
    "returns": "sales.SalesReturn",
    "invoices": "invoicing.SalesInvoice",
    "sales-invoices": "invoicing.SalesInvoice",
    "purchase-invoices": "invoicing.PurchaseInvoice",
    "receipts": "invoicing.Receipt",
    "payments": "invoicing.Payment",
    "statements": "invoicing.Statement",
    "rfqs": "purchasing.Rfq",
    "requisitions": "purchasing.PurchaseRequisition",
    "blankets": "purchasing.BlanketOrder",
    "tickets": "service.Ticket",
    "claims": "srm.QualityClaim",
    "shipments": "purchasing.Asn",
    "asns": "purchasing.Asn",
    "vouchers": "accounting.Voucher",
    "landed-costs": "purchasing.LandedCost",
    "cost-adjustments": "inventory.CostAdjustment",
    "costing": "inventory.CostingRun",
    "costing-runs": "inventory.CostingRun",
    "opening": "inventory.OpeningStock",
    "opening-stock": "inventory.OpeningStock",
    "opening-stocks": "inventory.OpeningStock",
    "other-receipts": "inventory.OtherReceipt",
    "other-issues": "inventory.OtherIssue",
    "transfers": "inventory.Transfer",
    "bin-moves": "inventory.BinMove",
    "consignments": "sales.Consignment",
    "counts": "inventory.StockCount",
    "assemblies": "inventory.Assembly",
    "nettings": "invoicing.Netting",
    "refunds": "invoicing.Refund",
    "debt-transfers": "invoicing.DebtTransfer",
    "transfer-receipts": "inventory.TransferReceipt",
}
BOUGHT = {
    "orders": "purchasing.PurchaseOrder",
    "receipts": "purchasing.PurchaseReceipt",
    "inspections": "purchasing.Inspection",
    "returns": "purchasing.PurchaseReturn",
    "invoices": "invoicing.PurchaseInvoice",
    "subcontract": "purchasing.PurchaseOrder",
    "subcontracts": "purchasing.PurchaseOrder",
    "materials": "purchasing.MaterialMove",
}
MADE = {
    "orders": "production.ProductionOrder",
    "materials": "production.ProductionMaterial",
    "receipts": "production.ProductReceipt",
}
KEYED = {
    "customers": "parties.Party",
    "suppliers": "parties.Party",
    "carriers": "parties.Party",
    "parties": "parties.Party",
    "items": "catalog.Item",
    "styles": "catalog.Style",
    "attributes": "catalog.Attribute",
    "price-lists": "catalog.PriceList",
    "files": "kernel.Attachment",
    "notifications": "workflow.Notification",
    "tasks": "workflow.Task",
    "suggestions": "availability.Suggestion",
    "exceptions": "purchasing.PurchaseException",
    "stock": "inventory.StockBalance",
    "warehouses": "inventory.Warehouse",
    "costing": "catalog.ItemCategory",
    "bin-stock": "inventory.BinBalance",
    "bins": "inventory.Bin",
    "consigned": "parties.Party",
    "lots": "inventory.Lot",
    "serials": "inventory.Serial",
    "alerts": "inventory.StockAlert",
    "price-alerts": "purchasing.PriceAlert",
    "kits": "catalog.Item",
    "fund-accounts": "invoicing.FundAccount",
    "accounts": "accounting.Account",
    "vouchers": "accounting.Voucher",
    "shipments": "logistics.Shipment",
    "lanes": "logistics.Lane",
    "members": "access.Member",
    "invitations": "access.Invitation",
    "roles": "access.Role",
    "approvals": "workflow.ApprovalRule",
    "approval-rules": "workflow.ApprovalRule",
    "substitutes": "workflow.ApprovalDelegation",
    "tokens": "access.ApiToken",
    "applications": "srm.SupplierApplication",
    "document-types": "srm.DocumentType",
    "bank-accounts": "srm.SupplierBankAccount",
    "documents": "srm.QualificationDocument",
    "profiles": "srm.SupplierProfile",
    "material-prices": "purchasing.MaterialPrice",
    "node-templates": "purchasing.NodeTemplate",
    "shared-stock": "catalog.Item",
    "replenishment": "inventory.ReplenishmentRule",
    "periods": "accounting.Period",
    "funds": "invoicing.FundAccount",
    "imports": "imports.ImportRun",
    "quotas": "purchasing.ItemQuota",
}
MOST = 3


def objects_for(address: Address) -> list[dict[str, Any]]:
    """Up to three sets of parameters, one for each state that the document has; nothing for an address without."""
    if not address.parameters:
        return [{}]
    if "doc_type" in address.names:
        return _of_any_document(address)
    first = address.names[0] if len(address.names) == 1 else _leading(address)
    model = model_of(address, first)
    found = []
    for row in _different(model, _narrowed(address)) if model else []:
        values = {first: _value_of(row, first)}
        for name in address.names:
            if name != first:
                values[name] = _below(row, address, name)
        if all(value is not None for value in values.values()):
            found.append(values)
    return found


def model_of(address: Address, parameter: str) -> type[Model] | None:
    """The model whose objects stand at a parameter, told by the word before it."""
    noun = address.noun_before(parameter)
    if parameter == "number":
        bought = "purchasing/" in address.route or address.face == "supplier"
        own = MADE if "production/" in address.route else BOUGHT if bought else {}
        label = own.get(noun) or NUMBERED.get(noun)
    elif noun == "stock" and dict(address.parameters)[parameter] == "uuid":
        label = "catalog.Item"
    else:
        label = KEYED.get(noun)
    return apps.get_model(label) if label else None


def _leading(address: Address) -> str:
    return min(address.names, key=lambda name: address.route.index(f"<{name}>"))


def _narrowed(address: Address) -> dict[str, Any]:
    noun = address.noun_before(_leading(address))
    if noun in {"subcontract", "subcontracts"}:
        return {"kind": "subcontract"}
    return {f"is_{noun[:-1]}": True} if noun in {"customers", "suppliers", "carriers"} else {}


def _value_of(row: Any, parameter: str) -> Any:
    return row.pk if parameter in {"pk", "id"} else getattr(row, parameter, row.pk)


def _different(model: type[Model], narrowed: dict[str, Any]) -> list[Any]:
    """Rows in different states, the newest of each."""
    rows: dict[Any, Any] = {}
    for row in model._default_manager.filter(**narrowed).order_by("-pk")[:60]:
        state = tuple(getattr(row, name, "") for name in ("approval", "closing", "state", "active"))
        rows.setdefault(state, row)
    return list(rows.values())[:MOST]


def _below(row: Any, address: Address, name: str) -> Any:
    """What hangs on the leading object: a line, an invitation, a member."""
    if name in {"line_id", "line_no"}:
        line = row.lines.first() if hasattr(row, "lines") else None
        return getattr(line, "pk" if name == "line_id" else name, None)
    model = KEYED.get(address.noun_before(name)) or KEYED.get(f"{name}s")
    other = apps.get_model(model)._default_manager.first() if model else None
    return other.pk if other else None


def _of_any_document(address: Address) -> list[dict[str, Any]]:
    rows = ((doc_type, model._default_manager.first()) for doc_type, model in DOC_TYPES.items())
    return [{"doc_type": doc_type, "pk": row.pk} for doc_type, row in rows if row is not None][:MOST]


@cache
def company_models() -> tuple[type[Model], ...]:
    """Every table of a company."""
    labels = set(tenant_apps())
    return tuple(model for model in apps.get_models() if model._meta.app_label in labels)


def every_key() -> Iterator[tuple[type[Model], Any]]:
    """One object of each table."""
    for model in company_models():
        key = model._default_manager.values_list("pk", flat=True).first()
        if key is not None:
            yield model, key
