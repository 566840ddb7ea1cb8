"""Addresses of suppliers."""

from django.urls import path

from portals.staff.suppliers import applications, bank, claims, qualification, scores, views
from portals.staff.suppliers.tables import SupplierList

urlpatterns = [
    path("", SupplierList.as_view(), name="supplier_list"),
    path("new/", views.supplier_new, name="supplier_new"),
    path("applications/", applications.ApplicationList.as_view(), name="supplier_application_list"),
    path("applications/<uuid:pk>/", applications.application, name="supplier_application"),
    path("applications/<uuid:pk>/acceptance/", applications.application_accept, name="supplier_application_accept"),
    path("applications/<uuid:pk>/refusal/", applications.application_decline, name="supplier_application_decline"),
    path("invite/", applications.invite_new, name="supplier_invite_new"),
    path("document-types/", applications.document_types, name="supplier_document_types"),
    path("document-types/new/", applications.document_type_new, name="supplier_document_type_new"),
    path("document-types/<uuid:pk>/", applications.document_type_edit, name="supplier_document_type"),
    path("<uuid:pk>/qualification/", qualification.page, name="supplier_qualification"),
    path("<uuid:pk>/documents/", qualification.upload, name="supplier_document_new"),
    path("<uuid:pk>/documents/<uuid:document>/acceptance/", qualification.accept, name="supplier_document_accept"),
    path("<uuid:pk>/documents/<uuid:document>/refusal/", qualification.reject, name="supplier_document_reject"),
    path("<uuid:pk>/bank/", bank.page, name="supplier_bank"),
    path("<uuid:pk>/bank-accounts/", bank.ask, name="supplier_bank_ask"),
    path("<uuid:pk>/bank-accounts/<uuid:account>/acceptance/", bank.approve, name="supplier_bank_approve"),
    path("<uuid:pk>/bank-accounts/<uuid:account>/refusal/", bank.reject, name="supplier_bank_reject"),
    path("claims/", claims.ClaimList.as_view(), name="claim_list"),
    path("claims/new/", claims.claim_new, name="claim_new"),
    path("claims/<str:number>/", claims.claim_detail, name="claim_detail"),
    path("claims/<str:number>/acceptance/", claims.claim_accept, name="claim_acceptance"),
    path("claims/<str:number>/return/", claims.claim_return, name="claim_return"),
    path("claims/<str:number>/cancellation/", claims.claim_cancel, name="claim_cancel"),
    path("scores/", scores.ScoreList.as_view(), name="supplier_score_list"),
    path("cycle-times/", scores.cycle_times, name="supplier_cycle_times"),
    path("<uuid:pk>/score/", scores.page, name="supplier_score"),
    path("<uuid:pk>/state/", qualification.take_step, name="supplier_step"),
    path("<uuid:pk>/", views.supplier_detail, name="supplier_detail"),
    path("<uuid:pk>/edit/", views.supplier_edit, name="supplier_edit"),
    path("<uuid:pk>/invitations/", views.supplier_invite, name="supplier_invite"),
    path("<uuid:pk>/invitations/<uuid:invitation>/revoke/", views.supplier_uninvite, name="supplier_uninvite"),
    path("<uuid:pk>/members/<uuid:member>/off/", views.supplier_member_off, name="supplier_member_off"),
]
