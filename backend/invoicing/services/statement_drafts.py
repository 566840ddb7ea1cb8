"""Statements of account as they are first written: from the movements that stand in no other one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing.models import MovementKind, Statement, StatementLine
from backend.invoicing.services.sides import PURCHASES, SALES, lock_party, usable_party
from backend.invoicing.services.statements import CannotChangeStatement, reckon
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import ValidationRefused
from backend.kernel.money import ZERO
from backend.kernel.numbering import next_number

LOWERING = {MovementKind.RETURN, MovementKind.PAYMENT}


@dataclass(frozen=True)
class StatementMovement:
    """One movement of the period. ``amount`` is positive as on its document; returns and payments lower the balance."""

    kind: str
    line_date: date
    source_type: str
    source_id: UUID
    source_number: str
    amount: Decimal
    source_line_id: UUID | None = None
    their_number: str = ""
    order_number: str = ""
    item_id: UUID | None = None
    qty: Decimal = ZERO
    price: Decimal = ZERO
    net_amount: Decimal = ZERO
    tax_amount: Decimal = ZERO

    @property
    def signed_amount(self) -> Decimal:
        return -self.amount if self.kind in LOWERING else self.amount


def prepare_statement(
    *,
    kind: str,
    party_id: UUID,
    period_from: date,
    period_to: date,
    movements: Iterable[StatementMovement],
    opening: Decimal | None = None,
    actor: Actor,
    at: datetime,
    doc_date: date | None = None,
) -> Statement:
    """Write a statement from the movements that stand in no other; opening follows the last agreed one."""
    usable_party(PURCHASES if kind == "supplier" else SALES, party_id)
    if period_from > period_to:
        raise ValidationRefused(_("The period ends before it begins."), field="period_to", value=period_to)
    with transaction.atomic():
        lock_party(party_id)
        _refuse_unfinished(kind, party_id)
        new = _not_stated(movements)
        if not new:
            raise CannotChangeStatement(
                _("There is nothing to state: every movement up to %(day)s is on a statement.") % {"day": period_to},
                code="nothing_to_state",
            )
        day = doc_date or period_to
        statement = Statement(
            kind=kind,
            party_id=party_id,
            doc_date=day,
            period_from=period_from,
            period_to=period_to,
            opening_amount=_opening(kind, party_id) if opening is None else opening,
            number=next_number(Statement.DOC_TYPE, day),
        )
        statement.stamp_created(actor, at)
        lines = [_line_of(statement, number, movement) for number, movement in enumerate(new, 1)]
        reckon(statement, lines)
        statement.save(force_insert=True)
        StatementLine.objects.bulk_create(lines)
        audit.record(statement, "create", actor=actor, at=at)
    return statement


def _refuse_unfinished(kind: str, party_id: UUID) -> None:
    running = Statement.objects.filter(
        kind=kind, party_id=party_id, state__in=["open", "proposed", "disputed"]
    ).exclude(approval=Approval.VOIDED)
    found = running.first()
    if found:
        raise CannotChangeStatement(
            _("%(number)s with this party is not agreed yet.") % {"number": found.number},
            code="statement_unfinished",
            document=found.number,
            way_out=_("Finish or void it first."),
        )


def _not_stated(movements: Iterable[StatementMovement]) -> list[StatementMovement]:
    wanted = sorted(
        movements, key=lambda movement: (movement.line_date, movement.source_number, str(movement.source_line_id))
    )
    stated = set(
        StatementLine.objects.filter(
            active=True, source_id__in={movement.source_id for movement in wanted}
        ).values_list("source_id", "source_line_id")
    )
    return [movement for movement in wanted if (movement.source_id, movement.source_line_id) not in stated]


def _opening(kind: str, party_id: UUID) -> Decimal:
    agreed = Statement.objects.filter(kind=kind, party_id=party_id, state__in=["agreed", "invoiced"])
    last = agreed.order_by("-period_to", "-id").first()
    return last.closing_amount if last else ZERO


def _line_of(statement: Statement, number: int, movement: StatementMovement) -> StatementLine:
    return StatementLine(
        document=statement,
        line_no=number,
        kind=movement.kind,
        line_date=movement.line_date,
        source_type=movement.source_type,
        source_id=movement.source_id,
        source_number=movement.source_number,
        source_line_id=movement.source_line_id,
        their_number=movement.their_number,
        order_number=movement.order_number,
        item_id=movement.item_id,
        qty=movement.qty,
        price=movement.price,
        net_amount=movement.net_amount,
        tax_amount=movement.tax_amount,
        amount=movement.signed_amount,
    )
