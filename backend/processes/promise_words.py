"""Telling a customer why a promised date moved, in the seller's words.

The customer reads the new date at once, with neutral words; the seller has a to-do until better words are said. They are
kept with the change and sent to the customer's people.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.models import PromiseRevision
from backend.availability.services.promises import set_customer_reason
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, ValidationRefused
from backend.processes import addresses
from backend.sales.models import SalesOrder
from backend.workflow.models import Task
from backend.workflow.services import complete_tasks, notify

WAITING = "sales.promise_moved"


def untold_revisions(order_id: UUID) -> list[PromiseRevision]:
    """The last change of each line whose later day still waits for the seller's words; two statements at most."""
    tasks = Task.objects.filter(subject_id=order_id, kind=WAITING, done_at=None)
    lines = [UUID(key.split(":", 1)[1]) for key in tasks.values_list("dedupe_key", flat=True)]
    if not lines:
        return []
    rows = PromiseRevision.objects.filter(demand__ref_line_id__in=lines, demand__open_qty__gt=0)
    return list(rows.select_related("demand__item").order_by("demand_id", "-revision").distinct("demand_id"))


def tell_customer(*, order: SalesOrder, text: str, actor: Actor, at: datetime) -> int:
    """Say why to the customer for every line whose date moved; returns how many lines it was said for.

    Raises ValidationRefused without words, Conflict when there is nothing to tell (any more).
    """
    text = text.strip()
    if not text:
        raise ValidationRefused(_("Say why in words the customer may read."), document=order.number, field="reason")
    with transaction.atomic():
        moved = untold_revisions(order.pk)
        if not moved:
            raise Conflict(
                _("No moved date of %(order)s waits for words to the customer.") % {"order": order},
                code="nothing_to_tell",
                document=order.number,
            )
        for revision in moved:
            set_customer_reason(revision_id=revision.pk, text=text, actor=actor, at=at)
            complete_tasks(dedupe_key=f"promise:{revision.demand.ref_line_id}", actor=actor, at=at)
            _notify(order, revision, text, at)
    return len(moved)


def _notify(order: SalesOrder, revision: PromiseRevision, text: str, at: datetime) -> None:
    notify(
        kind="customer.promise_moved",
        params={
            "number": order.number,
            "item": revision.demand.item.name,
            "new_date": revision.new_date,
            "old_date": revision.old_date,
            "reason": text,
        },
        url=addresses.customer(SalesOrder.DOC_TYPE, order.number),
        dedupe_key=f"promise_words:{revision.pk}",
        party_id=order.customer_id,
        permission="customer.order.view",
        at=at,
    )
