"""Addresses of the home page."""

from django.urls import path

from portals.staff.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sample-data/", views.sample_data_state, name="home_sample_data"),
]
