"""Addresses of the purchasing area of the staff face."""

from django.urls import path

from portals.staff.purchasing import alert_views as alerts
from portals.staff.purchasing import answer_views as answers
from portals.staff.purchasing import asn_views as asns
from portals.staff.purchasing import blanket_views as blankets
from portals.staff.purchasing import exception_views as exceptions
from portals.staff.purchasing import inspection_views as inspections
from portals.staff.purchasing import invoice_views as invoices
from portals.staff.purchasing import label_views as labels
from portals.staff.purchasing import material_pages, pack, prints, production
from portals.staff.purchasing import order_approval as deciding
from portals.staff.purchasing import order_views as orders
from portals.staff.purchasing import price_views as prices
from portals.staff.purchasing import proposal_views as proposals
from portals.staff.purchasing import quota_views as quotas
from portals.staff.purchasing import quote_views as quotes
from portals.staff.purchasing import receipt_views as receipts
from portals.staff.purchasing import requisition_views as requisitions
from portals.staff.purchasing import return_views as returns
from portals.staff.purchasing import rfq_views as rfqs
from portals.staff.purchasing import statement_views as statements
from portals.staff.purchasing import subcontract_views as subcontract
from portals.staff.purchasing import suggestion_views as suggestions
from portals.staff.purchasing.allowance_views import invoice_allowance
from portals.staff.purchasing.inspection_tables import InspectionList
from portals.staff.purchasing.invoice_tables import DiscrepancyList, InvoiceList, StatementList
from portals.staff.purchasing.requisition_tables import RequisitionList
from portals.staff.purchasing.return_tables import ReturnList
from portals.staff.purchasing.tables import AsnList, OrderList, ReceiptList

_order, _asn, _receipt = "orders/<str:number>", "asns/<str:number>", "receipts/<str:number>"
_inspection = "inspections/<str:number>"
_invoice, _statement = "invoices/<str:number>", "statements/<str:number>"
_return = "returns/<str:number>"

urlpatterns = [
    path("entry/items/", orders.pick, name="purchase_pick"),
    path("entry/recalculate/", orders.recalculate, name="purchase_recalculate"),
    path("items/<uuid:pk>/prices/", prices.purchase_prices, name="purchase_prices"),
    path("items/<uuid:pk>/quotas/", quotas.item_quotas, name="item_quotas"),
    path("items/<uuid:pk>/quotas/removal/", quotas.item_quota_drop, name="item_quota_drop"),
    path("quotas/", quotas.QuotaList.as_view(), name="quota_list"),
    # material prices
    path("price-alerts/", alerts.AlertList.as_view(), name="price_alert_list"),
    path("price-alerts/<uuid:pk>/", alerts.alert_detail, name="price_alert_detail"),
    path("price-alerts/<uuid:pk>/settlement/", alerts.alert_settle, name="price_alert_settle"),
    path("price-alerts/<uuid:pk>/prices/", alerts.alert_list_prices, name="price_alert_prices"),
    path("material-prices/new/", alerts.price_new, name="material_price_new"),
    # exceptions
    path("exceptions/", exceptions.exception_board, name="exception_board"),
    path("exceptions/<uuid:pk>/care/", exceptions.exception_acknowledge, name="exception_care"),
    path("exceptions/<uuid:pk>/reminder/", exceptions.exception_remind, name="exception_reminder"),
    path("production-nodes/", production.node_templates, name="node_templates"),
    # suppliers' proposals
    path("proposals/", proposals.proposal_inbox, name="proposal_inbox"),
    path("proposals/decision/", proposals.proposal_decide, name="proposal_decision"),
    # suggestions
    path("suggestions/", suggestions.suggestion_list, name="suggestion_list"),
    path("suggestions/orders/", suggestions.suggestion_order, name="suggestion_order"),
    path("suggestions/requisitions/", suggestions.suggestion_request, name="suggestion_request"),
    path("suggestions/transfers/", suggestions.suggestion_transfer, name="suggestion_transfer"),
    path("suggestions/<uuid:pk>/snooze/", suggestions.suggestion_snooze, name="suggestion_snooze"),
    path("suggestions/<uuid:pk>/dismissal/", suggestions.suggestion_dismiss, name="suggestion_dismiss"),
    path("suggestions/<uuid:pk>/revival/", suggestions.suggestion_revive, name="suggestion_revive"),
    # requisitions
    path("requisitions/", RequisitionList.as_view(), name="requisition_list"),
    path("requisitions/new/", requisitions.requisition_new, name="requisition_new"),
    path("requisitions/entry/items/", requisitions.pick, name="requisition_pick"),
    path("requisitions/entry/recalculate/", requisitions.recalculate, name="requisition_recalculate"),
    path("requisitions/<str:number>/", requisitions.requisition_detail, name="requisition_detail"),
    path("requisitions/<str:number>/edit/", requisitions.requisition_edit, name="requisition_edit"),
    path("requisitions/<str:number>/submission/", requisitions.requisition_submit, name="requisition_submission"),
    path("requisitions/<str:number>/withdrawal/", requisitions.requisition_withdraw, name="requisition_withdrawal"),
    path("requisitions/<str:number>/approval/", requisitions.requisition_approve, name="requisition_approval"),
    path("requisitions/<str:number>/rejection/", requisitions.requisition_reject, name="requisition_rejection"),
    path("requisitions/<str:number>/approval/undo/", requisitions.requisition_unapprove, name="requisition_unapproval"),
    path("requisitions/<str:number>/order/", requisitions.requisition_order, name="requisition_order"),
    path("requisitions/<str:number>/rfq/", requisitions.requisition_rfq, name="requisition_rfq"),
    path("requisitions/<str:number>/closing/", requisitions.requisition_close, name="requisition_closing"),
    path("requisitions/<str:number>/closing/undo/", requisitions.requisition_reopen, name="requisition_reopening"),
    path("requisitions/<str:number>/void/", requisitions.requisition_void, name="requisition_voiding"),
    path("requisitions/<str:number>/print/", requisitions.requisition_print, name="requisition_print"),
    # requests for quotation
    path("rfqs/", rfqs.RfqList.as_view(), name="rfq_list"),
    path("rfqs/new/", rfqs.rfq_new, name="rfq_new"),
    path("rfqs/entry/recalculate/", rfqs.recalculate, name="rfq_recalculate"),
    path("rfqs/<str:number>/", rfqs.rfq_detail, name="rfq_detail"),
    path("rfqs/<str:number>/edit/", rfqs.rfq_edit, name="rfq_edit"),
    path("rfqs/<str:number>/publication/", rfqs.rfq_publish, name="rfq_publication"),
    path("rfqs/<str:number>/extension/", rfqs.rfq_extend, name="rfq_extension"),
    path("rfqs/<str:number>/opening/", rfqs.rfq_open, name="rfq_opening"),
    path("rfqs/<str:number>/terms/", rfqs.rfq_terms, name="rfq_terms"),
    path("rfqs/<str:number>/award/", rfqs.rfq_award, name="rfq_award"),
    path("rfqs/<str:number>/award/undo/", rfqs.rfq_unaward, name="rfq_unaward"),
    path("rfqs/<str:number>/suppliers/<uuid:pk>/quote/", quotes.rfq_quote, name="rfq_quote"),
    path("rfqs/<str:number>/cancellation/", rfqs.rfq_cancel, name="rfq_cancellation"),
    # blanket orders
    path("blankets/", blankets.BlanketList.as_view(), name="blanket_list"),
    path("blankets/new/", blankets.blanket_new, name="blanket_new"),
    path("blankets/<str:number>/", blankets.blanket_detail, name="blanket_detail"),
    path("blankets/<str:number>/edit/", blankets.blanket_edit, name="blanket_edit"),
    path("blankets/<str:number>/call-off/", blankets.blanket_call, name="blanket_call"),
    path("blankets/<str:number>/approval/", blankets.blanket_approve, name="blanket_approval"),
    path("blankets/<str:number>/approval/undo/", blankets.blanket_unapprove, name="blanket_unapproval"),
    path("blankets/<str:number>/closing/", blankets.blanket_close, name="blanket_closing"),
    path("blankets/<str:number>/closing/undo/", blankets.blanket_reopen, name="blanket_reopening"),
    path("blankets/<str:number>/void/", blankets.blanket_void, name="blanket_voiding"),
    # orders
    path("orders/", OrderList.as_view(), name="purchase_order_list"),
    path("orders/new/", orders.order_new, name="purchase_order_new"),
    path(f"{_order}/", deciding.order_detail, name="purchase_order_detail"),
    path(f"{_order}/edit/", orders.order_edit, name="purchase_order_edit"),
    path(f"{_order}/amend/", orders.order_amend, name="purchase_order_amend"),
    path(f"{_order}/answer/", answers.order_answer, name="purchase_order_answer"),
    path(f"{_order}/decision/", answers.order_decide, name="purchase_order_decision"),
    path(f"{_order}/confirmation/", orders.order_confirm, name="purchase_order_confirmation"),
    path(f"{_order}/progress/", orders.order_progress, name="purchase_order_progress"),
    path(f"{_order}/plan/", production.order_plan, name="purchase_order_plan"),
    path(f"{_order}/nodes/", production.order_nodes, name="purchase_order_nodes"),
    path(f"{_order}/links/", production.order_link, name="purchase_order_link"),
    path(f"{_order}/links/revocation/", production.order_link_revoke, name="purchase_order_link_revocation"),
    path(f"{_order}/approval/", deciding.order_approve, name="purchase_order_approval"),
    path(f"{_order}/submission/", deciding.order_submit, name="purchase_order_submission"),
    path(f"{_order}/withdrawal/", deciding.order_withdraw, name="purchase_order_withdrawal"),
    path(f"{_order}/rejection/", deciding.order_reject, name="purchase_order_rejection"),
    path(f"{_order}/approval/undo/", orders.order_unapprove, name="purchase_order_unapproval"),
    path(f"{_order}/sending/", orders.order_send, name="purchase_order_sending"),
    path(f"{_order}/closing/", orders.order_close, name="purchase_order_closing"),
    path(f"{_order}/closing/undo/", orders.order_reopen, name="purchase_order_reopening"),
    path(f"{_order}/void/", orders.order_void, name="purchase_order_voiding"),
    path(f"{_order}/copy/", orders.order_copy, name="purchase_order_copy"),
    path(f"{_order}/prices/", orders.order_prices, name="purchase_order_prices"),
    path(f"{_order}/print/", prints.order_print, name="purchase_order_print"),
    path(f"{_order}/pack/", pack.order_pack, name="purchase_order_pack"),
    path(f"{_order}/sheet/", prints.order_sheet, name="purchase_order_sheet"),
    # subcontracting
    path("subcontract/", subcontract.SubcontractList.as_view(), name="subcontract_list"),
    path("subcontract/new/", subcontract.subcontract_new, name="subcontract_new"),
    path("subcontract/<str:number>/edit/", subcontract.subcontract_edit, name="subcontract_edit"),
    path("material-stock/", subcontract.MaterialStockList.as_view(), name="material_stock"),
    *material_pages.urlpatterns,
    # shipping notices
    path("asns/", AsnList.as_view(), name="asn_list"),
    path(f"{_asn}/", asns.asn_detail, name="asn_detail"),
    path(f"{_asn}/labels/", labels.asn_labels, name="asn_labels"),
    path(f"{_asn}/print/", labels.asn_print, name="asn_print"),
    path(f"{_asn}/receiving/", asns.asn_receive, name="asn_receiving"),
    path(f"{_asn}/arrival/", asns.asn_arrive, name="asn_arrival"),
    path(f"{_asn}/moving/", asns.asn_move, name="asn_move"),
    path(f"{_asn}/closing/", asns.asn_close, name="asn_closing"),
    path(f"{_asn}/withdrawal/", asns.asn_withdraw, name="asn_withdrawal"),
    # receipts
    path("receipts/", ReceiptList.as_view(), name="purchase_receipt_list"),
    path("receipts/new/", receipts.receipt_new, name="purchase_receipt_new"),
    path(f"{_receipt}/", receipts.receipt_detail, name="purchase_receipt_detail"),
    path(f"{_receipt}/labels/", labels.receipt_labels_print, name="purchase_receipt_labels"),
    path(f"{_receipt}/edit/", receipts.receipt_edit, name="purchase_receipt_edit"),
    path(f"{_receipt}/approval/", receipts.receipt_approve, name="purchase_receipt_approval"),
    path(f"{_receipt}/approval/undo/", receipts.receipt_unapprove, name="purchase_receipt_unapproval"),
    path(f"{_receipt}/void/", receipts.receipt_void, name="purchase_receipt_voiding"),
    path(f"{_receipt}/invoice/", receipts.receipt_invoice, name="purchase_receipt_invoice"),
    path(f"{_receipt}/print/", prints.receipt_print, name="purchase_receipt_print"),
    # inspections
    path("inspections/", InspectionList.as_view(), name="inspection_list"),
    path(f"{_inspection}/", inspections.inspection_detail, name="inspection_detail"),
    path(f"{_inspection}/decision/", inspections.inspection_decide, name="inspection_decision"),
    # returns
    path("returns/", ReturnList.as_view(), name="purchase_return_list"),
    path("returns/new/", returns.return_new, name="purchase_return_new"),
    path(f"{_return}/", returns.return_detail, name="purchase_return_detail"),
    path(f"{_return}/edit/", returns.return_edit, name="purchase_return_edit"),
    path(f"{_return}/approval/", returns.return_approve, name="purchase_return_approval"),
    path(f"{_return}/approval/undo/", returns.return_unapprove, name="purchase_return_unapproval"),
    path(f"{_return}/void/", returns.return_void, name="purchase_return_voiding"),
    path(f"{_return}/print/", prints.return_print, name="purchase_return_print"),
    # invoices
    path("invoices/", InvoiceList.as_view(), name="purchase_invoice_list"),
    path("discrepancies/", DiscrepancyList.as_view(), name="discrepancy_list"),
    path("invoices/new/", invoices.invoice_new, name="purchase_invoice_new"),
    path(f"{_invoice}/", invoices.invoice_detail, name="purchase_invoice_detail"),
    path(f"{_invoice}/edit/", invoices.invoice_edit, name="purchase_invoice_edit"),
    path(f"{_invoice}/approval/", invoices.invoice_approve, name="purchase_invoice_approval"),
    path(f"{_invoice}/acceptance/", invoices.invoice_accept, name="purchase_invoice_acceptance"),
    path(f"{_invoice}/approval/undo/", invoices.invoice_unapprove, name="purchase_invoice_unapproval"),
    path(f"{_invoice}/void/", invoices.invoice_void, name="purchase_invoice_voiding"),
    path(f"{_invoice}/allowance/", invoice_allowance, name="purchase_invoice_allowance"),
    path(f"{_invoice}/set-off/", invoices.invoice_set_off, name="purchase_invoice_set_off"),
    path(f"{_invoice}/print/", prints.invoice_print, name="purchase_invoice_print"),
    # statements
    path("statements/", StatementList.as_view(), name="statement_list"),
    path("statements/new/", statements.statement_new, name="statement_new"),
    path(f"{_statement}/", statements.statement_detail, name="statement_detail"),
    path(f"{_statement}/proposal/", statements.statement_propose, name="statement_proposal"),
    path(f"{_statement}/signature/", statements.statement_sign, name="statement_signature"),
    path(f"{_statement}/lines/<uuid:line>/answer/", statements.statement_answer, name="statement_answer"),
    path(f"{_statement}/list/", statements.statement_list, name="statement_partner_list"),
    path(f"{_statement}/differences/<uuid:pk>/", statements.statement_difference, name="statement_difference"),
    path(f"{_statement}/invoice/", statements.statement_invoice, name="statement_invoice"),
    path(f"{_statement}/void/", statements.statement_void, name="statement_voiding"),
    path(f"{_statement}/print/", prints.statement_print, name="statement_print"),
]
