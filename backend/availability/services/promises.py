"""Words about a changed promise for the customer; the change itself is a fact."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.models import PromiseRevision
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused


def set_customer_reason(*, revision_id: int, text: str, actor: Actor, at: datetime) -> PromiseRevision:
    """Write what the customer reads about this change of the promise."""
    with transaction.atomic():
        found = PromiseRevision.objects.select_for_update(of=("self",)).select_related("demand").filter(pk=revision_id)
        revision = found.first()
        if revision is None:
            raise NotFoundRefused(_("There is no such change of a promise."), value=revision_id)
        before, revision.customer_reason = revision.customer_reason, text.strip()[:300]
        revision.save(update_fields=["customer_reason"])
        entry = audit.entry(
            revision.demand,
            "explain",
            actor=actor,
            at=at,
            changes={"customer_reason": [before, revision.customer_reason]},
        )
        entry.subject_type, entry.subject_id = revision.demand.ref_type, revision.demand.ref_id
        entry.subject_label = f"{revision.demand.ref_number} / {revision.demand.ref_line_no}"
        audit.record_many([entry])
    return revision
