"""The page behind an invitation's link."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backend.kernel.errors import NotFoundRefused, Refusal
from portals.public.faces import account_url, refuse
from portals.public.forms import JoinKnownPage, JoinPage
from tenants import joining, signin, throttle
from tenants.sessions import client_address


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: Any, token: str) -> HttpResponse:
    """Join the company: a new person sets a password, a known one gives it."""
    now = timezone.now()
    invited = joining.look_up(token=token, at=now)
    if invited.invitation.kind != request.face:
        raise NotFoundRefused(_("This invitation is not valid any more."), code="invitation_gone")
    known = invited.identity is not None
    page = JoinKnownPage if known else JoinPage
    form = page(request.POST or None, initial={"name": invited.invitation.name})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                return _join(request, token, form, now)
            except Refusal as refusal:
                status = refuse(form, refusal)
    context = {"form": form, "invitation": invited.invitation, "known": known}
    return render(request, "public/invitation.html", context, status=status)


def _join(request: Any, token: str, form: Any, now: Any) -> HttpResponse:
    invited = joining.look_up(token=token, at=now)
    throttle.count_attempt("signin", email=invited.invitation.email, address=client_address(request))
    membership = joining.accept(
        token=token,
        name=form.cleaned_data.get("name", ""),
        password=form.cleaned_data["password"],
        language=get_language() or request.tenant.language,
        at=now,
    )
    if membership.identity.has_second_factor:
        messages.success(
            request, _("You have joined %(company)s. Sign in to go on.") % {"company": request.tenant.name}
        )
        return HttpResponseRedirect(account_url(request, "signin"))
    signin.open_session(request, identity=membership.identity, membership=membership)
    messages.success(request, _("Welcome to %(company)s.") % {"company": request.tenant.name})
    return HttpResponseRedirect(signin.FACE_HOME[membership.kind])
