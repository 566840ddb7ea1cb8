"""Signing in on a company's faces and on the public host, second factor, crossing between hosts, signing out."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.kernel.errors import Refusal
from portals.public.faces import account_url, refuse
from portals.public.forms import CodePage, SignInPage
from portals.ui.views import safe_next
from tenants import signin
from tenants.models import Identity


def _home(request: Any) -> str:
    return signin.FACE_HOME.get(request.face, "/companies/")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Any) -> HttpResponse:
    """E-mail and password, on every face and on the public host."""
    if request.identity is not None and request.method != "POST":
        return HttpResponseRedirect(safe_next(request, _home(request)))
    form = SignInPage(request.POST or None, initial={"next": request.GET.get("next", "")})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                checked = signin.check_password(
                    request, email=form.cleaned_data["email"], password=form.cleaned_data["password"]
                )
                if checked.stage:
                    return _ask_for_code(request, checked.stage)
                return _enter(request, checked.identity)
            except Refusal as refusal:
                status = refuse(form, refusal)
    return render(request, "public/signin.html", {"form": form}, status=status)


def _ask_for_code(request: HttpRequest, stage: str) -> HttpResponse:
    form = CodePage(initial={"stage": stage, "next": request.POST.get("next", "")})
    return render(request, "public/signin_code.html", {"form": form})


@never_cache
@require_POST
def code(request: Any) -> HttpResponse:
    """The second factor, after the right password."""
    form = CodePage(request.POST)
    status = 400
    if form.is_valid():
        try:
            identity = signin.check_code(request, stage=form.cleaned_data["stage"], code=form.cleaned_data["code"])
            return _enter(request, identity)
        except Refusal as refusal:
            status = refuse(form, refusal)
    return render(request, "public/signin_code.html", {"form": form}, status=status)


def _enter(request: Any, identity: Identity) -> HttpResponse:
    """Open the session: on a company's face for the membership there, on the public host for the choice of companies."""
    if request.face == "public":
        signin.open_session(request, identity=identity, membership=None)
        memberships = signin.all_memberships(identity)
        if len(memberships) == 1:
            return HttpResponseRedirect(signin.crossing_url(memberships[0]))
        return HttpResponseRedirect("/companies/")
    here = signin.memberships_here(identity, request.tenant, request.face)
    if not here:
        raise signin.not_a_member(request.tenant)
    signin.open_session(request, identity=identity, membership=here[0])
    return HttpResponseRedirect(safe_next(request, _home(request)))


@never_cache
@require_safe
def token(request: Any, token: str) -> HttpResponse:
    """Arrive from another host with a one-time token."""
    target = signin.cross(request, token=token, at=timezone.now())
    return HttpResponseRedirect(target if target.startswith("/") and not target.startswith("//") else _home(request))


@require_POST
def sign_out(request: Any) -> HttpResponse:
    signin.close_session(request)
    return HttpResponseRedirect("/" if request.face == "public" else account_url(request, "signin"))


@never_cache
@require_safe
def companies(request: Any) -> HttpResponse:
    """The companies of the signed-in person, on the public host."""
    if request.identity is None:
        return HttpResponseRedirect("/signin/")
    memberships = signin.all_memberships(request.identity)
    return render(request, "public/companies.html", {"memberships": memberships})


@never_cache
@require_POST
def go(request: Any, membership_id: Any) -> HttpResponse:
    """Go to one of one's companies from the public host."""
    if request.identity is None:
        return HttpResponseRedirect("/signin/")
    from portals.public.views.account import own_membership

    return HttpResponseRedirect(signin.crossing_url(own_membership(request, membership_id)))
