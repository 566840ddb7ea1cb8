"""Form plumbing of the staff face: refusals of services put beside the fields they name."""

from typing import Any
from uuid import UUID

from django import forms
from django.db import models

from backend.access.models import Member
from backend.kernel.errors import Refusal
from backend.parties.models import Party
from portals.ui.components import ErrorBlock
from portals.ui.errors import block_of
from portals.ui.forms import UiFormMixin


class StaffForm(UiFormMixin, forms.Form):
    """A form in the house style."""


def put_on(form: forms.Form, refusal: Refusal) -> ErrorBlock | None:
    """Every problem goes to the field it names; what names none stays for the block above the form."""
    rest = []
    for problem in refusal.problems:
        if problem.field in form.fields and not problem.links:
            form.add_error(problem.field, f"{problem.message} {problem.way_out or ''}".strip())
        else:
            rest.append(problem)
    return block_of(Refusal.many(rest)) if rest else None


class PickField(forms.UUIDField):
    """The id of a row picked in a combobox; `label` of the present choice is read for the page."""

    widget = forms.HiddenInput

    def __init__(self, *, model: type[models.Model], url_name: str, role: str = "", **kwargs: Any) -> None:
        self.model, self.url_name, self.role = model, url_name, role
        super().__init__(**kwargs)

    def clean(self, value: Any) -> UUID | None:
        picked = super().clean(value)
        if picked is None:
            return None
        rows = self.model._default_manager.filter(pk=picked)
        if self.role:
            rows = rows.filter(**{self.role: True})
        if not rows.exists():
            raise forms.ValidationError(self.error_messages["invalid"])
        return picked

    def label_of(self, value: Any) -> str:
        """What the box shows for an id."""
        try:
            found = self.model._default_manager.filter(pk=UUID(str(value))).first() if value else None
        except ValueError:
            found = None
        return str(found) if found else ""


def staff_choices() -> list[tuple[str, str]]:
    """Active staff for a select, with an empty choice."""
    rows = Member.objects.filter(kind="staff", active=True).order_by("name").values_list("pk", "name")
    return [("", "–"), *((str(pk), name) for pk, name in rows)]


def party_choices(role: str) -> list[tuple[str, str]]:
    """Active parties of a role for a select, with an empty choice."""
    rows = Party.objects.filter(**{f"is_{role}": True}, active=True).order_by("sort_key").values_list("pk", "name")
    return [("", "–"), *((str(pk), name) for pk, name in rows)]
