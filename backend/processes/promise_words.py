"""Telling a customer why a promised date moved: the words are kept with the change and sent to the customer's people."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backend.availability.models import PromiseRevision
from backend.availability.services.promises import set_customer_reason
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, ValidationRefused
from backend.processes import addresses
from backend.sales.models import SalesOrder
from backend.workflow.models import Task
from backend.workflow.services import complete_tasks, notify


def untold_revisions(order_id: UUID) -> list[PromiseRevision]:
    """The last change of each open line that moved to a later (or unknown) day, while the seller still has it to do.

    The customer has read the plain reason by then; the seller's own words come on top of it.
    """
    rows = (
        PromiseRevision.objects.filter(demand__ref_id=order_id, demand__open_qty__gt=0)
        .filter(Q(old_date__isnull=False))
        .select_related("demand__item")
        .order_by("demand_id", "-revision")
        .distinct("demand_id")
    )
    keys = Task.objects.filter(subject_id=order_id, kind="sales.promise_moved", done_at=None)
    open_keys = set(keys.values_list("dedupe_key", flat=True))
    return [row for row in rows if _is_later(row) and _is_to_do(row, open_keys)]


def _is_later(row: PromiseRevision) -> bool:
    return row.new_date is None or row.old_date is None or row.new_date > row.old_date


def _is_to_do(row: PromiseRevision, open_keys: set[str]) -> bool:
    return not row.customer_reason or f"promise:{row.demand.ref_line_id}" in open_keys


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
                _("%(order)s has no moved date that the customer was not told about.") % {"order": order},
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
