"""Subcontract orders (委外加工单): a purchase order whose price is the fee, with the material that we give (SCM-21).

Everything else of the order is a purchase order's: approval, the supplier's answers, shipping notices, receipts,
invoices with their three-way match. Material moves by papers of its own (``materials``); a receipt uses what lies at the
processor (``processing``).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import NotFoundRefused
from backend.purchasing.models import OrderKind, PurchaseOrder
from backend.purchasing.services.inputs import LineInput, OrderData, SubcontractData
from backend.purchasing.services.orders import save_order
from backend.purchasing.services.parts import write_parts


def save_subcontract_order(
    *, data: SubcontractData, actor: Actor, at: datetime, order_id: UUID | None = None, version: int | None = None
) -> PurchaseOrder:
    """Write a draft with its components; raises CannotEditOrder, StaleVersion, ValidationRefused."""
    with transaction.atomic():
        line_id = _line_of(order_id) if order_id else None
        line = LineInput(data.item_id, data.qty, price=data.price, tax_rate=data.tax_rate, id=line_id)
        header = OrderData(
            supplier_id=data.supplier_id,
            requested_date=data.requested_date,
            lines=[line],
            warehouse_id=data.warehouse_id,
            doc_date=data.doc_date,
            supplier_ref=data.supplier_ref,
            price_includes_tax=data.price_includes_tax,
            remark=data.remark,
        )
        order = save_order(
            data=header, actor=actor, at=at, order_id=order_id, version=version, kind=OrderKind.SUBCONTRACT
        )
        write_parts(order, order.lines.get(), data.parts)
    return order


def _line_of(order_id: UUID) -> UUID | None:
    order = load_locked(PurchaseOrder, order_id)
    if order.kind != OrderKind.SUBCONTRACT:
        raise NotFoundRefused(_("There is no such document."), value=order_id)
    return order.lines.order_by("line_no").values_list("pk", flat=True).first()
