"""Addresses of the sales documents."""

from django.urls import path

from portals.staff.sales import delivery_views, invoice_views, order_views, prints, quote_views
from portals.staff.sales import return_views as returns
from portals.staff.sales.allocation_views import order_allocation
from portals.staff.sales.delivery_tables import DeliveryList
from portals.staff.sales.invoice_tables import InvoiceList
from portals.staff.sales.quote_tables import QuoteList
from portals.staff.sales.return_tables import ReturnList
from portals.staff.sales.tables import OrderList

_quote, _order = "quotes/<str:number>", "orders/<str:number>"
_delivery, _invoice = "deliveries/<str:number>", "invoices/<str:number>"
_return = "returns/<str:number>"

urlpatterns = [
    path("entry/items/", order_views.pick, name="sales_pick"),
    path("entry/recalculate/", order_views.recalculate, name="sales_recalculate"),
    # quotations
    path("quotes/", QuoteList.as_view(), name="sales_quote_list"),
    path("quotes/new/", quote_views.quote_new, name="sales_quote_new"),
    path(f"{_quote}/", quote_views.quote_detail, name="sales_quote_detail"),
    path(f"{_quote}/edit/", quote_views.quote_edit, name="sales_quote_edit"),
    path(f"{_quote}/sending/", quote_views.quote_send, name="sales_quote_sending"),
    path(f"{_quote}/revision/", quote_views.quote_revise, name="sales_quote_revision"),
    path(f"{_quote}/acceptance/", quote_views.quote_accept, name="sales_quote_acceptance"),
    path(f"{_quote}/declining/", quote_views.quote_decline, name="sales_quote_declining"),
    path(f"{_quote}/order/", quote_views.quote_order, name="sales_quote_order"),
    path(f"{_quote}/void/", quote_views.quote_void, name="sales_quote_voiding"),
    path(f"{_quote}/print/", prints.quote_print, name="sales_quote_print"),
    # orders
    path("orders/", OrderList.as_view(), name="sales_order_list"),
    path("orders/new/", order_views.order_new, name="sales_order_new"),
    path(f"{_order}/", order_views.order_detail, name="sales_order_detail"),
    path(f"{_order}/edit/", order_views.order_edit, name="sales_order_edit"),
    path(f"{_order}/amend/", order_views.order_amend, name="sales_order_amend"),
    path(f"{_order}/rejection/", order_views.order_reject, name="sales_order_rejection"),
    path(f"{_order}/submission/", order_views.order_submit, name="sales_order_submission"),
    path(f"{_order}/submission/undo/", order_views.order_withdraw, name="sales_order_withdrawal"),
    path(f"{_order}/approval/", order_views.order_approve, name="sales_order_approval"),
    path(f"{_order}/approval/undo/", order_views.order_unapprove, name="sales_order_unapproval"),
    path(f"{_order}/release/", order_views.order_release, name="sales_order_release"),
    path(f"{_order}/closing/", order_views.order_close, name="sales_order_closing"),
    path(f"{_order}/closing/undo/", order_views.order_reopen, name="sales_order_reopening"),
    path(f"{_order}/void/", order_views.order_void, name="sales_order_voiding"),
    path(f"{_order}/copy/", order_views.order_copy, name="sales_order_copy"),
    path(f"{_order}/delivery/", order_views.order_deliver, name="sales_order_delivery"),
    path(f"{_order}/shipping/", order_views.order_ship, name="sales_order_shipping"),
    path(f"{_order}/invoice/", order_views.order_invoice, name="sales_order_invoice"),
    path(f"{_order}/tell/", order_views.order_tell, name="sales_order_tell"),
    path(f"{_order}/override/", order_views.order_override, name="sales_order_override"),
    path(f"{_order}/lines/<int:line_no>/promise/", order_views.order_promise, name="sales_order_promise"),
    path(f"{_order}/allocation/", order_allocation, name="sales_order_allocation"),
    path(f"{_order}/print/", prints.order_print, name="sales_order_print"),
    path(f"{_order}/sheet/", prints.order_sheet, name="sales_order_sheet"),
    # deliveries
    path("deliveries/", DeliveryList.as_view(), name="sales_delivery_list"),
    path("deliveries/new/", delivery_views.delivery_new, name="sales_delivery_new"),
    path(f"{_delivery}/", delivery_views.delivery_detail, name="sales_delivery_detail"),
    path(f"{_delivery}/edit/", delivery_views.delivery_edit, name="sales_delivery_edit"),
    path(f"{_delivery}/approval/", delivery_views.delivery_approve, name="sales_delivery_approval"),
    path(f"{_delivery}/approval/undo/", delivery_views.delivery_unapprove, name="sales_delivery_unapproval"),
    path(f"{_delivery}/picking/", delivery_views.delivery_pick, name="sales_delivery_picking"),
    path(f"{_delivery}/picking/undo/", delivery_views.delivery_put_back, name="sales_delivery_picking_undo"),
    path(f"{_delivery}/packing/", delivery_views.delivery_pack, name="sales_delivery_packing"),
    path(f"{_delivery}/signature/", delivery_views.delivery_sign, name="sales_delivery_signature"),
    path(f"{_delivery}/milestones/", delivery_views.delivery_milestone, name="sales_delivery_milestone"),
    path(f"{_delivery}/invoice/", delivery_views.delivery_invoice, name="sales_delivery_invoice"),
    path(f"{_delivery}/void/", delivery_views.delivery_void, name="sales_delivery_voiding"),
    path(f"{_delivery}/print/", prints.delivery_print, name="sales_delivery_print"),
    # returns
    path("returns/", ReturnList.as_view(), name="sales_return_list"),
    path("returns/new/", returns.return_new, name="sales_return_new"),
    path(f"{_return}/", returns.return_detail, name="sales_return_detail"),
    path(f"{_return}/edit/", returns.return_edit, name="sales_return_edit"),
    path(f"{_return}/authorisation/", returns.return_authorise, name="sales_return_authorisation"),
    path(f"{_return}/refusal/", returns.return_refuse, name="sales_return_refusal"),
    path(f"{_return}/receiving/", returns.return_receive, name="sales_return_receiving"),
    path(f"{_return}/decision/", returns.return_decide, name="sales_return_decision"),
    path(f"{_return}/exchange/", returns.return_exchange, name="sales_return_exchange"),
    path(f"{_return}/approval/undo/", returns.return_unapprove, name="sales_return_unapproval"),
    path(f"{_return}/void/", returns.return_void, name="sales_return_voiding"),
    path(f"{_return}/print/", prints.return_print, name="sales_return_print"),
    # invoices
    path("invoices/", InvoiceList.as_view(), name="sales_invoice_list"),
    path("invoices/new/", invoice_views.invoice_new, name="sales_invoice_new"),
    path(f"{_invoice}/", invoice_views.invoice_detail, name="sales_invoice_detail"),
    path(f"{_invoice}/edit/", invoice_views.invoice_edit, name="sales_invoice_edit"),
    path(f"{_invoice}/approval/", invoice_views.invoice_approve, name="sales_invoice_approval"),
    path(f"{_invoice}/approval/undo/", invoice_views.invoice_unapprove, name="sales_invoice_unapproval"),
    path(f"{_invoice}/void/", invoice_views.invoice_void, name="sales_invoice_voiding"),
    path(f"{_invoice}/set-off/", invoice_views.invoice_set_off, name="sales_invoice_set_off"),
    path(f"{_invoice}/print/", prints.invoice_print, name="sales_invoice_print"),
]
