"""Addresses and layouts of account pages on the face they are shown on."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.module_loading import import_string

from backend.kernel.errors import Refusal


def account_url(request: Any, name: str, *args: Any) -> str:
    """The address of an account page on the request's own face."""
    face = request.face if request.face in {"supplier", "customer"} else ""
    return reverse(f"{face}_accounts:{name}" if face else f"accounts:{name}", args=args)


def refuse(form: Any, refusal: Refusal) -> int:
    """Put a refusal's problems beside the fields they are about; returns the status of the answer."""
    for problem in refusal.problems:
        words = f"{problem.message} {problem.way_out or ''}".strip()
        form.add_error(problem.field if problem.field in form.fields else None, words)
    return refusal.status


def render_account(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """An account page inside the frame of its face: a portal draws its own navigation around it."""
    face = getattr(request, "face", "staff")
    if face not in settings.PORTAL_PAGES:
        return render(request, template, {"layout": "ui/staff.html", **context}, status=status)
    page = import_string(settings.PORTAL_PAGES[face])
    response: HttpResponse = page(request, template, "", {"layout": "ui/portal.html", **context})
    response.status_code = status
    return response
