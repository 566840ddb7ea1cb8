"""Addresses for messages, files and the whole flow of documents."""

from django.urls import path

from portals.staff.discussion import views

urlpatterns = [
    path("<str:doc_type>/<uuid:pk>/messages/", views.message_add, name="message_add"),
    path("<str:doc_type>/<uuid:pk>/files/", views.file_add, name="file_add"),
    path("<str:doc_type>/<uuid:pk>/flow/", views.document_flow, name="document_flow"),
]
