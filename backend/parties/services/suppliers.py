"""A supplier's state: one gate that everything asks before anything is ordered there, one door to change it.

The gate lies this low so that no way in (page, API, import, reopening, amendment, award, suggestion) can pass
beside it. Which steps are legal is the business of those above (``srm``); here every change leaves its trace.
Those above also tell until when a supplier is in good standing (``told_by``): past that day nothing is ordered there,
whether or not a step has followed yet.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Expression, QuerySet, Subquery
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, WayOut
from backend.parties.events import SupplierStateChanged
from backend.parties.models import Party, SupplierRole, SupplierState

Purpose = Literal["order", "draft", "quote"]
_LAST_DAY = "good_until"
OVERRIDE = "purchasing.supplier.override"
ORDERABLE = frozenset({SupplierState.APPROVED, SupplierState.PREFERRED, SupplierState.WATCH})
# A draft binds nobody: it may wait for the approver who decides about a suspended supplier. Potential suppliers may quote.
ENOUGH_FOR: dict[str, frozenset[SupplierState]] = {
    "order": ORDERABLE,
    "draft": ORDERABLE | {SupplierState.SUSPENDED},
    "quote": ORDERABLE | {SupplierState.POTENTIAL},
}


@dataclass(frozen=True)
class Teller:
    """Who knows the last day of suppliers' good standing, as an expression for parties, and what ended of some in words."""

    last_day: Callable[[], Expression | Subquery]
    words: Callable[[Collection[UUID], date], Mapping[UUID, str]]


_tellers: list[Teller] = []


def told_by(teller: Teller) -> None:
    """Register who knows it."""
    _tellers[:] = [teller]


def with_standing(suppliers: QuerySet[Party]) -> QuerySet[Party]:
    """The parties with the last day of their good standing, so that the gate asks for it no more."""
    return suppliers.annotate(**{_LAST_DAY: _tellers[0].last_day()}) if _tellers else suppliers


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
    "quote" to ask for prices. A supplier that is suspended, or is to be today, passes "order" when the actor may
    override and says why; those that passed so are returned, for the trail.
    """
    found = list(suppliers)
    wrong = {} if purpose == "draft" else _wrong_today(found)
    passed, problems = [], []
    for supplier in found:
        if supplier.active and supplier.supplier.state in ENOUGH_FOR[purpose] and supplier.pk not in wrong:
            continue
        if purpose == "order" and _may_pass(supplier, actor, override_reason, wrong):
            passed.append(supplier)
        else:
            problems.append(_refusal(supplier, document, wrong.get(supplier.pk, "")))
    if problems:
        raise problems[0] if len(problems) == 1 else CannotOrderFrom.many(problems)
    return passed


def stopped_today(suppliers: Iterable[Party]) -> dict[UUID, str]:
    """Of these suppliers, which come with their role, those that nothing is ordered from today, and why."""
    found = list(suppliers)
    wrong = _wrong_today(found)
    return {
        party.pk: _words(party, wrong.get(party.pk, ""))[0]
        for party in found
        if not party.active or party.supplier.state not in ORDERABLE or party.pk in wrong
    }


def _wrong_today(suppliers: Iterable[Party]) -> dict[UUID, str]:
    """What ended of suppliers whose state is good; a statement for those that came without their last day."""
    good = [supplier for supplier in suppliers if supplier.active and supplier.supplier.state in ORDERABLE]
    last = {supplier.pk: getattr(supplier, _LAST_DAY) for supplier in good if hasattr(supplier, _LAST_DAY)}
    others = [supplier.pk for supplier in good if supplier.pk not in last]
    if others and _tellers:
        last |= dict(with_standing(Party.objects.filter(pk__in=others)).values_list("pk", _LAST_DAY))
    today = clock.today()
    over = [pk for pk, day in last.items() if day and day < today]
    return dict(_tellers[0].words(over, today)) if over else {}


def _may_pass(supplier: Party, actor: Actor | None, reason: str, wrong: Mapping[UUID, str]) -> bool:
    suspended = supplier.active and (supplier.supplier.state == SupplierState.SUSPENDED or supplier.pk in wrong)
    if not (suspended and reason.strip() and actor):
        return False
    actor.require(OVERRIDE)
    return True


def _refusal(supplier: Party, document: str, wrong: str) -> Refusal:
    message, way_out = _words(supplier, wrong)
    return CannotOrderFrom(
        message,
        document=document or None,
        field="supplier_id",
        value=supplier.code,
        way_out=way_out,
        links=[WayOut(supplier.label, doc_type="parties.supplier", number=str(supplier.pk))],
    )


def _words(supplier: Party, wrong: str) -> tuple[str, str]:
    role = supplier.supplier
    names = {"supplier": supplier.name, "what": wrong or role.blocked_by, "reason": role.state_reason}
    if not supplier.active:
        return (
            _("%(supplier)s is not in use any more.") % names,
            _("Choose another supplier, or put this one back in use."),
        )
    if role.state == SupplierState.BLOCKED:
        said = _("%(supplier)s is blocked: %(reason)s.") if role.state_reason else _("%(supplier)s is blocked.")
        return said % names, _("Choose another supplier, or lift the block on the supplier's page.")
    if wrong or role.state == SupplierState.SUSPENDED:
        said = _("%(supplier)s is suspended: %(what)s.") if names["what"] else _("%(supplier)s is suspended.")
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
