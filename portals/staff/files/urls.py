"""The address of a file."""

from django.urls import path

from portals.staff.files import views

urlpatterns = [path("<uuid:pk>", views.download, name="file")]
