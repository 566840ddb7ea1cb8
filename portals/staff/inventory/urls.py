"""Addresses of the inventory area of the staff face."""

from django.urls import path

from portals.staff.inventory import (
    assembly_pages,
    bin_pages,
    consignment_pages,
    cost_pages,
    count_pages,
    landed_pages,
    replenishment_pages,
    report_pages,
    serial_pages,
    transfer_pages,
    value_pages,
    views,
)
from portals.staff.inventory import recall_views as recall
from portals.staff.inventory import scan_views as scanning
from portals.staff.inventory.other_pages import ISSUES, RECEIPTS, OtherIssueList, OtherReceiptList
from portals.staff.inventory.tables import LotList, OpeningList, StockLedger, StockList, WarehouseList

urlpatterns = [
    path("stock/", StockList.as_view(), name="stock_list"),
    path("stock/<uuid:pk>/", StockLedger.as_view(), name="stock_ledger"),
    path("opening/", OpeningList.as_view(), name="opening_stock_list"),
    path("opening/new/", views.opening_new, name="opening_stock_new"),
    path("opening/<str:number>/", views.opening_detail, name="opening_stock_detail"),
    path("opening/<str:number>/edit/", views.opening_edit, name="opening_stock_edit"),
    path("opening/<str:number>/approval/", views.opening_approve, name="opening_stock_approval"),
    path("opening/<str:number>/approval/undo/", views.opening_unapprove, name="opening_stock_unapproval"),
    *RECEIPTS.patterns("other-receipts", OtherReceiptList),
    *ISSUES.patterns("other-issues", OtherIssueList),
    *transfer_pages.urlpatterns,
    *count_pages.urlpatterns,
    *assembly_pages.urlpatterns,
    *report_pages.urlpatterns,
    *replenishment_pages.urlpatterns,
    path("scan/", scanning.scan, name="scan"),
    *landed_pages.urlpatterns,
    *cost_pages.urlpatterns,
    *value_pages.urlpatterns,
    path("lots/", LotList.as_view(), name="lot_list"),
    path("lots/<uuid:pk>/", views.lot_detail, name="lot_detail"),
    path("lots/<uuid:pk>/hold/", views.lot_hold, name="lot_hold"),
    path("lots/<uuid:pk>/release/", views.lot_release, name="lot_release"),
    path("lots/<uuid:pk>/recall/", recall.lot_recall, name="lot_recall"),
    path("lots/<uuid:pk>/recall/list/", recall.lot_recall_list, name="lot_recall_list"),
    *serial_pages.urlpatterns,
    *bin_pages.urlpatterns,
    *consignment_pages.urlpatterns,
    path("warehouses/", WarehouseList.as_view(), name="warehouse_list"),
    path("warehouses/new/", views.warehouse_new, name="warehouse_new"),
    path("warehouses/<uuid:pk>/edit/", views.warehouse_edit, name="warehouse_edit"),
]
