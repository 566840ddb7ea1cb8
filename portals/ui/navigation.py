"""The areas of the staff face in the order of the business, what each needs, and the quick-create entries.

An entry is shown when its address exists and the actor may use it, so a face that lacks an area simply does not show it.
A page stands where its breadcrumb says, so that the two agree; without one it stands where its address does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.http import RFC3986_SUBDELIMS
from django.utils.translation import gettext_lazy as _

from portals.ui.components import Crumb


@dataclass(frozen=True)
class Entry:
    """A page: `url_name` to reverse, the permission it needs, the key of its live count; `also` are pages beside it."""

    label: Any
    url_name: str
    permission: str = ""
    count: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Area:
    """A group of pages under one icon; an area without entries is itself a page."""

    key: str
    label: Any
    icon: str
    entries: tuple[Entry, ...]
    foot: bool = False


@dataclass(frozen=True)
class Link:
    """An entry as drawn: reversed, permitted, counted."""

    label: Any
    url: str
    current: bool = False
    count: int | None = None
    need: bool = False


@dataclass(frozen=True)
class Group:
    label: Any
    icon: str
    url: str
    links: tuple[Link, ...]
    current: bool
    foot: bool
    count: int | None = None
    need: bool = False


AREAS: tuple[Area, ...] = (
    Area("home", _("Home"), "home", (Entry(_("Home"), "staff:home"),)),
    Area(
        "sales",
        _("Sales"),
        "shopping-cart",
        (
            Entry(_("Quotations"), "staff:sales_quote_list", "sales.quote.view", "sales.quote"),
            Entry(_("Sales orders"), "staff:sales_order_list", "sales.order.view", "sales.order"),
            Entry(_("Deliveries"), "staff:sales_delivery_list", "sales.delivery.view", "sales.delivery"),
            Entry(_("Consignment"), "staff:consignment_list", "sales.consignment.view"),
            Entry(_("Stock at agents"), "staff:consigned_stock", "sales.consignment.view"),
            Entry(_("Sales returns"), "staff:sales_return_list", "sales.return.view", "sales.return"),
            Entry(_("Sales invoices"), "staff:sales_invoice_list", "invoicing.sales_invoice.view", "sales.invoice"),
        ),
    ),
    Area(
        "purchasing",
        _("Purchasing"),
        "truck-loading",
        (
            Entry(_("Suggestions"), "staff:suggestion_list", "purchasing.suggestion.view", "purchasing.suggestion"),
            Entry(
                _("Requisitions"),
                "staff:requisition_list",
                "purchasing.requisition.view",
                "purchasing.requisition",
            ),
            Entry(_("Exceptions"), "staff:exception_board", "purchasing.order.view", "purchasing.exception"),
            Entry(_("Purchase orders"), "staff:purchase_order_list", "purchasing.order.view", "purchasing.order"),
            Entry(_("Ship notices"), "staff:asn_list", "purchasing.asn.view", "purchasing.asn"),
            Entry(
                _("Receipts of goods"), "staff:purchase_receipt_list", "purchasing.receipt.view", "purchasing.receipt"
            ),
            Entry(_("Purchase returns"), "staff:purchase_return_list", "purchasing.return.view"),
            Entry(_("Subcontract orders"), "staff:subcontract_list", "purchasing.order.view"),
            Entry(_("Subcontract material"), "staff:material_list", "purchasing.material.view"),
            Entry(
                _("Inspections"),
                "staff:inspection_list",
                "purchasing.inspection.view",
                "purchasing.inspection",
            ),
            Entry(
                _("Purchase invoices"),
                "staff:purchase_invoice_list",
                "invoicing.purchase_invoice.view",
                "purchasing.invoice",
            ),
            Entry(_("Invoices that differ"), "staff:discrepancy_list", "invoicing.purchase_invoice.view"),
            Entry(_("Supplier statements"), "staff:statement_list", "invoicing.statement.view", "purchasing.statement"),
        ),
    ),
    Area(
        "suppliers",
        _("Supplier relations"),
        "users-group",
        (
            Entry(_("Suppliers"), "staff:supplier_list", "parties.supplier.view"),
            Entry(_("Requests for quotation"), "staff:rfq_list", "purchasing.rfq.view"),
            Entry(_("Blanket orders"), "staff:blanket_list", "purchasing.blanket.view"),
            Entry(_("Quotas of suppliers"), "staff:quota_list", "purchasing.quota.view"),
            Entry(_("Material prices"), "staff:price_alert_list", "catalog.cost.view"),
            Entry(_("Supplier scores"), "staff:supplier_score_list", "srm.score.view"),
            Entry(_("Quality claims"), "staff:claim_list", "srm.claim.view"),
            Entry(_("Supplier applications"), "staff:supplier_application_list", "srm.application.edit"),
            Entry(_("Documents of suppliers"), "staff:supplier_document_types", "srm.qualification.view"),
        ),
    ),
    Area(
        "inventory",
        _("Inventory"),
        "building-warehouse",
        (
            Entry(
                _("Stock"),
                "staff:stock_list",
                "inventory.stock.view",
                "inventory.stock",
                also=("staff:warehouse_list",),
            ),
            Entry(_("Scan"), "staff:scan", "inventory.stock.view"),
            Entry(_("Lots"), "staff:lot_list", "inventory.lot.view", "inventory.lot"),
            Entry(_("Serial numbers"), "staff:serial_list", "inventory.stock.view"),
            Entry(_("Bins"), "staff:bin_list", "inventory.stock.view"),
            Entry(_("Bin moves"), "staff:bin_move_list", "inventory.transfer.view"),
            Entry(_("Transfers"), "staff:transfer_list", "inventory.transfer.view", "inventory.transfer"),
            Entry(_("Transfer receipts"), "staff:transfer_receipt_list", "inventory.transfer.view"),
            Entry(_("Counts"), "staff:count_list", "inventory.count.view"),
            Entry(_("Assemblies"), "staff:assembly_list", "inventory.assembly.view", also=("staff:kit_list",)),
            Entry(_("Other receipts"), "staff:other_receipt_list", "inventory.other.view"),
            Entry(_("Other issues"), "staff:other_issue_list", "inventory.other.view"),
            Entry(_("Stock alerts"), "staff:alert_list", "inventory.stock.view"),
            Entry(_("Replenishment"), "staff:replenishment_list", "inventory.replenishment.view"),
            Entry(
                _("Stock reports"),
                "staff:stock_ages",
                "inventory.stock.view",
                also=("staff:slow_movers", "staff:turnover", "staff:urgent_transfers"),
            ),
            Entry(_("Opening stock"), "staff:opening_stock_list", "inventory.opening_stock.view", "inventory.opening"),
        ),
    ),
    Area(
        "production",
        _("Production"),
        "building-factory-2",
        (
            Entry(_("Production orders"), "staff:production_order_list", "production.order.view", "production.order"),
            Entry(_("Production material"), "staff:production_material_list", "production.material.view"),
            Entry(_("Product receipts"), "staff:production_receipt_list", "production.receipt.view"),
            Entry(_("Material in the workshop"), "staff:workshop_stock", "production.material.view"),
        ),
    ),
    Area(
        "logistics",
        _("Logistics"),
        "truck",
        (
            Entry(_("Lanes and damage"), "staff:logistics", "logistics.lane.view"),
            Entry(_("Shipments"), "staff:shipment_list", "logistics.shipment.view"),
        ),
    ),
    Area(
        "masters",
        _("Items and partners"),
        "tags",
        (
            Entry(_("Items"), "staff:item_list", "catalog.item.view"),
            Entry(_("Styles"), "staff:style_list", "catalog.item.view"),
            Entry(_("Customers"), "staff:customer_list", "parties.customer.view"),
            Entry(_("Price lists"), "staff:price_list_list", "catalog.price_list.view"),
            Entry(_("Imports"), "staff:import_list", "imports.run.edit"),
        ),
    ),
    Area(
        "service",
        _("Service"),
        "headset",
        (Entry(_("Tickets"), "staff:ticket_list", "service.ticket.view", "service.ticket"),),
    ),
    Area(
        "finance",
        _("Finance"),
        "coin-yuan",
        (
            Entry(_("Receipts"), "staff:receipt_list", "invoicing.receipt.view", "finance.receipt"),
            Entry(_("Payments"), "staff:payment_list", "invoicing.payment.view", "finance.payment"),
            Entry(_("Refunds"), "staff:refund_list", "invoicing.refund.view"),
            Entry(_("Set-offs"), "staff:netting_list", "invoicing.netting.view"),
            Entry(_("Moved debts"), "staff:debt_transfer_list", "invoicing.debt_transfer.view"),
            Entry(_("Vouchers"), "staff:voucher_list", "accounting.voucher.view", "accounting.voucher"),
            Entry(_("Landed costs"), "staff:landed_cost_list", "inventory.cost.view", "purchasing.landed_cost"),
            Entry(_("Cost adjustments"), "staff:cost_adjustment_list", "inventory.cost.view", "inventory.adjustment"),
            Entry(_("Monthly costing"), "staff:costing_list", "inventory.cost.view"),
            Entry(_("Stock value"), "staff:stock_value", "inventory.cost.view"),
            Entry(_("Trial balance"), "staff:trial_balance", "accounting.report.view"),
            Entry(_("General ledger"), "staff:general_ledger", "accounting.report.view"),
            Entry(_("Balance sheet"), "staff:balance_sheet", "accounting.report.view"),
            Entry(_("Income statement"), "staff:income_statement", "accounting.report.view"),
            Entry(_("Ageing"), "staff:ageing", "accounting.open_item.view"),
            Entry(_("Periods"), "staff:period_list", "accounting.period.view"),
        ),
    ),
    Area(
        "settings",
        _("Settings"),
        "settings",
        (Entry(_("Settings"), "staff:settings_home", "workflow.setting.view"),),
        foot=True,
    ),
)

QUICK_CREATE: tuple[Entry, ...] = (
    Entry(_("Sales order"), "staff:sales_order_new", "sales.order.edit"),
    Entry(_("Quotation"), "staff:sales_quote_new", "sales.quote.edit"),
    Entry(_("Delivery"), "staff:sales_delivery_new", "sales.delivery.edit"),
    Entry(_("Purchase requisition"), "staff:requisition_new", "purchasing.requisition.edit"),
    Entry(_("Request for quotation"), "staff:rfq_new", "purchasing.rfq.edit"),
    Entry(_("Purchase order"), "staff:purchase_order_new", "purchasing.order.edit"),
    Entry(_("Receipt of goods"), "staff:purchase_receipt_new", "purchasing.receipt.edit"),
    Entry(_("Transfer"), "staff:transfer_new", "inventory.transfer.edit"),
    Entry(_("Production order"), "staff:production_order_new", "production.order.edit"),
    Entry(_("Receipt"), "staff:receipt_new", "invoicing.receipt.edit"),
    Entry(_("Payment"), "staff:payment_new", "invoicing.payment.edit"),
    Entry(_("Item"), "staff:item_new", "catalog.item.edit"),
    Entry(_("Customer"), "staff:customer_new", "parties.customer.edit"),
    Entry(_("Supplier"), "staff:supplier_new", "parties.supplier.edit"),
    Entry(_("Voucher"), "staff:voucher_new", "accounting.voucher.edit"),
    Entry(_("Ticket"), "staff:ticket_new", "service.ticket.edit"),
)


@lru_cache(maxsize=512)
def _reverse(urlconf: str, url_name: str) -> str:
    try:
        return reverse(url_name, urlconf=urlconf or None)
    except NoReverseMatch:
        return ""


def address(request: HttpRequest | None, url_name: str) -> str:
    """The address of a page, or nothing when this site has no such page. Account pages exist once for each face."""
    return _address(str(getattr(request, "urlconf", "") or ""), getattr(request, "face", ""), url_name)


def _address(urlconf: str, face: str, url_name: str) -> str:
    if url_name.startswith("accounts:") and face in {"supplier", "customer"}:
        url_name = f"{face}_{url_name}"
    return _reverse(urlconf, url_name)


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the actor of the request may use what needs this permission."""
    if not permission:
        return True
    actor = getattr(request, "actor", None)
    return bool(actor and actor.may(permission))


@dataclass(frozen=True)
class Viewer:
    """What of a request decides the navigation; the same viewer at the same place sees the same."""

    urlconf: str
    face: str
    rights: frozenset[str]
    here: str

    def may(self, permission: str) -> bool:
        return not permission or permission in self.rights or "*" in self.rights


def viewer_of(request: HttpRequest, crumbs: Sequence[Crumb] = ()) -> Viewer:
    """The viewer of a request; `here` is the nearest page of the navigation, so all documents of a kind are one place."""
    actor = getattr(request, "actor", None)
    rights = frozenset({"*"}) if actor and actor.kind == "system" else getattr(actor, "permissions", frozenset())
    urlconf, face = str(getattr(request, "urlconf", "") or ""), getattr(request, "face", "")
    return Viewer(urlconf, face, rights, _place(_pages(urlconf, face), request.path, crumbs))


def _place(pages: frozenset[str], path: str, crumbs: Sequence[Crumb]) -> str:
    """The page itself, else the last page in its breadcrumb, else what is above its last crumb, or above its address."""
    trail = [crumb.url for crumb in reversed(crumbs) if crumb.url]
    named = next((url for url in (path, *trail) if url in pages), "")
    return named or next(filter(None, (_above(pages, url) for url in (*trail[:1], path))), "")


def _above(pages: Iterable[str], path: str) -> str:
    return max((url for url in pages if _is_current(path, url)), key=len, default="")


@lru_cache(maxsize=16)
def _pages(urlconf: str, face: str) -> frozenset[str]:
    names = (name for area in AREAS for entry in area.entries for name in (entry.url_name, *entry.also))
    return frozenset(filter(None, (_address(urlconf, face, name) for name in names)))


def trail(url_name: str) -> list[Crumb]:
    """The breadcrumb of what lies below a page of the navigation: its area and the page, as the navigation says them."""
    area, entry = next((area, entry) for area in AREAS for entry in area.entries if entry.url_name == url_name)
    return [Crumb(area.label), Crumb(entry.label, reverse(url_name))]


def _link(viewer: Viewer, entry: Entry, counts: Mapping[str, Any]) -> Link | None:
    url = _address(viewer.urlconf, viewer.face, entry.url_name)
    if not url or not viewer.may(entry.permission):
        return None
    counted = counts.get(entry.count) if entry.count else None
    number, need = counted if isinstance(counted, tuple) else (counted, False)
    beside = (_address(viewer.urlconf, viewer.face, name) for name in entry.also)
    current = _is_current(viewer.here, url) or any(each and _is_current(viewer.here, each) for each in beside)
    return Link(entry.label, url, current, number or None, bool(need and number))


def _nearest(links: Iterable[Link]) -> str:
    """Of pages that lie below one another, in whichever area, only the nearest is the current one."""
    return max((link.url for link in links if link.current), key=len, default="")


def _is_current(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def build(viewer: Viewer, counts: Mapping[str, Any]) -> list[Group]:
    """The navigation for this viewer. An area's own count is the number of its entries that wait for the actor."""
    groups = []
    drawn = {area.key: tuple(link for each in area.entries if (link := _link(viewer, each, counts))) for area in AREAS}
    nearest = _nearest(link for links in drawn.values() for link in links)
    for area in AREAS:
        links = drawn[area.key]
        if not links:
            continue
        links = tuple(replace(link, current=link.url == nearest) for link in links)
        needed = sum(link.count or 0 for link in links if link.need)
        groups.append(
            Group(
                label=area.label,
                icon=area.icon,
                url=links[0].url,
                links=links if len(area.entries) > 1 else (),
                current=any(link.current for link in links),
                foot=area.foot,
                count=needed or None,
                need=bool(needed),
            )
        )
    return groups


def quick_create(request: HttpRequest) -> list[Link]:
    """What the actor may start from anywhere."""
    found = ((entry, address(request, entry.url_name)) for entry in QUICK_CREATE)
    return [Link(entry.label, url) for entry, url in found if url and may(request, entry.permission)]


# doc types whose page the staff face shows: `sales.order` is served by `staff:sales_order_detail`
_DETAIL_NAMES = {
    "sales.quote": "sales_quote",
    "sales.order": "sales_order",
    "sales.delivery": "sales_delivery",
    "sales.invoice": "sales_invoice",
    "logistics.delivery": "sales_delivery",
    "logistics.sales_delivery": "sales_delivery",
    "logistics.receipt": "purchase_receipt",
    "logistics.purchase_receipt": "purchase_receipt",
    "logistics.asn": "asn",
    "purchasing.order": "purchase_order",
    "purchasing.requisition": "requisition",
    "purchasing.rfq": "rfq",
    "purchasing.blanket": "blanket",
    "purchasing.asn": "asn",
    "purchasing.receipt": "purchase_receipt",
    "purchasing.inspection": "inspection",
    "purchasing.return": "purchase_return",
    "purchasing.material": "material",
    "sales.return": "sales_return",
    "sales.consignment": "consignment",
    "purchasing.invoice": "purchase_invoice",
    "purchasing.statement": "statement",
    "invoicing.sales_invoice": "sales_invoice",
    "invoicing.purchase_invoice": "purchase_invoice",
    "invoicing.statement": "statement",
    "purchasing.landed_cost": "landed_cost",
    "inventory.cost_adjustment": "cost_adjustment",
    "inventory.costing_run": "costing_run",
    "inventory.opening": "opening_stock",
    "inventory.opening_stock": "opening_stock",
    "accounting.voucher": "voucher",
    "accounting.receipt": "receipt",
    "accounting.payment": "payment",
    "invoicing.receipt": "receipt",
    "invoicing.payment": "payment",
    "service.ticket": "ticket",
}


# masters whose page is addressed by their key
_MASTERS = {
    "parties.supplier": "supplier_detail",
    "srm.qualification": "supplier_qualification",
    "srm.application": "supplier_application",
    "srm.bank": "supplier_bank",
    "srm.score": "supplier_score",
    "purchasing.price_alert": "price_alert_detail",
}


def document_address(doc_type: str, number: str, face: str = "staff") -> str:
    """The page of a document, or nothing when this face does not show the type."""
    if not number:
        return ""
    if doc_type in _MASTERS:
        return reverse(f"staff:{_MASTERS[doc_type]}", kwargs={"pk": number}) if face == "staff" else ""
    name = _DETAIL_NAMES.get(doc_type) or doc_type.replace(".", "_")
    for candidate in (name, name.split("_", 1)[-1]):
        address = numbered(f"{face}:{candidate}_detail", number)
        if address:
            return address
    return ""


def numbered(url_name: str, number: str) -> str:
    """The address of a page that is named by a document's number, or nothing. Lists ask for it hundreds of times."""
    around = _around_number(get_urlconf() or "", url_name)
    return f"{around[0]}{quote(number, safe=RFC3986_SUBDELIMS + '/~:@')}{around[1]}" if around else ""


_STAND_IN = "0number0"


@lru_cache(maxsize=512)
def _around_number(urlconf: str, url_name: str) -> tuple[str, str] | None:
    try:
        before, _number, after = reverse(url_name, urlconf=urlconf or None, args=[_STAND_IN]).partition(_STAND_IN)
    except NoReverseMatch:
        return None
    return before, after
