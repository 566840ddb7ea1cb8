"""Addresses of the settings area of the staff face."""

from django.urls import path

from portals.staff.settings import approvals, company, costing, people

urlpatterns = [
    path("", company.home, name="settings_home"),
    path("parameters/", company.parameter_page, name="settings_parameters"),
    path("numbering/", company.numbering, name="settings_numbering"),
    path("numbering/<str:doc_type>/", company.numbering_edit, name="settings_numbering_edit"),
    path("approvals/", approvals.approval_rules, name="settings_approvals"),
    path("approvals/new/", approvals.approval_rule_new, name="settings_approval_new"),
    path("approvals/<uuid:pk>/", approvals.approval_rule_edit, name="settings_approval_edit"),
    path("approvals/<uuid:pk>/removal/", approvals.approval_rule_delete, name="settings_approval_delete"),
    path("accounts/", company.funds, name="settings_funds"),
    path("accounts/new/", company.fund_new, name="settings_fund_new"),
    path("accounts/<uuid:pk>/", company.fund_edit, name="settings_fund_edit"),
    path("costing/", costing.methods, name="settings_costing"),
    path("costing/<uuid:pk>/", costing.method_of, name="settings_costing_method"),
    path("members/", people.member_list, name="settings_members"),
    path("members/invite/", people.invite, name="settings_invite"),
    path("members/invitations/<uuid:pk>/revoke/", people.uninvite, name="settings_uninvite"),
    path("members/<uuid:pk>/", people.member_detail, name="settings_member"),
    path("members/<uuid:pk>/roles/", people.member_roles, name="settings_member_roles"),
    path("members/<uuid:pk>/off/", people.member_off, name="settings_member_off"),
    path("members/<uuid:pk>/on/", people.member_on, name="settings_member_on"),
    path("roles/", people.role_list, name="settings_roles"),
    path("roles/new/", people.role_new, name="settings_role_new"),
    path("roles/<uuid:pk>/", people.role_edit, name="settings_role_edit"),
    path("roles/<uuid:pk>/removal/", people.role_delete, name="settings_role_delete"),
    path("tokens/", people.tokens, name="settings_tokens"),
    path("tokens/<uuid:pk>/revoke/", people.token_revoke, name="settings_token_revoke"),
]
