"""Messages on orders and statements reach the other side: the partner's people, or ours who look after it."""

from typing import Any

from django.utils import timezone

from backend.kernel.actor import Actor
from backend.kernel.comments import CommentAdded
from backend.kernel.document import DOC_TYPES
from backend.kernel.events import subscribe
from backend.kernel.models import Comment
from backend.processes import addresses
from backend.workflow.services import notify

RIGHTS = {
    "sales.order": "sales.order.edit",
    "sales.delivery": "sales.delivery.edit",
    "purchasing.order": "purchasing.order.edit",
    "purchasing.asn": "purchasing.asn.edit",
    "invoicing.statement": "invoicing.statement.edit",
}


@subscribe(CommentAdded, when="after_commit")
def tell_of_message(event: CommentAdded, actor: Actor) -> None:
    """Internal messages stay where they are; shared ones go to the other side. Tickets tell of themselves."""
    if event.visibility == "internal" or event.subject_type not in RIGHTS:
        return
    comment = Comment.objects.filter(pk=event.comment_id).first()
    subject = DOC_TYPES[event.subject_type]._default_manager.filter(pk=event.aggregate_id).first()
    if comment is None or subject is None:
        return
    _tell(subject, comment, event, actor)


def _tell(subject: Any, comment: Comment, event: CommentAdded, actor: Actor) -> None:
    to_partner = event.author_kind == "staff"
    page = addresses.staff
    if to_partner:
        page = addresses.supplier if event.visibility == "supplier" else addresses.customer
    ours = getattr(subject, "buyer_id", None) or getattr(subject, "salesperson_id", None)
    notify(
        kind="discussion.comment",
        params={"by": comment.author_name, "number": subject.number, "text": comment.text[:300]},
        url=page(event.subject_type, subject.number),
        dedupe_key=f"comment:{comment.pk}",
        party_id=_partner_of(subject, event.visibility) if to_partner else None,
        members=[ours] if ours and not to_partner else (),
        permission="" if to_partner or ours else RIGHTS[event.subject_type],
        actor=actor,
        at=timezone.now(),
    )


def _partner_of(subject: Any, visibility: str) -> Any:
    return getattr(subject, f"{visibility}_id", None) or getattr(subject, "party_id", None)
