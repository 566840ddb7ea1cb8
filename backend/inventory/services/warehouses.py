"""Warehouses: there is always one default."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotSaveWarehouse
from backend.inventory.models import StockBalance, Warehouse, WarehouseKind
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused


def save_warehouse(
    *,
    code: str,
    name: str,
    actor: Actor,
    at: datetime,
    address: str = "",
    is_default: bool = False,
    active: bool = True,
    allow_negative: bool | None = None,
    warehouse_id: UUID | None = None,
) -> Warehouse:
    """Write a warehouse. The default gives its place to another only by making that one the default."""
    with transaction.atomic():
        warehouse = _load(warehouse_id)
        fields = ("code", "name", "address", "is_default", "active", "allow_negative")
        before = {field: getattr(warehouse, field) for field in fields}
        is_default = is_default or warehouse.is_default or not Warehouse.objects.filter(is_default=True).exists()
        after = {"code": code.strip(), "name": name.strip(), "address": address.strip()}
        below_zero = warehouse.allow_negative if allow_negative is None else allow_negative
        _check(warehouse, after, is_default, active)
        _check_nothing_missing(warehouse, below_zero)
        if is_default:
            Warehouse.objects.filter(is_default=True).exclude(pk=warehouse.pk).update(is_default=False)
        for field, value in {
            **after,
            "is_default": is_default,
            "active": active,
            "allow_negative": below_zero,
        }.items():
            setattr(warehouse, field, value)
        warehouse.save(force_insert=warehouse_id is None)
        changes = audit.changed_fields(before, {field: getattr(warehouse, field) for field in fields})
        audit.record(warehouse, "edit" if warehouse_id else "create", actor=actor, at=at, changes=changes)
    return warehouse


def _load(warehouse_id: UUID | None) -> Warehouse:
    if warehouse_id is None:
        return Warehouse()
    found = Warehouse.objects.select_for_update().filter(pk=warehouse_id, kind=WarehouseKind.STOCK).first()
    if found is None:
        raise NotFoundRefused(_("There is no such warehouse."), value=warehouse_id)
    return found


def _check(warehouse: Warehouse, after: dict[str, str], is_default: bool, active: bool) -> None:
    for field in ("code", "name"):
        if not after[field]:
            raise CannotSaveWarehouse(_("A warehouse needs a code and a name."), field=field)
    if Warehouse.objects.filter(code=after["code"]).exclude(pk=warehouse.pk).exists():
        raise CannotSaveWarehouse(
            _("There is a warehouse %(code)s already.") % {"code": after["code"]}, field="code", value=after["code"]
        )
    if active:
        return
    if is_default:
        raise CannotSaveWarehouse(
            _("The default warehouse cannot be closed."),
            field="active",
            way_out=_("Make another one the default first."),
        )
    if StockBalance.objects.filter(warehouse=warehouse).exclude(on_hand=0).exists():
        raise CannotSaveWarehouse(
            _("There is stock in %(warehouse)s.") % {"warehouse": warehouse},
            field="active",
            way_out=_("Ship it out first."),
        )


def _check_nothing_missing(warehouse: Warehouse, below_zero: bool) -> None:
    """Stock below zero is filled before the warehouse forbids it."""
    if below_zero or not warehouse.allow_negative:
        return
    missing = StockBalance.objects.filter(warehouse=warehouse, on_hand__lt=0).select_related("item")[:5]
    if missing:
        names = ", ".join(balance.item.name for balance in missing)
        raise CannotSaveWarehouse(
            _("There is less than nothing of %(items)s in %(warehouse)s.") % {"items": names, "warehouse": warehouse},
            field="allow_negative",
            value=missing[0].item.code,
            way_out=_("Receive or count those items first."),
        )
