"""A new password by mail."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.kernel.errors import Refusal
from portals.public.faces import account_url, refuse
from portals.public.forms import NewPasswordPage, ResetPage
from tenants import passwords, throttle
from tenants.sessions import client_address


def _address(request: Any, name: str) -> str:
    return reverse(f"public:{name}") if request.face == "public" else account_url(request, name)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Any) -> HttpResponse:
    """Ask for a link; the answer is the same for every address."""
    form = ResetPage(request.POST or None, initial={"email": request.GET.get("email", "")})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            email = form.cleaned_data["email"]
            try:
                throttle.count_attempt("reset", email=email, address=client_address(request))
                passwords.mail_reset_link(
                    email=email, address=request.build_absolute_uri(_address(request, "password_reset"))
                )
                return render(request, "public/password_sent.html", {"email": email})
            except Refusal as refusal:
                status = refuse(form, refusal)
    return render(request, "public/password_ask.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: Any, key: str, token: str) -> HttpResponse:
    """Set the new password behind a mailed link."""
    identity = passwords.identity_of_link(key=key, token=token)
    form = NewPasswordPage(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                passwords.set_password(identity=identity, password=form.cleaned_data["password"], at=timezone.now())
                messages.success(request, _("The new password is set. Sign in with it."))
                return HttpResponseRedirect(_address(request, "signin"))
            except Refusal as refusal:
                status = refuse(form, refusal)
    return render(request, "public/password_choose.html", {"form": form, "identity": identity}, status=status)
