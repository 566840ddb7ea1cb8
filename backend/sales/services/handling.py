"""Picking and packing a delivery before it leaves: lines ticked off one by one, then packed (SCM-12).

Invariants: only a draft is picked. The milestone "picked" is reported once, by whoever ticks the last line off, and
"packed" after it; a line that is changed is picked again, and what was reported is forgotten with it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import claim_version, load_locked
from backend.kernel.errors import NotFoundRefused
from backend.logistics.models import Milestone, MilestoneKind
from backend.logistics.services import cancel_shipment, prepare_shipment, report_milestone
from backend.sales.models import SalesDelivery, SalesDeliveryLine
from backend.sales.services import drafting
from backend.sales.services.checks import CannotPick


def pick_lines(
    *, delivery_id: UUID, actor: Actor, at: datetime, line_ids: Sequence[UUID] | None = None
) -> SalesDelivery:
    """Tick lines off, all of them when none is named; the last one reports the milestone. Doing it twice changes nothing."""
    with transaction.atomic():
        delivery = _open(delivery_id)
        lines = _lines(delivery)
        fresh = [line for line in _named(lines, line_ids) if line.picked_at is None]
        if not fresh:
            return delivery
        for line in fresh:
            line.picked_at = at
        update_rows(fresh, ["picked_at"])
        _note(delivery, "pick", actor, at, lines=", ".join(str(line.line_no) for line in fresh))
        if all_picked(lines):
            _report(delivery, MilestoneKind.PICKED, actor, at)
    return delivery


def pack_delivery(*, delivery_id: UUID, actor: Actor, at: datetime) -> SalesDelivery:
    """The goods are packed; raises CannotPick while a line is not picked. Doing it twice changes nothing."""
    with transaction.atomic():
        delivery = _open(delivery_id)
        left = [line for line in _lines(delivery) if line.picked_at is None and line.item.is_stocked]
        if left:
            raise CannotPick(
                _("Lines not picked yet: %(count)s, the first is %(item)s.")
                % {"count": len(left), "item": left[0].item},
                document=delivery.number,
                line=left[0].line_no,
                field="picked_at",
                way_out=_("Pick them first."),
            )
        _report(delivery, MilestoneKind.PICKED, actor, at)  # an edit may have taken the last open line away
        if _report(delivery, MilestoneKind.PACKED, actor, at):
            _note(delivery, "pack", actor, at)
    return delivery


def put_back(*, delivery_id: UUID, actor: Actor, at: datetime) -> SalesDelivery:
    """The goods are on their shelves again: nothing of the delivery is picked."""
    with transaction.atomic():
        delivery = _open(delivery_id)
        if SalesDeliveryLine.objects.filter(document=delivery, picked_at__isnull=False).update(picked_at=None):
            cancel_shipment(source_id=delivery.pk)
            _note(delivery, "put_back", actor, at)
    return delivery


def carry_over(
    delivery: SalesDelivery, before: Iterable[SalesDeliveryLine], lines: Sequence[SalesDeliveryLine]
) -> None:
    """A draft's new lines: those that stay as they were stay picked (not saved); else the milestones are forgotten."""
    picked = {(line.order_line_id, line.qty, line.lot_id): line.picked_at for line in before if line.picked_at}
    if not picked:
        return
    for line in lines:
        line.picked_at = picked.get((line.order_line_id, line.qty, line.lot_id))
    if not all_picked(lines):
        cancel_shipment(source_id=delivery.pk)


def forget(delivery: SalesDelivery) -> None:
    """A draft that is thrown away is not on its way any more."""
    cancel_shipment(source_id=delivery.pk)


def all_picked(lines: Iterable[SalesDeliveryLine]) -> bool:
    """Whether all goods are picked; services are on no shelf."""
    return all(line.picked_at is not None or not line.item.is_stocked for line in lines)


def _open(delivery_id: UUID) -> SalesDelivery:
    delivery = load_locked(SalesDelivery, delivery_id)
    drafting.require_draft(delivery)
    return delivery


def _lines(delivery: SalesDelivery) -> list[SalesDeliveryLine]:
    return list(delivery.lines.select_related("item").order_by("line_no"))


def _named(lines: Sequence[SalesDeliveryLine], line_ids: Sequence[UUID] | None) -> list[SalesDeliveryLine]:
    if line_ids is None:
        return list(lines)
    known = {line.pk: line for line in lines}
    for wanted in line_ids:
        if wanted not in known:
            raise NotFoundRefused(_("There is no such line."), value=wanted)
    return [known[line_id] for line_id in dict.fromkeys(line_ids)]


def _report(delivery: SalesDelivery, kind: str, actor: Actor, at: datetime) -> bool:
    """Report a milestone once; whether it was new."""
    shipment = prepare_shipment(source=delivery, direction="out", party_id=delivery.customer_id)
    if Milestone.objects.filter(shipment=shipment, kind=kind).exists():
        return False
    report_milestone(shipment_id=shipment.pk, kind=kind, actor=actor, at=at)
    return True


def _note(delivery: SalesDelivery, verb: str, actor: Actor, at: datetime, **changes: Any) -> None:
    """The draft has changed: whoever has it open to edit reads it again first."""
    claim_version(delivery, None, at)
    delivery.save(update_fields=["version", "updated_at"])
    audit.record(delivery, verb, actor=actor, at=at, changes={name: ["", value] for name, value in changes.items()})
