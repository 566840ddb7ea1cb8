"""Life cycles of purchasing beside the two axes every document has."""

from backend.kernel.lifecycle import APPROVAL, CLOSING, LifeCycle
from backend.purchasing.models import AsnState, ConfirmationState, ExceptionState

__all__ = ["APPROVAL", "ASN", "CLOSING", "CONFIRMATION", "EXCEPTION"]

_UNDER_WAY: set[str] = {AsnState.SUBMITTED, AsnState.IN_TRANSIT, AsnState.ARRIVED}
ASN = LifeCycle(
    {
        "dispatch": ({AsnState.SUBMITTED}, AsnState.IN_TRANSIT),
        "arrive": ({AsnState.SUBMITTED, AsnState.IN_TRANSIT}, AsnState.ARRIVED),
        "receive": (_UNDER_WAY, AsnState.RECEIVED),
        "receive_again": ({AsnState.RECEIVED, AsnState.CLOSED}, AsnState.SUBMITTED),
        "close": ({AsnState.RECEIVED}, AsnState.CLOSED),
        "withdraw": (_UNDER_WAY, AsnState.CLOSED),
    },
    axis="state",
)
EXCEPTION = LifeCycle(
    {
        "acknowledge": ({ExceptionState.OPEN, ExceptionState.ACKNOWLEDGED}, ExceptionState.ACKNOWLEDGED),
        "solve": ({ExceptionState.OPEN, ExceptionState.ACKNOWLEDGED}, ExceptionState.SOLVED),
    },
    axis="state",
)
CONFIRMATION = LifeCycle(
    {
        "accept": ({ConfirmationState.PROPOSED}, ConfirmationState.ACCEPTED),
        "decline": ({ConfirmationState.PROPOSED}, ConfirmationState.DECLINED),
        "supersede": ({ConfirmationState.PROPOSED}, ConfirmationState.SUPERSEDED),
    },
    axis="state",
)
