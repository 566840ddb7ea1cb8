"""Statements with suppliers and customers (M-07): proposed, compared with the partner's own list, and told about.

A movement stands in one statement only. The first statement of a partner opens with everything
before its period; later ones follow the last agreed one and take up whatever was missed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.invoicing.claim_sheets import ClaimInput
from backend.invoicing.events import (
    DebtTransferUnapproved,
    NettingUnapproved,
    PaymentUnapproved,
    PurchaseInvoiceUnapproved,
    ReceiptUnapproved,
    RefundUnapproved,
    SalesInvoiceUnapproved,
    StatementAgreed,
    StatementChanged,
    StatementCompared,
    StatementDisputed,
    StatementProposed,
)
from backend.invoicing.models import DifferenceKind, Statement, StatementDifference, StatementState
from backend.invoicing.services import answering, differences, standing, statement_drafts, statements
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.kernel.events import Event, subscribe
from backend.kernel.language import in_books
from backend.processes import addresses
from backend.processes.movements import CUSTOMER, SUPPLIER, Side, balance_before, movements_of
from backend.purchasing.events import PurchaseReceiptUnapproved, PurchaseReturnUnapproved
from backend.purchasing.models import Asn, PurchaseOrder
from backend.sales.events import ConsignmentTakenBack, SalesDeliveryUnapproved, SalesReturnUnapproved
from backend.workflow.services import complete_tasks, create_task, notify


# --- push-downs --------------------------------------------------------------------------------
def propose_supplier_statement(
    *, party_id: UUID, period_from: date, period_to: date, actor: Actor, at: datetime
) -> Statement:
    """Gather the period's receipts, price differences and payments, and ask the supplier to check them."""
    return _propose(SUPPLIER, party_id, period_from, period_to, actor, at)


def propose_customer_statement(
    *, party_id: UUID, period_from: date, period_to: date, actor: Actor, at: datetime
) -> Statement:
    """Gather the period's deliveries, price differences and money received, and ask the customer to check them."""
    return _propose(CUSTOMER, party_id, period_from, period_to, actor, at)


def _propose(side: Side, party_id: UUID, period_from: date, period_to: date, actor: Actor, at: datetime) -> Statement:
    if actor.kind in {"supplier", "customer"} and (actor.kind != side.kind or actor.party_id != party_id):
        raise NotFoundRefused(_("There is no such document."), value=party_id)
    with transaction.atomic():
        begin = _begin_of_statements(side, party_id)
        movements = list(movements_of(side, party_id, begin or period_from, period_to))
        prepared = statement_drafts.prepare_statement(
            kind=side.kind,
            party_id=party_id,
            period_from=period_from,
            period_to=period_to,
            movements=movements,
            opening=None if begin else balance_before(side, party_id, period_from),
            actor=actor,
            at=at,
        )
        return statements.propose_statement(statement_id=prepared.pk, actor=Actor.system(actor.name), at=at)


def _begin_of_statements(side: Side, party_id: UUID) -> date | None:
    """Where the first statement that counts began; everything before it is in its opening."""
    counted = Statement.objects.filter(kind=side.kind, party_id=party_id, state__in=["agreed", "invoiced"])
    return counted.order_by("period_from").values_list("period_from", flat=True).first()


# --- documents that are taken back --------------------------------------------------------------
@subscribe(PurchaseReceiptUnapproved, when="now")
@subscribe(PurchaseReturnUnapproved, when="now")
@subscribe(PurchaseInvoiceUnapproved, when="now")
@subscribe(PaymentUnapproved, when="now")
@subscribe(SalesDeliveryUnapproved, when="now")
@subscribe(SalesReturnUnapproved, when="now")
@subscribe(ConsignmentTakenBack, when="now")
@subscribe(SalesInvoiceUnapproved, when="now")
@subscribe(ReceiptUnapproved, when="now")
@subscribe(RefundUnapproved, when="now")
@subscribe(NettingUnapproved, when="now")
@subscribe(DebtTransferUnapproved, when="now")
def take_off_statements(event: Event, actor: Actor) -> None:
    """What is not booked any more is on no statement; an agreed one holds it."""
    standing.take_off_statements(source_id=_id(event.aggregate_id), actor=actor, at=clock.now(), explain=_explain)


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


# --- the partner's own list ---------------------------------------------------------------------
def submit_statement_list(*, statement_id: UUID, claims: Sequence[ClaimInput], actor: Actor, at: datetime) -> Statement:
    """Compare the partner's list with the statement; what explains a difference stands beside it."""
    return differences.submit_list(statement_id=statement_id, claims=claims, actor=actor, at=at, explain=_explain)


def answer_statement_dispute(*, statement_id: UUID, line_id: UUID, answer: str, **how: Any) -> Statement:
    """Answer a disputed line; where a line is taken out their list is compared with what is left, and explained."""
    return answering.answer_dispute(statement_id=statement_id, line_id=line_id, answer=answer, explain=_explain, **how)


def _explain(rows: Sequence[StatementDifference]) -> dict[UUID, str]:
    """Goods they list and we do not have: the shipping notice on its way. Other prices: what the order says."""
    numbers = {row.their_number for row in rows if row.kind == DifferenceKind.NOT_RECEIVED}
    party_id = rows[0].document.party_id
    named = Q(number__in=numbers) | Q(tracking_no__in=numbers - {""})
    found = Asn.objects.filter(named, supplier=party_id) if numbers else []
    notices = {key: notice for notice in found for key in (notice.number, notice.tracking_no) if key}
    orders = {row.line.order_number for row in rows if row.kind == DifferenceKind.PRICE and row.line}
    prices = PurchaseOrder.objects.filter(number__in=orders) if orders else []
    revised = {order.number: order.revision for order in prices}
    return {row.pk: text for row in rows if (text := _why(row, notices, revised))}


def _why(row: StatementDifference, notices: Mapping[str, Asn], revised: Mapping[str, int]) -> str:
    if row.kind == DifferenceKind.NOT_RECEIVED and row.their_number in notices:
        notice = notices[row.their_number]
        return in_books(
            lambda: (
                _("Announced with %(number)s, not received: %(state)s.")
                % {"number": notice.number, "state": notice.get_state_display()}
            )
        )
    if row.kind == DifferenceKind.PRICE and row.line:
        number, revision = row.line.order_number, revised.get(row.line.order_number, 0)
        words = {"number": number, "price": f"{row.our_price:f}".rstrip("0").rstrip("."), "revision": revision}
        if revision:
            return in_books(lambda: _("%(number)s says %(price)s since its revision %(revision)s.") % words)
        return in_books(lambda: _("%(number)s says %(price)s.") % words) if number else ""
    if row.kind == DifferenceKind.RETURN_NOT_CREDITED:
        return in_books(lambda: _("Goods went back with %(number)s.") % {"number": row.our_number})
    return ""


# --- telling -----------------------------------------------------------------------------------
@subscribe(StatementProposed, when="after_commit")
def ask_partner_to_check(event: StatementProposed, actor: Actor) -> None:
    """The partner's people find the statement in their portal."""
    statement = Statement.objects.get(pk=event.aggregate_id)
    _ask_partner(statement, key=f"statement:{statement.pk}")


@subscribe(StatementChanged, when="after_commit")
def ask_partner_to_check_again(event: StatementChanged, actor: Actor) -> None:
    """A document is not on it any more: what the partner has signed or accepted is another statement now."""
    statement = Statement.objects.get(pk=event.aggregate_id)
    if statement.approval != Approval.VOIDED and statement.state in (StatementState.PROPOSED, StatementState.DISPUTED):
        _ask_partner(statement, key=f"statement:{statement.pk}:without:{event.source_number}:{statement.version}")


def _ask_partner(statement: Statement, *, key: str) -> None:
    page = addresses.supplier if statement.kind == "supplier" else addresses.customer
    right = "supplier.statement.view" if statement.kind == "supplier" else "customer.invoice.view"
    notify(
        kind="supplier.statement_proposed",
        params={
            "number": statement.number,
            "lines": statement.lines.count(),
            "amount": f"{statement.closing_amount:,.2f}",
        },
        url=page("invoicing.statement", statement.number),
        dedupe_key=key,
        party_id=statement.party_id,
        permission=right,
        at=timezone.now(),
    )


@subscribe(StatementDisputed, when="after_commit")
def ask_us_to_answer(event: StatementDisputed, actor: Actor) -> None:
    """Somebody of ours answers the disputed lines."""
    _ask_to_answer(UUID(str(event.aggregate_id)))


@subscribe(StatementCompared, when="after_commit")
def ask_us_about_differences(event: StatementCompared, actor: Actor) -> None:
    """The partner's list differs: somebody of ours looks at it."""
    _ask_to_answer(UUID(str(event.aggregate_id)))


def _ask_to_answer(statement_id: UUID) -> None:
    statement = Statement.objects.select_related("party").get(pk=statement_id)
    waiting = statement.differences.filter(state__in=["open", "disputed"]).count()
    create_task(
        kind="invoicing.statement_disputed",
        params={
            "party": statement.party.label,
            "number": statement.number,
            "lines": statement.lines.filter(verdict="disputed").count() + waiting,
        },
        dedupe_key=f"dispute:{statement.pk}",
        permission="invoicing.statement.edit",
        subject=statement,
        at=timezone.now(),
    )


@subscribe(StatementAgreed, when="after_commit")
def tell_us_of_agreement(event: StatementAgreed, actor: Actor) -> None:
    """Both signed: the lines are locked and can be invoiced."""
    statement = Statement.objects.select_related("party").get(pk=event.aggregate_id)
    complete_tasks(dedupe_key=f"dispute:{statement.pk}", actor=actor, at=timezone.now())
    notify(
        kind="invoicing.statement_agreed",
        params={
            "party": statement.party.label,
            "number": statement.number,
            "amount": f"{statement.closing_amount:,.2f}",
        },
        url=addresses.staff("invoicing.statement", statement.number),
        dedupe_key=f"agreed:{statement.pk}",
        permission="invoicing.statement.edit",
        mail=False,
        actor=actor,
        at=timezone.now(),
    )
