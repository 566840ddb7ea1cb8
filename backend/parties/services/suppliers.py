"""A supplier's state: one gate that everything asks before anything is ordered there, one door to change it.

The gate lies this low so that no way in (page, API, import, reopening, amendment, award, suggestion) can pass
beside it. Which steps are legal is the business of those above (``srm``); here every change leaves its trace.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, WayOut
from backend.parties.events import SupplierStateChanged
from backend.parties.models import Party, SupplierRole, SupplierState

Purpose = Literal["order", "draft", "quote"]
OVERRIDE = "purchasing.supplier.override"
ORDERABLE = frozenset({SupplierState.APPROVED, SupplierState.PREFERRED, SupplierState.WATCH})
# A draft binds nobody: it may wait for the approver who decides about a suspended supplier. Potential suppliers may quote.
ENOUGH_FOR: dict[str, frozenset[SupplierState]] = {
    "order": ORDERABLE,
    "draft": ORDERABLE | {SupplierState.SUSPENDED},
    "quote": ORDERABLE | {SupplierState.POTENTIAL},
}


class CannotOrderFrom(Conflict):
    """Nothing is ordered or asked from this supplier now."""

    code = "supplier_stopped"


def require_orderable(
    suppliers: Iterable[Party],
    *,
    purpose: Purpose = "order",
    document: str = "",
    actor: Actor | None = None,
    override_reason: str = "",
) -> list[Party]:
    """Raise CannotOrderFrom naming every supplier that is stopped, what is missing and the way out.

    Parties come with their supplier role. ``purpose``: "draft" to write an order down, "order" to be bound by it,
    "quote" to ask for prices. A suspended supplier passes "order" when the actor may override and says why;
    those that passed so are returned, for the trail.
    """
    passed, problems = [], []
    for supplier in suppliers:
        if supplier.active and supplier.supplier.state in ENOUGH_FOR[purpose]:
            continue
        if purpose == "order" and _may_pass(supplier, actor, override_reason):
            passed.append(supplier)
        else:
            problems.append(_refusal(supplier, document))
    if problems:
        raise problems[0] if len(problems) == 1 else CannotOrderFrom.many(problems)
    return passed


def _may_pass(supplier: Party, actor: Actor | None, reason: str) -> bool:
    suspended = supplier.active and supplier.supplier.state == SupplierState.SUSPENDED
    if not (suspended and reason.strip() and actor):
        return False
    actor.require(OVERRIDE)
    return True


def _refusal(supplier: Party, document: str) -> Refusal:
    message, way_out = _words(supplier)
    return CannotOrderFrom(
        message,
        document=document or None,
        field="supplier_id",
        value=supplier.code,
        way_out=way_out,
        links=[WayOut(supplier.label, doc_type="parties.supplier", number=str(supplier.pk))],
    )


def _words(supplier: Party) -> tuple[str, str]:
    role = supplier.supplier
    names = {"supplier": supplier.name, "what": role.blocked_by, "reason": role.state_reason}
    if not supplier.active:
        return (
            _("%(supplier)s is not in use any more.") % names,
            _("Choose another supplier, or put this one back in use."),
        )
    if role.state == SupplierState.BLOCKED:
        said = _("%(supplier)s is blocked: %(reason)s.") if role.state_reason else _("%(supplier)s is blocked.")
        return said % names, _("Choose another supplier, or lift the block on the supplier's page.")
    if role.state == SupplierState.SUSPENDED:
        said = _("%(supplier)s is suspended: %(what)s.") if role.blocked_by else _("%(supplier)s is suspended.")
        return said % names, _("Ask the supplier for a valid document, or let an approver order once with a reason.")
    said = (
        _("%(supplier)s is not approved yet: %(what)s.") if role.blocked_by else _("%(supplier)s is not approved yet.")
    )
    return said % names, _("Check the supplier's documents and approve it, or choose another supplier.")


def set_supplier_state(
    *, party_id: UUID, state: str, actor: Actor, at: datetime, reason: str = "", blocked_by: str = ""
) -> SupplierRole:
    """Write a supplier's state with why; the same state again only refreshes what stands in the way."""
    with transaction.atomic():
        role = SupplierRole.objects.select_for_update(of=("self",)).select_related("party").filter(pk=party_id).first()
        if role is None:
            raise NotFoundRefused(_("There is no such supplier."), value=party_id)
        before = role.state
        role.state, role.state_reason, role.blocked_by = state, reason[:300], blocked_by[:200]
        role.save(update_fields=["state", "state_reason", "blocked_by"])
        if before != state:
            audit.record(
                role.party,
                f"supplier_{state}",
                actor=actor,
                at=at,
                axis="state",
                before=before,
                after=state,
                reason=reason,
            )
            changed = SupplierStateChanged(aggregate_id=party_id, before=before, after=state, reason=reason)
            events.publish(changed, actor=actor)
    return role
