"""Facts about to-dos and messages."""

from dataclasses import dataclass

from backend.kernel.events import Event


@dataclass(frozen=True)
class MembersNotified(Event):
    """Lines were written into members' bells; those that want a mail are named."""

    notification_ids: tuple[str, ...] = ()
