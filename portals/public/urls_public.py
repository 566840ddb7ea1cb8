"""Addresses of the public host."""

from django.urls import path

from portals.public.views import landing, passwords, signin, signup, subscription

app_name = "public"
urlpatterns = [
    path("", landing.landing, name="landing"),
    path("plans/", landing.plan_list, name="plans"),
    path("terms/", landing.terms, name="terms"),
    path("privacy/", landing.privacy, name="privacy"),
    path("signup/", signup.start, name="signup"),
    path("signup/address/", signup.address, name="signup_address"),
    path("signup/verify/<str:token>/", signup.verify, name="signup_verify"),
    path("signin/", signin.sign_in, name="signin"),
    path("signin/code/", signin.code, name="signin_code"),
    path("signout/", signin.sign_out, name="signout"),
    path("companies/", signin.companies, name="companies"),
    path("companies/<uuid:membership_id>/", signin.go, name="company"),
    path("password/reset/", passwords.ask, name="password_reset"),
    path("password/reset/<str:key>/<str:token>/", passwords.choose, name="password_choose"),
    path("stripe/webhook/", subscription.webhook, name="stripe_webhook"),
]
