"""How far the supplier is with a line."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.purchasing.events import ProgressReported
from backend.purchasing.models import ProgressReport, PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services.checks import CannotAnswerOrder, require_own, require_running

NODES = tuple(code for code, _label in ProgressReport._meta.get_field("node").choices or ())


def report_progress(
    *, order_line_id: UUID, node: str, percent: int, actor: Actor, at: datetime, note: str = ""
) -> ProgressReport:
    """Note node and percentage of a line; raises ValidationRefused for unknown nodes and other than 0 to 100 %."""
    order_id = PurchaseOrderLine.objects.filter(pk=order_line_id).values_list("document_id", flat=True).first()
    if order_id is None:
        raise NotFoundRefused(_("There is no such line."), value=order_line_id)
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_own(order, actor)
        require_running(order, CannotAnswerOrder)
        _check(order, node, percent)
        line = PurchaseOrderLine.objects.get(pk=order_line_id)
        before = f"{line.progress_node} {line.progress_pct}"
        PurchaseOrderLine.objects.filter(pk=line.pk).update(progress_node=node, progress_pct=percent)
        made = ProgressReport.objects.create(
            order_line=line, node=node, percent=percent, note=note[:300], by_name=actor.name, at=at
        )
        audit.record(
            order,
            "progress",
            actor=actor,
            at=at,
            changes={str(line.line_no): [before.strip(), f"{node} {percent}"]},
            reason=note,
        )
        events.publish(
            ProgressReported(order.pk, order.number, order.supplier_id, line.line_no, node, percent), actor=actor
        )
    return made


def _check(order: PurchaseOrder, node: str, percent: int) -> None:
    if node not in NODES:
        raise ValidationRefused(
            _("There is no such step."), document=order.number, field="node", value=node, way_out=", ".join(NODES)
        )
    if not 0 <= percent <= 100:
        raise ValidationRefused(
            _("Progress lies between 0 and 100 %."), document=order.number, field="percent", value=percent
        )
