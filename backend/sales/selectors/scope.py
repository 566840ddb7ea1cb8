"""Which documents belong to whom: the one place that faces, API and exports start from."""

from typing import Any

from django.db.models import Q

from backend.access.models import Member
from backend.kernel.actor import Actor

SEE_ALL = "sales.order.view_all"
NOTHING = Q(pk=None)


def own_sales(actor: Actor) -> Q:
    """A salesperson's own orders, those of his customers, and those that are nobody's."""
    return (
        Q(salesperson_id=actor.member_id)
        | Q(created_by_id=actor.member_id)
        | Q(customer__customer__salesperson_id=actor.member_id)
        | Q(salesperson_id=None)
    )


def made_by_party(actor: Actor) -> Q:
    """Documents that people of the actor's own company wrote."""
    return Q(created_by_id__in=Member.objects.filter(party=actor.party_id).values("pk"))


def scope(
    actor: Actor, *, permission: str, customer: Q, own: Q | None = None, partner: str = "customer.order.view"
) -> Q:
    """The condition a document must meet for this actor; nothing without the right (``partner``: that of a customer's user).

    ``customer`` narrows what a customer's users see of their company's documents.
    """
    if actor.kind == "customer":
        return Q(customer_id=actor.party_id) & customer if actor.may(partner) else NOTHING
    if actor.kind == "supplier" or not actor.may(permission):
        return NOTHING
    return Q() if own is None or actor.may(SEE_ALL) else own


def numbered(found: Any, number: str) -> Any:
    """The document of that number within what the actor sees, or None."""
    return found.filter(number=number).first()
