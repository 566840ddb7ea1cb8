"""What waits for the reader's approval, and who stands in for whom while somebody is away."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.workflow.approvals import reads
from backend.workflow.approvals.reads import substitutions_of
from backend.workflow.approvals.setup import MANAGE, DelegationData, end_delegation, save_delegation
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import StaffForm, put_on, staff_choices
from portals.staff.shared.masters import edit_page
from portals.staff.shared.registry import kind_of, label_of
from portals.ui.components import Crumb
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address

_MOST_DELEGATIONS = 100


class SubstituteForm(StaffForm):
    """Who is away, and who decides in the meantime."""

    person_id = forms.ChoiceField(label=gettext_lazy("Who is away"))
    substitute_id = forms.ChoiceField(label=gettext_lazy("Who stands in"))
    date_from = forms.DateField(label=gettext_lazy("From"), widget=DateInput())
    date_to = forms.DateField(label=gettext_lazy("Until"), widget=DateInput())
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = staff_choices()
        mine = [choice for choice in people if choice[0] == str(actor.member_id)]
        self.fields["person_id"].choices = people if actor.may(MANAGE) else mine  # type: ignore[attr-defined]
        self.fields["substitute_id"].choices = people  # type: ignore[attr-defined]

    def data_given(self) -> DelegationData:
        clean = dict(self.cleaned_data)
        return DelegationData(**clean | {name: UUID(clean[name]) for name in ("person_id", "substitute_id")})


@staff_view()
def approval_list(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: HttpRequest, form: SubstituteForm | None = None, error: Any = None, status: int = 200
) -> HttpResponse:
    actor, today = request.actor, clock.today()  # type: ignore[attr-defined]
    form = form or SubstituteForm(
        actor=actor, initial={"person_id": str(actor.member_id or ""), "date_from": today, "date_to": today}
    )
    delegations = substitutions_of(actor).filter(date_to__gte=today)
    context = {
        "rows": [_row(step) for step in reads.waiting_for(actor, today)],
        "form": form,
        "error": error,
        "today": today,
        "delegations": delegations.order_by("date_from", "id")[:_MOST_DELEGATIONS],
        "crumbs": [Crumb(_("Tasks"), reverse("staff:task_list"))],
    }
    return render(request, "staff/approvals/approvals.html", context, status=status)


def _row(step: Any) -> dict[str, Any]:
    approval = step.approval
    kind = kind_of(approval.subject_type)
    return {
        "step": step,
        "kind": label_of(approval.subject_type),
        "icon": kind.icon if kind else "checklist",
        "url": document_address(approval.subject_type, approval.subject_number),
    }


@require_POST
@staff_view()
def substitute_new(request: HttpRequest) -> HttpResponse:
    """Name a substitute; to-dos move at once."""
    form = SubstituteForm(request.POST, actor=request.actor)  # type: ignore[attr-defined]
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        save_delegation(data=form.data_given(), **who_and_when(request))
    except Refusal as refusal:
        return _page(request, form, put_on(form, refusal), refusal.status)
    messages.success(request, _("Kept: what waits for the one waits for the other in the meantime."))
    return HttpResponseRedirect(reverse("staff:approval_list"))


@staff_view()
def substitute_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody else stands in, or on other days."""
    actor, back = request.actor, reverse("staff:approval_list")  # type: ignore[attr-defined]
    found = substitutions_of(actor).filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such substitution."), value=pk)
    initial = {name: getattr(found, name) for name in ("person_id", "substitute_id", "date_from", "date_to", "reason")}
    form = SubstituteForm(request.POST or None, actor=actor, initial=initial)
    return edit_page(
        request,
        form=form,
        sections=[("", tuple(form.fields))],
        save=lambda: save_delegation(data=form.data_given(), delegation_id=pk, **who_and_when(request)),
        back=lambda _saved: back,
        title=_("Change the substitution"),
        crumbs=[Crumb(_("My approvals"), back)],
        cancel_url=back,
    )


@require_POST
@staff_view()
def substitute_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The person is back."""
    end_delegation(delegation_id=pk, **who_and_when(request))
    messages.success(request, _("Ended: the to-dos are back where they were."))
    return HttpResponseRedirect(reverse("staff:approval_list"))
