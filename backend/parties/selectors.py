"""Reads about parties."""

from uuid import UUID

from django.db.models import Case, IntegerField, Prefetch, Q, QuerySet, Value, When

from backend.parties.models import Address, Contact, Party, SupplierState

CLOSED_SUPPLIERS = (SupplierState.BLOCKED, SupplierState.SUSPENDED)


def customers(*, active_only: bool = False) -> QuerySet[Party]:
    """Customers with their terms, by name."""
    found = Party.objects.filter(is_customer=True).select_related("customer")
    return (found.filter(active=True) if active_only else found).order_by("sort_key", "id")


def suppliers(*, active_only: bool = False) -> QuerySet[Party]:
    """Suppliers with their terms, by name."""
    found = Party.objects.filter(is_supplier=True).select_related("supplier")
    return (found.filter(active=True) if active_only else found).order_by("sort_key", "id")


def carriers() -> QuerySet[Party]:
    """Active carriers, by name."""
    return Party.objects.filter(is_carrier=True, active=True).select_related("carrier").order_by("sort_key", "id")


def party_whole(party_id: UUID) -> Party | None:
    """A party with roles, contacts and addresses, the first of them first (three statements)."""
    found = Party.objects.select_related("customer", "supplier", "carrier")
    contacts = Prefetch("contacts", queryset=Contact.objects.order_by("-is_primary", "id"))
    addresses = Prefetch("addresses", queryset=Address.objects.order_by("-is_default", "id"))
    return found.prefetch_related(contacts, addresses).filter(pk=party_id).first()


def search_parties(text: str, role: str = "", *, limit: int = 20) -> list[Party]:
    """Active parties whose code, name, short name, pinyin initials or tax id match; the best match first."""
    text = text.strip()
    found = Party.objects.filter(active=True)
    if role:
        found = found.filter(**{f"is_{role}": True}).select_related(role)
    if text:
        upper = text.upper()
        found = found.filter(
            Q(code__istartswith=text)
            | Q(name__icontains=text)
            | Q(short_name__icontains=text)
            | Q(mnemonic__contains=upper)
            | Q(tax_id__startswith=upper)
        ).annotate(
            rank=Case(
                When(Q(code__iexact=text) | Q(short_name__iexact=text), then=Value(0)),
                When(Q(name__istartswith=text) | Q(mnemonic__startswith=upper), then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            )
        )
        return list(found.order_by("rank", "sort_key", "id")[:limit])
    return list(found.order_by("sort_key", "id")[:limit])
