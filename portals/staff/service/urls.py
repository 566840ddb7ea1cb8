"""Addresses of tickets."""

from django.urls import path

from portals.staff.service import views
from portals.staff.service.tables import TicketList

urlpatterns = [
    path("tickets/", TicketList.as_view(), name="ticket_list"),
    path("tickets/new/", views.ticket_new, name="ticket_new"),
    path("tickets/<str:number>/", views.ticket_detail, name="ticket_detail"),
    path("tickets/<str:number>/replies/", views.ticket_reply, name="ticket_reply"),
    path("tickets/<str:number>/assignment/", views.ticket_assign, name="ticket_assignment"),
    path("tickets/<str:number>/waiting/", views.ticket_wait, name="ticket_waiting"),
    path("tickets/<str:number>/solution/", views.ticket_solve, name="ticket_solution"),
    path("tickets/<str:number>/confirmation/", views.ticket_confirm, name="ticket_confirmation"),
    path("tickets/<str:number>/closing/", views.ticket_close, name="ticket_closing"),
    path("tickets/<str:number>/reopening/", views.ticket_reopen, name="ticket_reopening"),
]
