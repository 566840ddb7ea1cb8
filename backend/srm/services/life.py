"""The steps of a supplier's life. Approval asks for every mandatory document; a block needs a reason.

Nobody comes back under another name: who goes by the credit code of a supplier that is blocked is not approved (SRM-02).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused, WayOut
from backend.kernel.language import books_language
from backend.parties.models import SupplierRole, SupplierState
from backend.parties.services.suppliers import ORDERABLE, set_supplier_state
from backend.srm.selectors.qualification import blocked_namesakes, needs_of, obstacles_of
from backend.srm.states import SUPPLIER, WITH_REASON
from backend.workflow.services import complete_tasks

CLEAN = {"approve", "resume"}


class CannotApproveSupplier(Conflict):
    """A mandatory document is missing, expired or not checked."""

    code = "supplier_not_qualified"


def move_supplier(*, party_id: UUID, verb: str, actor: Actor, at: datetime, reason: str = "") -> SupplierRole:
    """One step of the life cycle; raises IllegalTransition, CannotApproveSupplier naming every obstacle."""
    if verb in WITH_REASON and not reason.strip():
        raise ValidationRefused(_("Say why: the reason stays with the supplier."), field="reason")
    with transaction.atomic():
        role = lock_role(party_id)
        SUPPLIER.advance(role, verb)
        obstacles = stored_obstacles(party_id, at)
        if verb in CLEAN and obstacles:
            _refuse_listed(role)
            _refuse(role, obstacles_of(needs_of(party_id, clock.day_of(at))))
        return _write(role, actor, at, reason.strip(), obstacles)


def stored_obstacles(party_id: UUID, at: datetime) -> list[str]:
    """What stands in the way, in the company's language: these words are kept, and the supplier may read them."""
    with books_language():
        listed = [_("Credit code on the block list")] if blocked_namesakes(party_id) else []
        return [*listed, *obstacles_of(needs_of(party_id, clock.day_of(at)))]


def lock_role(party_id: UUID) -> SupplierRole:
    """The supplier's role, locked; raises NotFoundRefused."""
    role = SupplierRole.objects.select_for_update(of=("self",)).select_related("party").filter(pk=party_id).first()
    if role is None:
        raise NotFoundRefused(_("There is no such supplier."), value=party_id)
    return role


def _refuse_listed(role: SupplierRole) -> None:
    problems = [
        CannotApproveSupplier(
            _("%(supplier)s has the credit code of %(other)s, which is blocked: %(reason)s.")
            % {"supplier": role.party.label, "other": other.label, "reason": other.supplier.state_reason},
            code="supplier_on_block_list",
            field="tax_id",
            value=other.tax_id or other.code,
            way_out=_("Lift the block there first, if it is no longer right."),
            links=[WayOut(other.label, doc_type="parties.supplier", number=str(other.pk))],
        )
        for other in blocked_namesakes(role.pk)
    ]
    if problems:
        raise CannotApproveSupplier.many(problems)


def _refuse(role: SupplierRole, obstacles: Sequence[str]) -> None:
    page = WayOut(_("See the documents"), doc_type="srm.qualification", number=str(role.pk))
    problems = [
        CannotApproveSupplier(
            _("%(supplier)s cannot be approved: %(what)s.") % {"supplier": role.party.label, "what": what},
            field="qualification",
            way_out=_("Ask the supplier for the document, or accept the one that waits."),
            links=[page],
        )
        for what in obstacles
    ]
    raise CannotApproveSupplier.many(problems)


def _write(role: SupplierRole, actor: Actor, at: datetime, reason: str, obstacles: Sequence[str]) -> SupplierRole:
    shown = obstacles if role.state == SupplierState.PENDING else ()
    after = str(role.state)
    made = set_supplier_state(
        party_id=role.pk, state=after, actor=actor, at=at, reason=reason, blocked_by="; ".join(shown)
    )
    if after != SupplierState.PENDING:
        complete_tasks(actor=actor, at=at, dedupe_key=f"supplier_submitted:{role.pk}")
    if after == SupplierState.WATCH:
        complete_tasks(actor=actor, at=at, subject_id=role.pk, kinds=["srm.watch_proposed"])
    return made


def refresh_obstacles(*, party_id: UUID, actor: Actor, at: datetime) -> SupplierRole:
    """After a document changed: what blocks a pending supplier is named anew; one that was suspended for a document
    and has a valid one now is what it was before."""
    with transaction.atomic():
        role = lock_role(party_id)
        obstacles = stored_obstacles(party_id, at)
        state, reason = str(role.state), role.state_reason
        if state == SupplierState.SUSPENDED and role.blocked_by and not obstacles:
            state, reason = _standing_before(party_id)
        blocking = {SupplierState.PENDING, SupplierState.SUSPENDED}
        if state not in blocking or (state == SupplierState.SUSPENDED and not role.blocked_by):
            obstacles = []
        return set_supplier_state(
            party_id=party_id, state=state, actor=actor, at=at, reason=reason, blocked_by="; ".join(obstacles)
        )


def _standing_before(party_id: UUID) -> tuple[str, str]:
    """What a suspended supplier was, and what had been said about it, by its trail: a document changes no grade."""
    trail = audit.timeline(party_id).filter(axis="state")
    stopped = trail.filter(state_after=SupplierState.SUSPENDED).first()
    before = stopped.state_before if stopped else ""
    if before not in ORDERABLE:
        return str(SupplierState.APPROVED), ""
    graded = trail.filter(state_after=before).first()
    return before, graded.reason if graded else ""
