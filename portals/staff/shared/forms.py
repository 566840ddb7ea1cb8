"""Form plumbing of the staff face: refusals of services put beside the fields they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db import models

from backend.access.models import Member
from backend.kernel.errors import Refusal
from backend.parties.models import Party
from portals.ui.components import ErrorBlock
from portals.ui.errors import block_of
from portals.ui.forms import UiFormMixin


@dataclass(frozen=True)
class When:
    """The choice of another field that a field stands for, and whether it is made."""

    rule: str
    stands: bool


class StaffForm(UiFormMixin, forms.Form):
    """A form in the house style.

    ``shown_for`` names fields that stand for one choice of another: (the other field, its value). While another choice is
    made they are put away, not asked for, and whatever is in them does not count.
    """

    shown_for: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def when(self, name: str) -> When | None:
        """When a field stands, for those that do not always."""
        if name not in self.shown_for:
            return None
        other, value = self.shown_for[name]
        chosen = self[other].value() or next(iter(self.fields[other].choices))[0]  # type: ignore[attr-defined]
        return When(f"{other}:{value}", str(chosen) == value)

    def _clean_fields(self) -> None:
        away = [name for name in self.shown_for if not self.when(name).stands]  # type: ignore[union-attr]
        needed = [name for name in away if self.fields[name].required]
        for name in needed:
            self.fields[name].required = False
        super()._clean_fields()  # type: ignore[misc]
        for name in needed:
            self.fields[name].required = True
        for name in away:
            self.errors.pop(name, None)
            self.cleaned_data[name] = None


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
    """The id of a row picked in a combobox; `label` of the present choice is read for the page.

    Rows must have ``role`` (a flag that is set) or whatever ``where`` says.
    """

    widget = forms.HiddenInput

    def __init__(
        self,
        *,
        model: type[models.Model],
        url_name: str,
        role: str = "",
        where: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.model, self.url_name = model, url_name
        self.where = {role: True} if role else dict(where or {})
        super().__init__(**kwargs)

    def clean(self, value: Any) -> UUID | None:
        picked = super().clean(value)
        if picked is None:
            return None
        if not self.model._default_manager.filter(pk=picked, **self.where).exists():
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
    rows = Member.objects.filter(kind="staff", active=True).order_by("name", "id").values_list("pk", "name")
    return [("", "–"), *((str(pk), name) for pk, name in rows)]


def party_choices(role: str) -> list[tuple[str, str]]:
    """Active parties of a role for a select, with an empty choice."""
    rows = (
        Party.objects.filter(**{f"is_{role}": True}, active=True).order_by("sort_key", "id").values_list("pk", "name")
    )
    return [("", "–"), *((str(pk), name) for pk, name in rows)]
