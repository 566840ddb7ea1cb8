"""Members, their roles, what a role may do, and one's own API tokens."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.access import services as access
from backend.access.models import Member, Role
from backend.access.permissions import EVERYTHING, codes_for, rights_of
from backend.access.selectors import members, open_invitations, role_label, roles, tokens_of, with_roles
from backend.access.services.members import reactivate_member
from backend.access.services.roles import delete_role, save_role
from backend.access.services.tokens import issue_token, revoke_token
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.parties.models import Party
from portals.staff.customers.forms import InviteForm
from portals.staff.settings.company import crumbs
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import PickField, StaffForm, put_on
from portals.staff.shared.masters import edit_page
from portals.staff.shared.words import VERBS
from portals.ui import related as ui_related
from portals.ui.components import Action, Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view

MANAGE = "access.member.manage"
KINDS = (
    ("staff", gettext_lazy("Staff")),
    ("supplier", gettext_lazy("Suppliers' people")),
    ("customer", gettext_lazy("Customers' people")),
)


def _kind(request: HttpRequest) -> str:
    asked = request.GET.get("kind", "") or request.POST.get("kind", "")
    return asked if asked in dict(KINDS) else "staff"


@staff_view("access.member.view")
def member_list(request: HttpRequest) -> HttpResponse:
    kind = _kind(request)
    may = request.actor.may(MANAGE)  # type: ignore[attr-defined]
    url = f"{reverse('staff:settings_invite')}?kind={kind}"
    context = {
        "kind": kind,
        "kinds": KINDS,
        "rows": [(row, [role_label(role) for role in row.roles.all()]) for row in members(kind)[:300]],
        "invited": [(row, [role_label(role) for role in row.roles.all()]) for row in open_invitations(kind)[:100]],
        "may": may,
        "actions": [Action(_("Invite"), url, icon="user-plus", look="primary")] if may else [],
        "crumbs": crumbs(),
    }
    return render(request, "staff/settings/members.html", context)


class MemberInvite(InviteForm):
    """An invitation; partners' people belong to a partner."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, kind=kind, **kwargs)
        if kind != "staff":
            self.fields["party_id"] = PickField(
                label=_("Partner"), model=Party, role=f"is_{kind}", url_name=f"staff:find_{kind}s"
            )


@staff_view(MANAGE)
def invite(request: HttpRequest) -> HttpResponse:
    kind = _kind(request)
    form = MemberInvite(request.POST, kind=kind) if request.method == "POST" else MemberInvite(kind=kind)
    back = f"{reverse('staff:settings_members')}?kind={kind}"

    def save() -> Any:
        clean = form.cleaned_data
        return access.invite_member(
            email=clean["email"],
            name=clean["name"],
            kind=kind,
            role_codes=clean["roles"],
            party_id=clean.get("party_id"),
            language=get_language() or "zh-hans",
            **who_and_when(request),
        )

    names = [*(["party_id"] if kind != "staff" else []), "email", "name", "roles"]
    return edit_page(
        request,
        form=form,
        sections=[(dict(KINDS)[kind], names)],
        save=save,
        back=lambda _saved: back,
        title=_("Invite"),
        crumbs=crumbs(Crumb(_("Members"), back)),
        cancel_url=back,
        wide=("roles",),
        lead=_("A link by mail leads to a sign-in of their own."),
    )


@require_POST
@staff_view(MANAGE)
def uninvite(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not open_invitations().filter(pk=pk).exists():
        raise NotFoundRefused(_("There is no such open invitation."), value=pk)
    access.revoke_invitation(invitation_id=pk, **who_and_when(request))
    messages.success(request, _("The invitation is withdrawn; its link does nothing any more."))
    return HttpResponseRedirect(reverse("staff:settings_members"))


# --- a member ------------------------------------------------------------------------------------------------------
def _load_member(pk: UUID) -> Member:
    found = Member.objects.select_related("party").prefetch_related(with_roles()).filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such member."), value=pk)
    return found


def _member_page(request: HttpRequest, member: Member, refusal: Refusal | None = None) -> HttpResponse:
    held = set(request.POST.getlist("roles")) if refusal else {role.code for role in member.roles.all()}
    context = {
        "member": member,
        "choices": [(role.code, role_label(role), role.code in held) for role in roles(member.kind)],
        "may": request.actor.may(MANAGE),  # type: ignore[attr-defined]
        "timeline": ui_related.timeline(member.pk, limit=8, words=VERBS),
        "crumbs": crumbs(Crumb(_("Members"), f"{reverse('staff:settings_members')}?kind={member.kind}")),
        "error": block_of(refusal) if refusal else None,
    }
    return render(request, "staff/settings/member.html", context, status=refusal.status if refusal else 200)


@staff_view("access.member.view")
def member_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _member_page(request, _load_member(pk))


def _member_step(request: HttpRequest, pk: UUID, do: Any, done: Any) -> HttpResponse:
    member = _load_member(pk)
    try:
        do(member_id=member.pk, **who_and_when(request))
    except Refusal as refusal:
        return _member_page(request, member, refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("staff:settings_member", kwargs={"pk": pk}))


@require_POST
@staff_view(MANAGE)
def member_roles(request: HttpRequest, pk: UUID) -> HttpResponse:
    codes = request.POST.getlist("roles")
    return _member_step(request, pk, lambda **who: access.set_roles(role_codes=codes, **who), _("Saved."))


@require_POST
@staff_view(MANAGE)
def member_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _member_step(request, pk, access.deactivate_member, _("Access taken away; open sessions end at once."))


@require_POST
@staff_view(MANAGE)
def member_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _member_step(request, pk, reactivate_member, _("Let in again, with the roles of before."))


# --- roles -----------------------------------------------------------------------------------------------------------
def _areas() -> dict[str, Any]:
    return {
        "sales": _("Sales"),
        "purchasing": _("Purchasing"),
        "inventory": _("Inventory"),
        "availability": _("Promises"),
        "logistics": _("Logistics"),
        "catalog": _("Items and prices"),
        "parties": _("Partners"),
        "service": _("Service"),
        "invoicing": _("Invoices and money"),
        "accounting": _("Books"),
        "reporting": _("Key figures"),
        "workflow": _("Settings"),
        "access": _("Members"),
        "supplier": _("Supplier portal"),
        "customer": _("Customer portal"),
    }


def _groups(kind: str) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """The codes of a kind by area, in the order of the business."""
    names = _areas()
    found: dict[str, list[tuple[str, Any]]] = {key: [] for key in names}
    for code, label in codes_for(kind).items():
        found.setdefault(code.split(".")[0], []).append((code, label))
    return [(names.get(area, area), codes) for area, codes in found.items() if codes]


@staff_view("access.member.view")
def role_list(request: HttpRequest) -> HttpResponse:
    """The matrix: every right in a row, every role in a column."""
    kind = _kind(request)
    found = list(roles(kind))
    held = {role.pk: rights_of(role) for role in found}
    groups = []
    for area, codes in _groups(kind):
        rows = [
            {"code": code, "label": label, "cells": [bool({code, EVERYTHING} & held[role.pk]) for role in found]}
            for code, label in codes
        ]
        groups.append({"area": area, "rows": rows})
    may = request.actor.may(MANAGE)  # type: ignore[attr-defined]
    url = f"{reverse('staff:settings_role_new')}?kind={kind}"
    context = {
        "kind": kind,
        "kinds": KINDS,
        "roles": [(role, role_label(role)) for role in found],
        "groups": groups,
        "span": len(found) + 1,
        "may": may,
        "actions": [Action(_("New role"), url, icon="plus", look="primary")] if may else [],
        "crumbs": crumbs(),
    }
    return render(request, "staff/settings/roles.html", context)


def _role_page(request: HttpRequest, role: Role | None, kind: str) -> HttpResponse:
    chosen, name = (set(role.permissions), role.name) if role else (set(), "")
    copied = Role.objects.filter(code=request.GET.get("copy", ""), kind=kind).first()
    if copied is not None:
        rights = rights_of(copied)
        chosen = set(codes_for(kind)) if EVERYTHING in rights else set(rights)
    error, status = None, 200
    if request.method == "POST":
        chosen, name = set(request.POST.getlist("permissions")), request.POST.get("name", "")
        try:
            save_role(
                name=name, kind=kind, permissions=chosen, role_id=role.pk if role else None, **who_and_when(request)
            )
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(f"{reverse('staff:settings_roles')}?kind={kind}")
    groups = [(area, [(code, label, code in chosen) for code, label in codes]) for area, codes in _groups(kind)]
    context = {
        "role": role,
        "name": name,
        "kind": kind,
        "groups": groups,
        "copies": [(each.code, role_label(each)) for each in roles(kind)] if role is None else [],
        "error": error,
        "title": _("Change %(name)s") % {"name": role.name} if role else _("New role"),
        "crumbs": crumbs(Crumb(_("Roles and rights"), f"{reverse('staff:settings_roles')}?kind={kind}")),
    }
    return render(request, "staff/settings/role.html", context, status=status)


@staff_view(MANAGE)
def role_new(request: HttpRequest) -> HttpResponse:
    return _role_page(request, None, _kind(request))


def _own_role(pk: UUID) -> Role:
    found = Role.objects.filter(pk=pk, is_builtin=False).first()
    if found is None:
        raise NotFoundRefused(_("There is no such role of your own."), value=pk)
    return found


@staff_view(MANAGE)
def role_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    role = _own_role(pk)
    return _role_page(request, role, role.kind)


@require_POST
@staff_view(MANAGE)
def role_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    role = _own_role(pk)
    delete_role(role_id=pk, **who_and_when(request))
    messages.success(request, _("%(name)s is removed.") % {"name": role.name})
    return HttpResponseRedirect(f"{reverse('staff:settings_roles')}?kind={role.kind}")


# --- tokens ------------------------------------------------------------------------------------------------------------
class TokenForm(StaffForm):
    name = forms.CharField(label=gettext_lazy("What uses it"), max_length=60)
    days = forms.ChoiceField(
        label=gettext_lazy("Ends"),
        choices=[
            ("30", gettext_lazy("in 30 days")),
            ("90", gettext_lazy("in 90 days")),
            ("365", gettext_lazy("in a year")),
        ],
        initial="90",
    )


@staff_view("access.token.manage")
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one is shown this once."""
    actor = request.actor  # type: ignore[attr-defined]
    form, secret, error, status = TokenForm(), "", None, 200
    if request.method == "POST":
        form, status = TokenForm(request.POST), 400
        if form.is_valid():
            who = who_and_when(request)
            ends = who["at"] + timedelta(days=int(form.cleaned_data["days"]))
            try:
                _token, secret = issue_token(
                    member_id=actor.member_id, name=form.cleaned_data["name"], expires_at=ends, **who
                )
                form, status = TokenForm(), 200
            except Refusal as refusal:
                error, status = put_on(form, refusal), refusal.status
    context = {
        "form": form,
        "secret": secret,
        "error": error,
        "rows": list(tokens_of(actor.member_id)[:50]),
        "crumbs": crumbs(),
    }
    response = render(request, "staff/settings/tokens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@staff_view("access.token.manage")
def token_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    revoke_token(token_id=pk, **who_and_when(request))
    messages.success(request, _("The token does nothing any more."))
    return HttpResponseRedirect(reverse("staff:settings_tokens"))
