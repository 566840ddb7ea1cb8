"""Addresses of the sales area of the staff face."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
