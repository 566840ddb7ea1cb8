"""Addresses of logistics."""

from django.urls import path

from portals.staff.logistics import views

urlpatterns = [
    path("", views.overview, name="logistics"),
    path("shipments/", views.ShipmentList.as_view(), name="shipment_list"),
    path("shipments/<uuid:pk>/freight/", views.shipment_freight, name="shipment_freight"),
    path("lanes/new/", views.lane_new, name="lane_new"),
    path("lanes/<uuid:pk>/edit/", views.lane_edit, name="lane_edit"),
    path("lanes/<uuid:pk>/suspension/", views.lane_suspend, name="lane_suspension"),
    path("lanes/<uuid:pk>/suspension/undo/", views.lane_resume, name="lane_resumption"),
]
