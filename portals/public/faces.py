"""Addresses and layouts of account pages on the face they are shown on."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backend.kernel.errors import Refusal

_LAYOUTS = {"staff": "ui/staff.html", "supplier": "ui/portal.html", "customer": "ui/portal.html"}


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
    """An account page inside the layout of its face."""
    face = getattr(request, "face", "staff")
    member = getattr(request, "member", None)
    shared = {
        "layout": _LAYOUTS.get(face, "ui/public.html"),
        "party_name": getattr(getattr(member, "party", None), "name", ""),
        "tabs": ("profile", "security", "sessions", "companies"),
    }
    return render(request, template, {**shared, **context}, status=status)
