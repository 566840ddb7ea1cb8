"""Life cycles of purchasing beside the two axes every document has."""

from backend.kernel.lifecycle import APPROVAL, CLOSING, LifeCycle
from backend.purchasing.models import AsnState, ConfirmationState

__all__ = ["APPROVAL", "ASN", "CLOSING", "CONFIRMATION"]

ASN = LifeCycle(
    {
        "arrive": ({AsnState.SUBMITTED}, AsnState.ARRIVED),
        "receive": ({AsnState.SUBMITTED, AsnState.ARRIVED}, AsnState.RECEIVED),
        "receive_again": ({AsnState.RECEIVED}, AsnState.SUBMITTED),
        "withdraw": ({AsnState.SUBMITTED, AsnState.ARRIVED}, AsnState.CLOSED),
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
