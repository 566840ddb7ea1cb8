"""Sign-up: the form, the page that says mail is on its way, the link of the mail."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from backend.kernel.errors import Refusal
from portals.public.faces import refuse
from portals.public.forms import SignUpPage
from tenants import directory, passwords, signin, signup, slugs, throttle
from tenants.sessions import client_address


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The sign-up form; a right one answers with the same page for every e-mail."""
    form = SignUpPage(request.POST or None, initial={"with_demo_data": True})
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.method == "POST":
        try:
            throttle.count_attempt("signup", email=form.cleaned_data["email"], address=client_address(request))
            signup.start_signup(form=_typed(form), at=timezone.now())
            return render(request, "public/signup_sent.html", {"email": form.cleaned_data["email"]})
        except Refusal as refusal:
            status = refuse(form, refusal)
    return render(request, "public/signup.html", {"form": form, "domain": settings.BASE_DOMAIN}, status=status)


def _typed(form: SignUpPage) -> signup.SignUpForm:
    values = form.cleaned_data
    passwords.check_strength(values["password"])
    slug = values["slug"].strip().lower() or slugs.free_slug(slugs.slug_of(values["company"]))
    return signup.SignUpForm(
        email=values["email"],
        name=values["name"],
        company=values["company"],
        slug=slug,
        password=values["password"],
        language=get_language() or settings.LANGUAGE_CODE,
        industry=values["industry"],
        taxpayer_type=values["taxpayer_type"],
        time_zone=values["time_zone"],
        with_demo_data=values["with_demo_data"],
    )


@require_safe
def address(request: HttpRequest) -> HttpResponse:
    """The address field filled from the company's name, or what is wrong with a typed one (swapped in by htmx)."""
    typed = request.GET.get("slug", "").strip().lower()
    company = request.GET.get("company", "").strip()
    edited = request.GET.get("edited") == "1" and bool(typed)
    problem = ""
    if not edited:
        typed = slugs.free_slug(slugs.slug_of(company)) if company else ""
    else:
        try:
            slugs.check_slug(typed)
        except Refusal as refusal:
            problem = f"{refusal.message} {refusal.way_out or ''}"
    context = {"slug": typed, "problem": problem, "edited": edited, "domain": settings.BASE_DOMAIN}
    return render(request, "public/parts/address.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail. Reading it makes nothing (mail scanners read links); the page posts itself."""
    now = timezone.now()
    row = signup.find_signup(token=token, at=now)
    if row.tenant is not None:
        return _already(request, row.tenant)
    if request.method != "POST":
        return render(request, "public/verify.html", {"row": row})
    done = signup.complete_signup(token=token, at=now)
    if done.known:
        return _already(request, done.tenant)
    membership = signin.memberships_here(done.identity, done.tenant, "staff")[0]
    return HttpResponseRedirect(signin.crossing_url(membership))


def _already(request: HttpRequest, tenant: object) -> HttpResponse:
    """The company is there and its owner signs in with the password known to him."""
    messages.info(request, _("Your company is ready. Sign in to open it."))
    return HttpResponseRedirect(directory.company_url(tenant, "/signin/"))
