"""Addresses of the supplier portal."""

from django.urls import path

from portals.supplier.views import (
    apply,
    bank,
<<<<<<< HEAD
    claims,
    files,
    home,
    labels,
=======
    files,
    home,
>>>>>>> 5e13104 (Audit pack of an order, stock shared with suppliers, what was bought for a sales order)
    link,
    orders,
    profile,
    quality,
    settlement,
    shipments,
<<<<<<< HEAD
=======
    stock,
>>>>>>> 5e13104 (Audit pack of an order, stock shared with suppliers, what was bought for a sales order)
    team,
)

app_name = "supplier"
urlpatterns = [
    path("", home.home, name="home"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/<str:number>/", orders.order_detail, name="order_detail"),
    path("orders/<str:number>/confirmation/", orders.confirm_all, name="order_confirm"),
    path("orders/<str:number>/lines/<uuid:line_id>/answer/", orders.answer_line, name="line_answer"),
    path("orders/<str:number>/lines/<uuid:line_id>/progress/", orders.report, name="line_progress"),
    path("orders/<str:number>/messages/", orders.write, name="order_message"),
    path("progress/<str:token>/", link.progress_by_link, name="progress_by_link"),
    path("stock/", stock.stock_list, name="stock_list"),
    path("stock/<uuid:pk>/", stock.stock_detail, name="stock_detail"),
    path("shipments/", shipments.asn_list, name="asn_list"),
    path("shipments/new/", shipments.asn_new, name="asn_new"),
    path("shipments/<str:number>/", shipments.asn_detail, name="asn_detail"),
    path("shipments/<str:number>/departure/", shipments.asn_dispatch, name="asn_departure"),
    path("shipments/<str:number>/arrival/", shipments.asn_move, name="asn_arrival"),
    path("shipments/<str:number>/messages/", shipments.asn_message, name="asn_message"),
    path("shipments/<str:number>/labels/", labels.asn_labels, name="asn_labels"),
    path("shipments/<str:number>/withdrawal/", shipments.asn_withdraw, name="asn_withdraw"),
    path("settlement/", settlement.settlement, name="settlement"),
    path("statements/<str:number>/", settlement.statement_detail, name="statement_detail"),
    path("statements/<str:number>/lines/<uuid:line_id>/", settlement.statement_line, name="statement_line"),
    path("statements/<str:number>/signature/", settlement.statement_sign, name="statement_sign"),
    path("invoices/new/", settlement.invoice_new, name="invoice_new"),
    path("invoices/<str:number>/", settlement.invoice_detail, name="invoice_detail"),
    path("apply/", apply.apply, name="apply"),
    path("profile/", profile.profile, name="profile"),
    path("profile/save/", profile.profile_save, name="profile_save"),
    path("profile/submission/", profile.submit, name="profile_submit"),
    path("profile/documents/", profile.document_new, name="document_new"),
    path("bank/", bank.bank, name="bank"),
    path("claims/", claims.claim_list, name="claim_list"),
    path("claims/<str:number>/", claims.claim_detail, name="claim_detail"),
    path("score/", quality.score, name="score"),
    path("team/", team.team, name="team"),
    path("files/<uuid:pk>/", files.download, name="file"),
]
