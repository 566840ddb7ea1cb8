"""The places that nobody chooses, made when they are first needed: what is under way, what lies at a supplier or an agent, or in
our own workshop."""

from django.utils.translation import gettext as _

from backend.inventory.models import Warehouse, WarehouseKind
from backend.kernel.language import books_language
from backend.parties.models import Party

CODE, WORKSHOP_CODE = "ZZ-TRANSIT", "ZZ-WORKSHOP"


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


def workshop_location() -> Warehouse:
    """Where material lies that was issued to production: one place for the company, on the account of work in progress."""
    found = Warehouse.objects.filter(kind=WarehouseKind.WORKSHOP).first()
    if found:
        return found
    with books_language():
        name = _("In the workshop")
    made = Warehouse(code=WORKSHOP_CODE, name=name, active=False, kind=WarehouseKind.WORKSHOP)
    Warehouse.objects.bulk_create([made], ignore_conflicts=True)
    return Warehouse.objects.get(kind=WarehouseKind.WORKSHOP)


def supplier_location(party: Party) -> Warehouse:
    """Where our material lies at a processor: one place for each, on the account of material at suppliers."""
    found = Warehouse.objects.filter(kind=WarehouseKind.SUPPLIER, party=party).first()
    if found:
        return found
    with books_language():
        name = (_("At %(supplier)s") % {"supplier": party.label})[:60]
    code = f"@{party.code}" if len(party.code) < 20 else f"@{party.pk.hex[-19:]}"
    made = Warehouse(code=code, name=name, active=False, kind=WarehouseKind.SUPPLIER, party=party)
    Warehouse.objects.bulk_create([made], ignore_conflicts=True)
    return Warehouse.objects.get(kind=WarehouseKind.SUPPLIER, party=party)


def customer_location(party: Party) -> Warehouse:
    """Where goods on consignment lie at a customer: one place for each, on the account of goods dispatched."""
    found = Warehouse.objects.filter(kind=WarehouseKind.CUSTOMER, party=party).first()
    if found:
        return found
    with books_language():
        name = (_("On consignment at %(customer)s") % {"customer": party.label})[:60]
    code = f"&{party.code}" if len(party.code) < 20 else f"&{party.pk.hex[-19:]}"
    made = Warehouse(code=code, name=name, active=False, kind=WarehouseKind.CUSTOMER, party=party)
    Warehouse.objects.bulk_create([made], ignore_conflicts=True)
    return Warehouse.objects.get(kind=WarehouseKind.CUSTOMER, party=party)
