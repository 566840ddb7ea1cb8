"""Production nodes of order lines: laid by a template, moved with the promised day, passed by the supplier's reports.

Reporting a node passes all before it. A node that is not passed the day after it was planned is an exception.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import load_locked
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.kernel.language import in_books
from backend.purchasing.events import NodesPlanned
from backend.purchasing.models import (
    Node,
    NodeTemplate,
    NodeTemplateStep,
    ProductionNode,
    PurchaseOrder,
    PurchaseOrderLine,
)
from backend.purchasing.services.checks import CannotAnswerOrder, require_running

ORDER = {node: place for place, node in enumerate(Node.values)}


@dataclass(frozen=True)
class TemplateData:
    """A template as keyed: days before the line is due, by node; nodes that are not named are not planned."""

    name: str
    days_before: Mapping[str, int]
    category_ids: Sequence[UUID] = ()
    active: bool = True


def save_template(*, data: TemplateData, actor: Actor, at: datetime, template_id: UUID | None = None) -> NodeTemplate:
    """Write a template; a category belongs to one template. Raises ValidationRefused."""
    name = data.name.strip()[:60]
    if not name or not data.days_before:
        raise ValidationRefused(
            _("A template has a name and at least one node."), field="name", way_out=_("Name it and give the days.")
        )
    with transaction.atomic():
        found = (
            NodeTemplate.objects.select_for_update().filter(pk=template_id).first() if template_id else NodeTemplate()
        )
        if found is None:
            raise NotFoundRefused(_("There is no such template."), value=template_id)
        if NodeTemplate.objects.filter(name=name).exclude(pk=found.pk).exists():
            raise ValidationRefused(
                _("Another template is called %(name)s.") % {"name": name}, field="name", value=name
            )
        found.name, found.active = name, data.active
        found.version += 1
        found.save()
        NodeTemplateStep.objects.filter(template=found).delete()
        NodeTemplateStep.objects.bulk_create(
            NodeTemplateStep(template=found, node=node, days_before=days)
            for node, days in sorted(data.days_before.items(), key=lambda pair: ORDER[pair[0]])
        )
        NodeTemplate.categories.through.objects.filter(itemcategory__in=list(data.category_ids)).delete()
        found.categories.set(data.category_ids)  # type: ignore[arg-type]
        audit.record(found, "save", actor=actor, at=at)
    return found


def plan_nodes(*, order_id: UUID, template_id: UUID, actor: Actor, at: datetime) -> int:
    """Lay the nodes of a template on all open lines of an order; passed nodes stay. Returns how many were planned."""
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_running(order, CannotAnswerOrder)
        template = NodeTemplate.objects.prefetch_related("steps").filter(pk=template_id, active=True).first()
        if template is None:
            raise NotFoundRefused(_("There is no such template."), value=template_id)
        lines = [line for line in order.lines.all() if line.unshipped_qty]
        ProductionNode.objects.filter(order_line__in=lines, actual_date=None).delete()
        made = _laid(order, lines, {line.pk: template for line in lines}, _dues(lines))
        ProductionNode.objects.bulk_create(made, ignore_conflicts=True)
        audit.record(order, "plan_nodes", actor=actor, at=at, changes={"template": ["", str(template)]})
        events.publish(NodesPlanned(order.pk, order.number, order.supplier_id), actor=actor)
    return len(made)


def template_of(category: OuterRef) -> Subquery:
    """The template that is laid by itself on the items of a category, as a part of another query."""
    laid = NodeTemplate.categories.through.objects.filter(nodetemplate__active=True, itemcategory=category)
    return Subquery(laid.values("nodetemplate")[:1])


def laid_by_category(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> list[ProductionNode]:
    """On approval: the nodes (not saved) of the templates that the lines were read with; see ``template_of``.

    No statement when no line has one, two otherwise.
    """
    templated = {line.pk: line.node_template for line in lines}  # type: ignore[attr-defined]
    chosen: dict[UUID, UUID] = {line: template for line, template in templated.items() if template}
    if not chosen:
        return []
    templates = {row.pk: row for row in NodeTemplate.objects.prefetch_related("steps").filter(pk__in=chosen.values())}
    dues = {line.pk: line.requested_date for line in lines}
    return _laid(order, lines, {line: templates[key] for line, key in chosen.items()}, dues)


def _laid(
    order: PurchaseOrder,
    lines: Iterable[PurchaseOrderLine],
    templates: Mapping[UUID, NodeTemplate],
    dues: Mapping[UUID, date],
) -> list[ProductionNode]:
    """No node is planned before the order was written."""
    return [
        ProductionNode(
            order_line=line,
            node=step.node,
            planned_date=max(dues[line.pk] - timedelta(days=step.days_before), order.doc_date),
        )
        for line in lines
        if line.pk in templates
        for step in sorted(templates[line.pk].steps.all(), key=lambda step: ORDER[step.node])
    ]


def _dues(lines: Sequence[PurchaseOrderLine]) -> dict[UUID, date]:
    """The last day for which a part that was not shipped stands in the schedule."""
    found = {line.pk: line.requested_date for line in lines}
    rows = PurchaseOrderLine.objects.filter(pk__in=found, schedule__shipped_qty=0).order_by("schedule__date")
    return found | {pk: day for pk, day in rows.values_list("pk", "schedule__date") if day}


def set_node_dates(*, order_id: UUID, dates: Mapping[UUID, date], actor: Actor, at: datetime) -> int:
    """The buyer (or the supplier) plans nodes for other days; returns how many changed."""
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_running(order, CannotAnswerOrder)
        rows = list(
            ProductionNode.objects.select_related("order_line").filter(order_line__document=order, pk__in=dates)
        )
        if len(rows) != len(dates):
            raise NotFoundRefused(_("There is no such node."), value=next(iter(dates)))
        moved = [row for row in rows if row.actual_date is None and row.planned_date != dates[row.pk]]
        if not moved:
            return 0
        changes = {}
        for row in moved:
            key = f"{row.order_line.line_no} {in_books(row.get_node_display)}"
            changes[key] = [row.planned_date.isoformat(), dates[row.pk].isoformat()]
            row.planned_date = dates[row.pk]
        update_rows(moved, ["planned_date"])
        audit.record(order, "plan_nodes", actor=actor, at=at, changes=changes)
        events.publish(NodesPlanned(order.pk, order.number, order.supplier_id), actor=actor)
    return len(moved)


def pass_nodes(line_id: UUID, node: str, percent: int, day: date) -> None:
    """A report passes every node before the named one, and that one too unless production is not finished."""
    passed = [each for each in Node.values if ORDER[each] < ORDER[node]]
    if node != Node.IN_PRODUCTION or percent >= 100:
        passed.append(node)
    ProductionNode.objects.filter(order_line=line_id, node__in=passed, actual_date=None).update(actual_date=day)


def move_nodes(days_by_line: Mapping[UUID, int]) -> None:
    """The promised day of lines moved: what is planned and not passed moves along. One statement, two with nodes."""
    moved = {line: days for line, days in days_by_line.items() if days}
    if not moved:
        return
    rows = list(ProductionNode.objects.filter(order_line__in=moved, actual_date=None))
    for row in rows:
        row.planned_date += timedelta(days=moved[row.order_line_id])
    update_rows(rows, ["planned_date"])


def forget_nodes(order_ids: Collection[UUID]) -> None:
    """The order is a draft again."""
    ProductionNode.objects.filter(order_line__document__in=order_ids).delete()
