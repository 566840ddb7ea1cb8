"""Small dialogs that ask for a reason or a few fields before a step. What was typed stays when the step is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Ask:
    """One field: `kind` is textarea, text, date, moment, number or select (with `options`)."""

    name: str
    label: Any
    kind: str = "textarea"
    value: Any = ""
    required: bool = True
    options: Sequence[tuple[str, Any]] = ()
    hint: Any = ""
    most: int = 300


@dataclass(frozen=True)
class Dialog:
    """Opened by an `Action(…, dialog=key)`; posts its fields to `url`."""

    key: str
    title: Any
    url: str
    button: Any
    asks: Sequence[Ask] = ()
    text: Any = ""
    hidden: Mapping[str, Any] = field(default_factory=dict)
    danger: bool = False


def typed(request: HttpRequest, name: str, otherwise: Any = "") -> Any:
    """What was typed into a field of a dialog that was refused."""
    return request.POST.get(name, otherwise)


def reason_dialog(
    request: HttpRequest,
    key: str,
    title: Any,
    url: str,
    button: Any,
    version: int,
    *,
    text: Any = "",
    required: bool = True,
    danger: bool = False,
) -> Dialog:
    """A dialog that asks why."""
    ask = Ask("reason", _("Reason"), value=typed(request, "reason"), required=required)
    return Dialog(key, title, url, button, (ask,), text, {"version": version}, danger)
