"""How many days goods of suppliers are on their way: follows the lanes (SCM-02)."""

from collections.abc import Iterable
from uuid import UUID

from backend.parties.models import Party, SupplierRole


def suppliers_with_addresses() -> list[tuple[UUID, str]]:
    """Suppliers with the words of their default address; one statement."""
    found = Party.objects.filter(is_supplier=True, active=True, addresses__isnull=False)
    rows = found.order_by("addresses__is_default").values_list("pk", "addresses__province", "addresses__city")
    return list({pk: (pk, f"{province} {city}") for pk, province, city in rows}.values())


def set_transport_days(supplier_ids: Iterable[UUID], days: int) -> list[UUID]:
    """Set the days of these suppliers; returns those that changed."""
    changed = SupplierRole.objects.filter(party_id__in=list(supplier_ids)).exclude(transport_days=days)
    ids = list(changed.values_list("party_id", flat=True))
    SupplierRole.objects.filter(party_id__in=ids).update(transport_days=days)
    return ids
