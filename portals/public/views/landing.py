"""Pages anybody may read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.plans import offers


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "public/landing.html", {"plans": offers(), "current": "landing"})


@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    return render(request, "public/plans.html", {"plans": offers(), "current": "plans"})


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "public/terms.html", {})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "public/privacy.html", {})
