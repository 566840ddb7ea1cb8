"""Headers of new orders and the storing of their lines."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from backend.availability.services import suggestions
from backend.inventory.models import Warehouse
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.currency import settle_rate
from backend.kernel.document import Approval
from backend.kernel.errors import Conflict, ValidationRefused, WayOut
from backend.kernel.prepared import Prepared
from backend.parties.models import Party
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services.checks import CannotEditOrder

LINE_FIELDS = (
    "line_no",
    "item",
    "description",
    "qty",
    "unit_price",
    "tax_incl_price",
    "price_source",
    "price_reason",
    "discount_pct",
    "tax_rate",
    "net_amount",
    "tax_amount",
    "gross_amount",
    "requested_date",
    "suggestion_id",
    "requisition_line_id",
    "cancelled_qty",
)


class OrderExists(Conflict):
    """Another order has the same number in the program that it came from."""

    code = "order_exists"


def orders_known_as(external_refs: Collection[str]) -> dict[str, str]:
    """The numbers of orders by the number that they have where they came from; voided ones may come again."""
    found = PurchaseOrder.objects.filter(external_ref__in=external_refs).exclude(approval=Approval.VOIDED)
    return dict(found.exclude(external_ref="").values_list("external_ref", "number"))


def exists_already(external_ref: str, number: str) -> OrderExists:
    """The refusal to write an order down twice."""
    return OrderExists(
        _("%(ref)s is %(number)s already.") % {"ref": external_ref, "number": number},
        field="external_ref",
        value=external_ref,
        way_out=_("Change that order, or void it and bring this one in again."),
        links=[WayOut(number, doc_type=PurchaseOrder.DOC_TYPE, number=number)],
    )


@contextmanager
def known_once(order: PurchaseOrder) -> Iterator[None]:
    """Around the writing of an order: raises OrderExists where another has its external number. No statement without one."""
    if not order.external_ref:
        yield
        return
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        other = orders_known_as([order.external_ref]).get(order.external_ref, order.number)
        if other == order.number:
            raise
        raise exists_already(order.external_ref, other) from None


def new_order(
    *, supplier: Party, warehouse: Warehouse, doc_date: date, requested_date: date, actor: Actor, at: datetime
) -> PurchaseOrder:
    """An unsaved draft with what follows from supplier and actor."""
    order = PurchaseOrder(
        supplier=supplier,
        warehouse=warehouse,
        doc_date=doc_date,
        requested_date=requested_date,
        payment_days=supplier.supplier.payment_days,
        buyer_id=actor.member_id,
        buyer_name=actor.name,
    )
    settle_rate(order, supplier.currency)
    order.stamp_created(actor, at)
    return order


_warehouses = Prepared(lambda id: Warehouse.objects.filter(active=True, pk=id))
_usual_warehouse = Prepared(lambda: Warehouse.objects.filter(active=True).order_by("-is_default", "code")[:1])


def warehouse_of(warehouse_id: UUID | None) -> Warehouse:
    """The warehouse named, or the default one; raises ValidationRefused without either."""
    found = _warehouses.first(warehouse_id) if warehouse_id else _usual_warehouse.first()
    if found is None:
        raise ValidationRefused(
            _("There is no such warehouse."),
            field="warehouse_id",
            value=warehouse_id,
            way_out=_("Choose an active warehouse."),
        )
    return found


def keep_requisitions(lines: Sequence[PurchaseOrderLine], old: dict[UUID, PurchaseOrderLine]) -> None:
    """A line goes on buying what a requisition asked for while its item is the same (not saved)."""
    for line in lines:
        known = old.get(line.pk)
        if known is not None and known.item_id == line.item_id:
            line.requisition_line_id = known.requisition_line_id


def store_lines(
    order: PurchaseOrder,
    lines: Sequence[PurchaseOrderLine],
    old: dict[UUID, PurchaseOrderLine],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Write a draft's lines in at most three statements; lines that are gone give their suggestions back."""
    gone = old.keys() - {line.pk for line in lines}
    if gone:
        _drop_lines(order, [old[line_id] for line_id in gone], actor, at)
    kept = [line for line in lines if line.pk in old]
    if kept:
        update_rows(kept, LINE_FIELDS)
    PurchaseOrderLine.objects.bulk_create([line for line in lines if line.pk not in old])


def _drop_lines(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], actor: Actor, at: datetime) -> None:
    suggested = [line.pk for line in lines if line.suggestion_id]
    if suggested:
        suggestions.restore_suggestions(order_line_ids=suggested, actor=actor, at=at)
    try:
        order.lines.filter(pk__in=[line.pk for line in lines]).delete()
    except ProtectedError as problem:
        raise CannotEditOrder(
            _("A shipping notice or receipt of %(order)s names this line.") % {"order": order},
            document=order.number,
            line=lines[0].line_no,
            field="lines",
            way_out=_("Leave the line and change its quantity."),
        ) from problem
