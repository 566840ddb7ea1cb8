"""Accounts on a company's host: the same addresses under each face, since each face has a session cookie of its own."""

from django.urls import include, path

from portals.public.views import account, invitation, passwords, signin, subscription

_ACCOUNTS = [
    path("signin/", signin.sign_in, name="signin"),
    path("signin/code/", signin.code, name="signin_code"),
    path("signin/token/<str:token>/", signin.token, name="signin_token"),
    path("signout/", signin.sign_out, name="signout"),
    path("password/reset/", passwords.ask, name="password_reset"),
    path("password/reset/<str:key>/<str:token>/", passwords.choose, name="password_choose"),
    path("invitation/<str:token>/", invitation.accept, name="invitation"),
    path("account/", account.profile, name="profile"),
    path("account/security/", account.security, name="security"),
    path("account/security/password/", account.password, name="password"),
    path("account/security/second-factor/", account.second_factor_on, name="second_factor"),
    path("account/security/second-factor/off/", account.second_factor_off, name="second_factor_off"),
    path("account/security/recovery-codes/", account.recovery_codes, name="recovery_codes"),
    path("account/sessions/", account.sessions, name="sessions"),
    path("account/sessions/end/", account.end_session, name="end_session"),
    path("account/companies/", account.companies, name="companies"),
    path("account/switch/<uuid:membership_id>/", account.switch, name="switch"),
]
_STAFF_ONLY = [
    path("subscription/", subscription.overview, name="subscription"),
    path("subscription/buy/", subscription.buy, name="subscription_buy"),
    path("subscription/portal/", subscription.portal, name="subscription_portal"),
    path("subscription/export/", subscription.export, name="export"),
    path("subscription/done/", subscription.done, name="subscription_done"),
]

urlpatterns = [
    path("", include(([*_ACCOUNTS, *_STAFF_ONLY], "accounts"))),
    path("supplier/", include((_ACCOUNTS, "accounts"), namespace="supplier_accounts")),
    path("customer/", include((_ACCOUNTS, "accounts"), namespace="customer_accounts")),
]
