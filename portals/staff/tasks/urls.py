"""Addresses of to-dos and notifications."""

from django.urls import path

from portals.staff.tasks import views

urlpatterns = [
    path("", views.task_list, name="task_list"),
    path("<uuid:pk>/done/", views.task_done, name="task_done"),
    path("notifications/", views.notification_list, name="notification_list"),
    path("notifications/recent/", views.notification_recent, name="notification_recent"),
    path("notifications/read/", views.notification_read, name="notification_read"),
    path("notifications/<uuid:pk>/", views.notification_open, name="notification_open"),
]
