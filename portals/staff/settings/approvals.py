"""Rules of approval: which kind of document needs which levels, from which amount on, and who decides them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from backend.access.selectors import role_label, roles
from backend.kernel.errors import NotFoundRefused
from backend.workflow.approvals.rules import offered
from backend.workflow.approvals.setup import MANAGE, MOST_LEVELS, RuleData, delete_rule, save_rule
from backend.workflow.models import ApprovalRule
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import StaffForm, staff_choices
from portals.staff.shared.masters import edit_page
from portals.staff.shared.registry import label_of
from portals.ui.components import Action, Crumb
from portals.ui.guards import staff_view

_FIELDS = ("doc_type", "level", "amount_from", "approver")


class RuleForm(StaffForm):
    """One rule; who decides is a role or a person."""

    doc_type = forms.ChoiceField(label=gettext_lazy("Kind of document"))
    level = forms.IntegerField(label=pgettext_lazy("approval", "Level"), min_value=1, max_value=MOST_LEVELS, initial=1)
    amount_from = forms.DecimalField(
        label=gettext_lazy("From this amount on"),
        min_value=0,
        max_digits=16,
        decimal_places=2,
        initial=0,
        help_text=gettext_lazy(
            "Of each level the rule with the highest amount that a document reaches counts. Amounts are in CNY, tax included; "
            "a document in another currency counts at its own rate."
        ),
    )
    approver = forms.ChoiceField(label=gettext_lazy("Who approves"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(doc_type, label_of(doc_type)) for doc_type in offered()]
        self.fields["doc_type"].choices = kinds  # type: ignore[attr-defined]
        by_role = [(f"role:{role.pk}", role_label(role)) for role in roles("staff")]
        by_person = [(f"member:{pk}", name) for pk, name in staff_choices()[1:]]
        self.fields["approver"].choices = [(_("Roles"), by_role), (_("People"), by_person)]  # type: ignore[attr-defined]

    def values(self) -> RuleData:
        clean = self.cleaned_data
        kind, key = clean["approver"].split(":")
        return RuleData(clean["doc_type"], clean["level"], clean["amount_from"], **{f"{kind}_id": UUID(key)})


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(_("Settings"), reverse("staff:settings_home")), *more]


@staff_view("workflow.setting.view")
def approval_rules(request: HttpRequest) -> HttpResponse:
    """Every rule, by kind of document."""
    may = request.actor.may(MANAGE)  # type: ignore[attr-defined]
    found = ApprovalRule.objects.select_related("role", "member").order_by("level", "amount_from", "id")
    by_kind: dict[str, list[dict[str, Any]]] = {doc_type: [] for doc_type in offered()}
    for rule in found:
        who = role_label(rule.role) if rule.role else rule.member.name if rule.member else ""
        by_kind.setdefault(rule.doc_type, []).append({"rule": rule, "who": who})
    url = reverse("staff:settings_approval_new")
    context = {
        "kinds": [{"doc_type": kind, "label": label_of(kind), "rows": rows} for kind, rows in by_kind.items()],
        "may": may,
        "actions": [Action(_("New rule"), url, icon="plus", look="primary")] if may else [],
        "crumbs": _crumbs(),
    }
    return render(request, "staff/settings/approvals.html", context)


def _edit(request: HttpRequest, rule: ApprovalRule | None) -> HttpResponse:
    back = reverse("staff:settings_approvals")
    initial: dict[str, Any] = {"doc_type": request.GET.get("kind", "")}
    if rule:
        who = f"role:{rule.role_id}" if rule.role_id else f"member:{rule.member_id}"
        initial = {"doc_type": rule.doc_type, "level": rule.level, "amount_from": rule.amount_from, "approver": who}
    form = RuleForm(request.POST) if request.method == "POST" else RuleForm(initial=initial)
    return edit_page(
        request,
        form=form,
        sections=[("", _FIELDS)],
        save=lambda: save_rule(data=form.values(), rule_id=rule.pk if rule else None, **who_and_when(request)),
        back=lambda _saved: back,
        title=_("Change the rule") if rule else _("New rule"),
        crumbs=_crumbs(Crumb(_("Approvals"), back)),
        cancel_url=back,
    )


@staff_view(MANAGE)
def approval_rule_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@staff_view(MANAGE)
def approval_rule_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    rule = ApprovalRule.objects.filter(pk=pk).first()
    if rule is None:
        raise NotFoundRefused(_("There is no such rule."), value=pk)
    return _edit(request, rule)


@require_POST
@staff_view(MANAGE)
def approval_rule_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask no more for it."""
    delete_rule(rule_id=pk, **who_and_when(request))
    messages.success(request, _("The rule is gone."))
    return HttpResponseRedirect(reverse("staff:settings_approvals"))
