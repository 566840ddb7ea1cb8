"""The warehouse of what is under way: one for each company, made when it is first needed."""

from django.utils.translation import gettext as _

from backend.inventory.models import Warehouse, WarehouseKind
from backend.kernel.language import books_language

CODE = "ZZ-TRANSIT"


def transit_warehouse() -> Warehouse:
    """Where goods lie between two warehouses. It is not offered for orders: it is not active."""
    found = Warehouse.objects.filter(kind=WarehouseKind.TRANSIT).first()
    if found:
        return found
    with books_language():
        name = _("Under way between warehouses")
    made = Warehouse(code=CODE, name=name, active=False, kind=WarehouseKind.TRANSIT)
    Warehouse.objects.bulk_create([made], ignore_conflicts=True)
    return Warehouse.objects.get(kind=WarehouseKind.TRANSIT)
