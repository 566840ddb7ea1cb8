"""Colleagues of the customer: who may do what, and inviting others."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backend.access.models import Member, Role
from backend.access.selectors import role_label, with_roles
from backend.access.services import invite_member
from backend.kernel.errors import Refusal, ValidationRefused
from portals.customer.frame import page, who_and_when
from portals.ui import typed as reading
from portals.ui.guards import customer_view


@require_http_methods(["GET", "HEAD", "POST"])
@customer_view("customer.member.manage")
def team(request: HttpRequest) -> HttpResponse:
    """The colleagues with their roles; a form to invite another."""
    if request.method != "POST":
        return _draw(request)
    try:
        _invite(request)
    except Refusal as refusal:
        return _draw(request, refusal)
    messages.success(request, _("The invitation is on its way."))
    return redirect("customer:team")


def _invite(request: HttpRequest) -> None:
    email = reading.words(request.POST, "email", 254)
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationRefused(_("This is not an e-mail address."), field="email", value=email) from None
    codes = [role.code for role in _roles() if role.code in request.POST.getlist("role")]
    invite_member(
        email=email,
        kind="customer",
        party_id=request.actor.party_id,  # type: ignore[attr-defined]
        role_codes=codes,
        name=reading.words(request.POST, "name", 60),
        language=request.LANGUAGE_CODE,
        **who_and_when(request),
    )


def _roles() -> list[Any]:
    return list(Role.objects.filter(kind="customer").order_by("code"))


def _draw(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    found = Member.objects.filter(kind="customer", party_id=request.actor.party_id)  # type: ignore[attr-defined]
    members = list(found.prefetch_related(with_roles()).order_by("-active", "name", "id"))
    for member in members:
        member.role_names = [role_label(role) for role in member.roles.all()]  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "members": members,
        "roles": [(role.code, role_label(role)) for role in _roles()],
        "typed_roles": request.POST.getlist("role") if refusal else [],
    }
    return page(request, "customer/team.html", "team", context, refusal)
