"""Life cycles as tables of legal steps. An illegal step raises; it is never skipped in silence."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from backend.kernel.errors import IllegalTransition


class LifeCycle:
    """Legal steps of one axis: ``{verb: ({states it may start from}, state it ends in)}``."""

    def __init__(self, steps: Mapping[str, tuple[set[str], str]], *, axis: str = "approval") -> None:
        self.steps = dict(steps)
        self.axis = axis

    def may(self, document: Any, verb: str) -> bool:
        """Whether the step is legal now."""
        return getattr(document, self.axis) in self.steps[verb][0]

    def advance(self, document: Any, verb: str) -> str:
        """Set the axis on the instance (not saved) and return the former state; raises IllegalTransition."""
        before = getattr(document, self.axis)
        allowed, after = self.steps[verb]
        if before not in allowed:
            raise IllegalTransition(
                _("%(document)s is %(state)s: this step is not possible from there.")
                % {"document": document, "state": document.state_label(self.axis)},
                document=str(document),
                field=self.axis,
                value=before,
                way_out=_("Reload the document to see its current state."),
            )
        setattr(document, self.axis, after)
        return str(before)


APPROVAL = LifeCycle(
    {
        "submit": ({"draft", "rejected"}, "submitted"),
        "withdraw": ({"submitted"}, "draft"),
        "approve": ({"draft", "submitted"}, "approved"),
        "reject": ({"submitted"}, "rejected"),
        "unapprove": ({"approved"}, "draft"),
        "void": ({"draft", "submitted", "rejected"}, "voided"),
    }
)
CLOSING = LifeCycle(
    {
        "close": ({"open"}, "manual_closed"),
        "complete": ({"open"}, "auto_closed"),
        "reopen": ({"manual_closed", "auto_closed"}, "open"),
    },
    axis="closing",
)
