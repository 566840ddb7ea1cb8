"""How far the supplier is with a line: a node, a percentage, a photo, and the day it will leave when that is known.

A day of leaving later than what stands is the truth from that moment: it answers the line anew, so
every promise that hangs on it moves with it.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.kernel.files import attach_file
from backend.kernel.language import in_books
from backend.purchasing.events import ProgressReported
from backend.purchasing.models import (
    ConfirmationLine,
    ConfirmationState,
    Node,
    ProgressReport,
    PurchaseOrder,
    PurchaseOrderLine,
    ScheduleLine,
)
from backend.purchasing.services import nodes
from backend.purchasing.services.checks import CannotAnswerOrder, require_own, require_running, supplier_of
from backend.purchasing.services.confirmations import answer_order
from backend.purchasing.services.inputs import AnswerLine, PartInput

NODES = tuple(Node.values)


def report_progress(
    *,
    order_line_id: UUID,
    node: str,
    percent: int,
    actor: Actor,
    at: datetime,
    note: str = "",
    expected_ship_date: date | None = None,
    photo: UploadedFile | None = None,
) -> ProgressReport:
    """Note how far a line is; raises ValidationRefused for unknown nodes, other than 0 to 100 % and a day in the past."""
    order_id = PurchaseOrderLine.objects.filter(pk=order_line_id).values_list("document_id", flat=True).first()
    if order_id is None:
        raise NotFoundRefused(_("There is no such line."), value=order_line_id)
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_own(order, actor)
        require_running(order, CannotAnswerOrder)
        _check(order, node, percent, expected_ship_date, at)
        line = PurchaseOrderLine.objects.get(pk=order_line_id)
        before = _in_words(line.progress_node, line.progress_pct) if line.progress_node else ""
        PurchaseOrderLine.objects.filter(pk=line.pk).update(progress_node=node, progress_pct=percent)
        nodes.pass_nodes(line.pk, node, percent, clock.day_of(at))
        made = ProgressReport.objects.create(
            order_line=line,
            node=node,
            percent=percent,
            note=note[:300],
            expected_ship_date=expected_ship_date,
            photo_id=_keep_photo(order, photo, actor, at),
            channel=actor.channel,
            by_name=actor.name,
            at=at,
        )
        audit.record(
            order,
            "progress",
            actor=actor,
            at=at,
            changes={str(line.line_no): [before, _in_words(node, percent)]},
            reason=note,
        )
        events.publish(
            ProgressReported(order.pk, order.number, order.supplier_id, line.line_no, node, percent), actor=actor
        )
        if expected_ship_date is not None:
            _answer_if_later(order, line, expected_ship_date, note, actor, at)
    return made


def _in_words(node: str, percent: int) -> str:
    """How far a line is, as the trail keeps it."""
    return f"{in_books(lambda: str(Node(node).label))} {percent}%"


def _keep_photo(order: PurchaseOrder, photo: UploadedFile | None, actor: Actor, at: datetime) -> UUID | None:
    if photo is None:
        return None
    kept = attach_file(
        subject=order, upload=photo, visibility="supplier", party_id=order.supplier_id, actor=actor, at=at
    )
    return kept.pk


def _answer_if_later(
    order: PurchaseOrder, line: PurchaseOrderLine, leaves: date, note: str, actor: Actor, at: datetime
) -> None:
    """Parts that would arrive after the day that stands are answered anew for the day they arrive now."""
    arrives = leaves + timedelta(days=supplier_of(order.supplier_id).supplier.transport_days)
    parts = list(ScheduleLine.objects.filter(order_line=line, shipped_qty=0, qty__gt=0).order_by("date", "schedule_no"))
    waiting = [part for part in parts if part.qty > part.received_qty]
    if not any(part.date < arrives for part in waiting):
        return
    days: dict[date, PartInput] = {}
    for part in waiting:
        day = max(part.date, arrives)
        so_far = days[day].qty if day in days else 0
        days[day] = PartInput(qty=so_far + part.qty - part.received_qty, date=day)
    reason = note or _("leaves on %(day)s") % {"day": leaves.isoformat()}
    price, refused = _proposed(line)
    named = sum((part.qty for part in days.values()), Decimal(0))
    if named < line.unshipped_qty and not refused:
        return  # the rest of the line waits for an answer of its own
    answered_parts = [replace(part, price=price) for part in days.values()]
    answered = AnswerLine(line.pk, answered_parts, reject_reason=refused, reason=reason[:300])
    answer_order(order_id=order.pk, lines=[answered], actor=actor, at=at)


def _proposed(line: PurchaseOrderLine) -> tuple[Decimal | None, str]:
    """What of a line waits for the buyer beside its days: another price, and why a part of it is rejected."""
    rows = ConfirmationLine.objects.filter(order_line=line, confirmation__state=ConfirmationState.PROPOSED)
    price = next((row.price for row in rows if row.price is not None), None)
    return price, next((row.reason for row in rows if row.rejected), "")


def _check(order: PurchaseOrder, node: str, percent: int, leaves: date | None, at: datetime) -> None:
    if node not in NODES:
        raise ValidationRefused(
            _("There is no such step."), document=order.number, field="node", value=node, way_out=", ".join(NODES)
        )
    if not 0 <= percent <= 100:
        raise ValidationRefused(
            _("Progress lies between 0 and 100 %."), document=order.number, field="percent", value=percent
        )
    if leaves is not None and leaves < clock.day_of(at):
        raise ValidationRefused(
            _("Goods that have left need a shipping notice."),
            document=order.number,
            field="expected_ship_date",
            value=leaves.isoformat(),
            way_out=_("Name today or a later day, or announce the shipment."),
        )
