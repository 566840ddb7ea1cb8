"""Account pages: profile, password and second factor, sessions, companies. The same on every face."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.access import services as access
from backend.kernel.errors import Refusal
from backend.kernel.tenancy import in_public
from portals.public.faces import account_url, refuse, render_account
from portals.public.forms import ChangePasswordPage, PasswordPage, ProfilePage, TurnOnPage
from portals.public.guards import signed_in
from tenants import passwords, second_factor, selectors, signin
from tenants.models import Identity, Membership

_YEAR = 365 * 24 * 3600
_SEAL = "troika.totp-setup"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: Any) -> HttpResponse:
    """Name and language."""
    member = request.member
    form = ProfilePage(request.POST or None, initial={"name": member.name, "language": member.language})
    if request.method == "POST" and form.is_valid():
        name, language = form.cleaned_data["name"], form.cleaned_data["language"]
        access.change_member(member_id=member.pk, name=name, language=language, actor=request.actor, at=timezone.now())
        with in_public():
            Identity.objects.filter(pk=request.identity.pk).update(name=name, language=language)
        request.session["language"] = language
        with override(language):
            messages.success(request, _("Saved."))
        response = HttpResponseRedirect(account_url(request, "profile"))
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR, samesite="Lax", secure=request.is_secure()
        )
        return response
    status = 400 if form.is_bound else 200
    return render_account(request, "public/account/profile.html", {"form": form, "tab": "profile"}, status)


@never_cache
@signed_in
@require_safe
def security(request: Any) -> HttpResponse:
    """Password and second factor."""
    return _security(request)


def _security(request: Any, status: int = 200, **context: Any) -> HttpResponse:
    shown = {
        "tab": "security",
        "password_form": ChangePasswordPage(prefix="change"),
        "off_form": PasswordPage(prefix="off"),
        "recovery_left": len(request.identity.recovery_digests),
    }
    return render_account(request, "public/account/security.html", {**shown, **context}, status)


@never_cache
@sensitive_post_parameters()
@signed_in
@require_POST
def password(request: Any) -> HttpResponse:
    """Change the password; the other sessions end."""
    form = ChangePasswordPage(request.POST, prefix="change")
    status = 400
    if form.is_valid():
        try:
            passwords.change_password(
                identity=request.identity,
                old=form.cleaned_data["old"],
                new=form.cleaned_data["password"],
                at=timezone.now(),
                keep_session=request.session.session_key,
            )
            messages.success(request, _("The password is changed. You are signed out everywhere else."))
            return HttpResponseRedirect(account_url(request, "security"))
        except Refusal as refusal:
            status = refuse(form, refusal)
    return _security(request, status, password_form=form)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_on(request: Any) -> HttpResponse:
    """Turn the second factor on: a QR code to scan, a first code to type. The secret waits sealed in the form."""
    if request.identity.has_second_factor:
        return HttpResponseRedirect(account_url(request, "security"))
    if request.method != "POST":
        return _show_secret(request, second_factor.new_secret())
    form = TurnOnPage(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        secret = signing.loads(form.cleaned_data["sealed"], salt=f"{_SEAL}.{request.identity.pk}", max_age=1800)
    except signing.BadSignature:
        return HttpResponseRedirect(account_url(request, "second_factor"))
    try:
        with in_public():
            codes = second_factor.turn_on(
                identity=request.identity, secret=secret, code=form.cleaned_data["code"], at=timezone.now()
            )
    except Refusal as refusal:
        return _show_secret(request, secret, form, refuse(form, refusal))
    return render_account(request, "public/account/recovery_codes.html", {"codes": codes, "tab": "security"})


def _show_secret(request: Any, secret: str, form: TurnOnPage | None = None, status: int = 200) -> HttpResponse:
    sealed = signing.dumps(secret, salt=f"{_SEAL}.{request.identity.pk}")
    uri = second_factor.provisioning_uri(identity=request.identity, secret=secret)
    context = {
        "form": form or TurnOnPage(initial={"sealed": sealed}),
        "qr": second_factor.qr_svg(uri),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "tab": "security",
    }
    return render_account(request, "public/account/second_factor.html", context, status)


@never_cache
@sensitive_post_parameters()
@signed_in
@require_POST
def second_factor_off(request: Any) -> HttpResponse:
    """Turn the second factor off; needs the password."""
    form = PasswordPage(request.POST, prefix="off")
    if form.is_valid() and request.identity.check_password(form.cleaned_data["old"]):
        with in_public():
            second_factor.turn_off(identity=request.identity)
        messages.success(request, _("The second factor is off."))
        return HttpResponseRedirect(account_url(request, "security"))
    if form.is_valid():
        form.add_error("old", _("The present password is not right."))
    return _security(request, 400, off_form=form)


@never_cache
@signed_in
@require_POST
def recovery_codes(request: Any) -> HttpResponse:
    """Ten new recovery codes."""
    if not request.identity.has_second_factor:
        raise Http404
    with in_public():
        codes = second_factor.renew_recovery_codes(identity=request.identity)
    return render_account(request, "public/account/recovery_codes.html", {"codes": codes, "tab": "security"})


@never_cache
@signed_in
@require_safe
def sessions(request: Any) -> HttpResponse:
    """Where one is signed in."""
    rows = signin.sessions_of(request.identity)
    context = {"rows": rows, "here": request.session.session_key, "tab": "sessions"}
    return render_account(request, "public/account/sessions.html", context)


@signed_in
@require_POST
def end_session(request: Any) -> HttpResponse:
    """End one session, or all others."""
    if request.POST.get("all"):
        signin.end_other_sessions(identity=request.identity, keep=request.session.session_key)
    else:
        wanted = request.POST.get("session", "")
        for row in signin.sessions_of(request.identity):
            if row.mark == wanted and row.session_key != request.session.session_key:
                signin.end_session(identity=request.identity, session_key=row.session_key)
    messages.success(request, _("Signed out there."))
    return HttpResponseRedirect(account_url(request, "sessions"))


@never_cache
@signed_in
@require_safe
def companies(request: Any) -> HttpResponse:
    """The companies one belongs to, with a way to each."""
    context = {"memberships": signin.all_memberships(request.identity), "tab": "companies"}
    return render_account(request, "public/account/companies.html", context)


@never_cache
@signed_in
@require_safe
def switch(request: Any, membership_id: UUID) -> HttpResponse:
    """Go to another of one's companies, signed in there by a one-time token."""
    return HttpResponseRedirect(signin.crossing_url(own_membership(request, membership_id)))


def own_membership(request: Any, membership_id: UUID) -> Membership:
    membership = selectors.membership_of(request.identity, membership_id)
    if membership is None:
        raise Http404
    return membership
