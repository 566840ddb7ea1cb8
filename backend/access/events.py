"""Facts about members. The token of an invitation is never in an event: it is derived again where it is mailed."""

from dataclasses import dataclass

from backend.kernel.events import Event


@dataclass(frozen=True)
class MemberInvited(Event):
    """``aggregate_id`` is the invitation."""

    email: str = ""
    kind: str = "staff"


@dataclass(frozen=True)
class MemberJoined(Event):
    """``aggregate_id`` is the member."""

    identity_id: str = ""
    kind: str = "staff"
    party_id: str = ""


@dataclass(frozen=True)
class MemberDeactivated(Event):
    """The member may no longer come in; sessions and memberships end."""

    identity_id: str = ""


@dataclass(frozen=True)
class MemberReactivated(Event):
    identity_id: str = ""
