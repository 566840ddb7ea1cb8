"""Addresses of production of the staff face."""

from django.urls import path

from portals.staff.production import order_views as orders
from portals.staff.production.material_pages import MATERIALS, MaterialList
from portals.staff.production.receipt_pages import RECEIPTS, ReceiptList
from portals.staff.production.tables import ProductionOrderList, WorkshopStockList
from portals.staff.production.words import production_pick

urlpatterns = [
    path("orders/", ProductionOrderList.as_view(), name="production_order_list"),
    path("orders/new/", orders.order_new, name="production_order_new"),
    path("orders/<str:number>/", orders.order_detail, name="production_order_detail"),
    path("orders/<str:number>/edit/", orders.order_edit, name="production_order_edit"),
    path("orders/<str:number>/print/", orders.order_print, name="production_order_print"),
    path("orders/<str:number>/approval/", orders.order_approve, name="production_order_approval"),
    path("orders/<str:number>/approval/undo/", orders.order_unapprove, name="production_order_unapproval"),
    path("orders/<str:number>/void/", orders.order_void, name="production_order_voiding"),
    path("orders/<str:number>/closing/", orders.order_close, name="production_order_closing"),
    path("orders/<str:number>/closing/undo/", orders.order_reopen, name="production_order_reopening"),
    path("pick/", production_pick, name="production_pick"),
    *MATERIALS.patterns("materials", MaterialList),
    *RECEIPTS.patterns("receipts", ReceiptList),
    path("workshop/", WorkshopStockList.as_view(), name="workshop_stock"),
]
