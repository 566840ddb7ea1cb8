"""Addresses of the service area of the staff face."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
