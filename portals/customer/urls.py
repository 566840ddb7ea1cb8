"""Addresses of the customer portal."""

from django.urls import path

from portals.customer.views import consignments, files, home, invoices, orders, quotes, returns, team, tickets

app_name = "customer"
urlpatterns = [
    path("", home.home, name="home"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/<str:number>/", orders.order_detail, name="order_detail"),
    path("orders/<str:number>/messages/", orders.write, name="order_message"),
    path("deliveries/<str:number>/", orders.delivery_detail, name="delivery_detail"),
    path("deliveries/<str:number>/signature/", orders.sign, name="delivery_sign"),
    path("returns/", returns.return_list, name="return_list"),
    path("returns/new/", returns.return_new, name="return_new"),
    path("returns/<str:number>/", returns.return_detail, name="return_detail"),
    path("consignments/", consignments.consignment_list, name="consignment_list"),
    path("consignments/new/", consignments.consignment_new, name="consignment_new"),
    path("consignments/<str:number>/", consignments.consignment_detail, name="consignment_detail"),
    path("quotes/<str:number>/", quotes.quote_detail, name="quote_detail"),
    path("quotes/<str:number>/decision/", quotes.decide, name="quote_decide"),
    path("tickets/", tickets.ticket_list, name="ticket_list"),
    path("tickets/new/", tickets.ticket_new, name="ticket_new"),
    path("tickets/<str:number>/", tickets.ticket_detail, name="ticket_detail"),
    path("tickets/<str:number>/messages/", tickets.reply, name="ticket_reply"),
    path("tickets/<str:number>/settlement/", tickets.settle, name="ticket_settle"),
    path("invoices/", invoices.invoice_list, name="invoice_list"),
    path("invoices/<str:number>/", invoices.invoice_detail, name="invoice_detail"),
    path("statements/<str:number>/", invoices.statement_detail, name="statement_detail"),
    path("statements/<str:number>/lines/<uuid:line_id>/", invoices.statement_line, name="statement_line"),
    path("statements/<str:number>/signature/", invoices.statement_sign, name="statement_sign"),
    path("statements/<str:number>/list/", invoices.statement_list, name="statement_list"),
    path("statements/<str:number>/differences/", invoices.statement_rest, name="statement_rest"),
    path("statements/<str:number>/differences/<uuid:pk>/", invoices.statement_difference, name="statement_difference"),
    path("team/", team.team, name="team"),
    path("files/<uuid:pk>/", files.download, name="file"),
]
