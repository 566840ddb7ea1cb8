"""Sales returns (SCM-14, SAL-03): asked for, authorised, received into inspection, decided.

Deciding moves everything in one transaction: what is fit goes back to stock at the cost it left with, what is not is
scrapped, the order is credited or waits for the exchange. All returns of a delivery's line together never take more
than left with it. Locks: return, deliveries by id, orders by id, balances, numbers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.models import MoveKind
from backend.inventory.services import balances, moves
from backend.inventory.services.inputs import MoveInput
from backend.kernel import audit, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.lifecycle import LifeCycle
from backend.kernel.money import ZERO, plain
from backend.kernel.numbering import next_number
from backend.sales import events as facts
from backend.sales.models import ReturnOutcome, ReturnState, SalesOrder, SalesReturn, SalesReturnLine
from backend.sales.services import drafting
from backend.sales.services.checks import CannotReturn, CannotUnapproveReturn
from backend.sales.services.inputs import DecisionInput, ReturnData, ReturnLineInput
from backend.sales.services.return_lines import (
    Sources,
    check_keyed,
    fill_return,
    link_sources,
    lock_sources,
    make_line,
    sum_up,
)
from backend.sales.services.returned_goods import WORTH, count_returned, give_back, store_sources, take_shares

__all__ = [
    "DecisionInput",
    "ReturnData",
    "ReturnLineInput",
    "authorise_return",
    "decide_return",
    "receive_return",
    "refuse_return",
    "save_return",
    "unapprove_return",
    "void_return",
]

STATES = LifeCycle(
    {
        "authorise": ({ReturnState.REQUESTED}, ReturnState.AUTHORISED),
        "refuse": ({ReturnState.REQUESTED, ReturnState.AUTHORISED}, ReturnState.REFUSED),
        "receive": ({ReturnState.AUTHORISED, ReturnState.RECEIVED}, ReturnState.RECEIVED),
        "decide": ({ReturnState.RECEIVED}, ReturnState.DONE),
        "undecide": ({ReturnState.DONE}, ReturnState.RECEIVED),
        "void": ({ReturnState.REQUESTED, ReturnState.AUTHORISED, ReturnState.RECEIVED}, ReturnState.REFUSED),
    },
    axis="state",
)


# --- asking ------------------------------------------------------------------------------------
def save_return(
    *, data: ReturnData, actor: Actor, at: datetime, return_id: UUID | None = None, version: int | None = None
) -> SalesReturn:
    """Write down what is to come back; a customer's own people ask within the company's rules."""
    if not data.lines:
        raise ValidationRefused(
            _("Nothing comes back."), field="lines", way_out=_("Say how much of a line comes back.")
        )
    if data.outcome not in ReturnOutcome.values:
        raise ValidationRefused(_("Choose credit or exchange."), field="outcome", value=data.outcome)
    with transaction.atomic():
        document = load_locked(SalesReturn, return_id) if return_id else SalesReturn()
        if return_id:
            _require_open(document)
            claim_version(document, version, at)
            links.unlink(document.pk)
            document.lines.all().delete()
        sources = lock_sources([line.delivery_line_id for line in data.lines])
        check_keyed(sources, data.lines, document, actor, at)
        fill_return(document, sources, data, actor, at)
        lines = [make_line(document, sources, number, given) for number, given in enumerate(data.lines, 1)]
        sum_up(document, lines)
        if not return_id:
            document.number = next_number(document.DOC_TYPE, document.doc_date)
        document.save(force_insert=not return_id)
        SalesReturnLine.objects.bulk_create(lines)
        link_sources(document, sources, lines)
        audit.record(document, "save" if return_id else "create", actor=actor, at=at)
        if not return_id and actor.kind == "customer":
            events.publish(_event(facts.SalesReturnRequested, document), actor=actor)
    return document


def _require_open(document: SalesReturn) -> None:
    if document.state not in {ReturnState.REQUESTED, ReturnState.AUTHORISED} or not document.is_draft:
        raise CannotReturn(
            _("%(number)s is %(state)s and is not edited any more.")
            % {"number": document, "state": document.state_label("state").lower()},
            code="cannot_edit_return",
            document=document.number,
            field="state",
            value=document.state,
        )


# --- authorising, refusing, receiving ----------------------------------------------------------
def authorise_return(*, return_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> SalesReturn:
    """The customer may send the goods."""
    return _step(return_id, "authorise", facts.SalesReturnAuthorised, actor, at, seen=version)


def refuse_return(*, return_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesReturn:
    """The goods stay where they are; the customer reads why."""
    if not reason.strip():
        raise ValidationRefused(_("Say why: the customer reads it."), field="reason")
    return _step(return_id, "refuse", facts.SalesReturnRefused, actor, at, reason=reason.strip()[:300])


def _step(
    return_id: UUID,
    verb: str,
    kind: type[facts.SalesReturnEvent],
    actor: Actor,
    at: datetime,
    *,
    reason: str = "",
    seen: int | None = None,
) -> SalesReturn:
    with transaction.atomic():
        document = load_locked(SalesReturn, return_id, seen=seen)
        before = STATES.advance(document, verb)
        if verb == "refuse":
            document.approval, document.decision_note = Approval.REJECTED, reason
        claim_version(document, None, at)
        document.save()
        audit.record(
            document, verb, actor=actor, at=at, axis="state", before=before, after=document.state, reason=reason
        )
        more = {"reason": reason} if reason else {}
        events.publish(_event(kind, document, **more), actor=actor)
    return document


def receive_return(
    *, return_id: UUID, actor: Actor, at: datetime, quantities: Mapping[UUID, Decimal] | None = None
) -> SalesReturn:
    """The goods are here and go into inspection, as allowed or as counted by line; stock does not know of them yet."""
    with transaction.atomic():
        document = load_locked(SalesReturn, return_id)
        before = STATES.advance(document, "receive")
        lines = list(document.lines.select_related("item__unit").order_by("line_no"))
        problems: list[Refusal] = []
        for line in lines:
            line.received_qty = (quantities or {}).get(line.pk, line.qty)
            if line.received_qty < 0 or line.received_qty > line.qty:
                problems.append(_counted_wrong(document, line))
        if problems:
            raise CannotReturn.many(problems)
        if not any(line.received_qty for line in lines):
            raise ValidationRefused(_("Nothing has come."), field="lines", way_out=_("Refuse the return instead."))
        update_rows(lines, ["received_qty"])
        claim_version(document, None, at)
        document.save()
        audit.record(document, "receive", actor=actor, at=at, axis="state", before=before, after=document.state)
        events.publish(_event(facts.SalesReturnReceived, document), actor=actor)
    return document


def _counted_wrong(document: SalesReturn, line: SalesReturnLine) -> CannotReturn:
    return CannotReturn(
        _("Line %(line)s: %(qty)s counted, %(most)s were to come.")
        % {"line": line.line_no, "qty": plain(line.received_qty), "most": plain(line.qty)},
        document=document.number,
        line=line.line_no,
        field="received_qty",
        value=plain(line.received_qty),
        way_out=_("Write a return of its own for what came beyond it."),
    )


# --- deciding ----------------------------------------------------------------------------------
def decide_return(
    *,
    return_id: UUID,
    actor: Actor,
    at: datetime,
    decisions: Sequence[DecisionInput] | None = None,
    note: str = "",
    version: int | None = None,
) -> SalesReturn:
    """Decide what came: each line to stock and to scrap, together all of it (None: all to stock).

    Raises CannotReturn naming every line that does not add up.
    """
    with transaction.atomic():
        document, lines, sources, orders = _open(return_id, seen=version)
        before = STATES.advance(document, "decide")
        _take_decisions(document, lines, decisions)
        take_shares(document, lines, sources)
        document.approval, document.decision_note = Approval.APPROVED, note.strip()[:300]
        document.stamp_approved(actor, at)
        document.version += 1
        sum_up(document, lines)
        _into_stock(document, lines, sources, actor, at)
        document.save()
        update_rows(lines, ["restock_qty", "scrap_qty", *WORTH])
        store_sources(lines, sources)
        count_returned(document, lines, sources, orders, actor, at, sign=1)
        audit.record(document, "decide", actor=actor, at=at, axis="state", before=before, after=document.state)
        events.publish(_event(facts.SalesReturnApproved, document), actor=actor)
    return document


def _open(
    return_id: UUID, *, seen: int | None = None
) -> tuple[SalesReturn, list[SalesReturnLine], Sources, list[SalesOrder]]:
    document = load_locked(SalesReturn, return_id, seen=seen)
    lines = list(document.lines.select_related("item").order_by("line_no"))
    sources = lock_sources([line.delivery_line_id for line in lines])
    owners = {sources.lines[line.delivery_line_id].order_line.document_id for line in lines}
    return document, lines, sources, drafting.lock_orders(owners)


def _take_decisions(
    document: SalesReturn, lines: Sequence[SalesReturnLine], decisions: Sequence[DecisionInput] | None
) -> None:
    given = {decision.line_id: decision for decision in decisions or ()}
    problems: list[Refusal] = []
    for line in lines:
        decision = given.get(line.pk)
        line.restock_qty = decision.restock_qty if decision else line.received_qty
        line.scrap_qty = decision.scrap_qty if decision else ZERO
        if min(line.restock_qty, line.scrap_qty) < 0 or line.restock_qty + line.scrap_qty != line.received_qty:
            problems.append(
                CannotReturn(
                    _("Line %(line)s: %(received)s came, %(restock)s to stock and %(scrap)s to scrap do not add up.")
                    % {
                        "line": line.line_no,
                        "received": plain(line.received_qty),
                        "restock": plain(line.restock_qty),
                        "scrap": plain(line.scrap_qty),
                    },
                    document=document.number,
                    line=line.line_no,
                    field="restock_qty",
                    value=plain(line.restock_qty),
                    way_out=_("Decide about all of it."),
                )
            )
    if problems:
        raise CannotReturn.many(problems)


def _into_stock(
    document: SalesReturn, lines: Sequence[SalesReturnLine], sources: Sources, actor: Actor, at: datetime
) -> None:
    """What is fit goes back at the cost it left with."""
    wanted = [
        MoveInput(
            kind=MoveKind.SALES_RETURN,
            item_id=line.item_id,
            warehouse_id=document.warehouse_id,
            qty_in=line.restock_qty,
            value_in=line.cost_amount - line.scrap_amount,
            lot_id=line.lot_id,
            party_id=document.customer_id,
            order_id=sources.lines[line.delivery_line_id].order_line.document_id,
            doc_line_id=line.pk,
        )
        for line in lines
        if line.item.is_stocked and line.restock_qty
    ]
    if wanted:
        moves.post_moves(wanted, document=document, actor=actor, at=at)


def _event(kind: type[facts.SalesReturnEvent], document: SalesReturn, **more: Any) -> facts.SalesReturnEvent:
    return kind(
        aggregate_id=document.pk,
        number=document.number,
        doc_date=document.doc_date,
        customer_id=document.customer_id,
        gross=document.gross_amount,
        outcome=document.outcome,
        **more,
    )


# --- taking back -------------------------------------------------------------------------------
def unapprove_return(*, return_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesReturn:
    """The decision is taken back: the goods are in inspection again. Raises when the exchange has been shipped."""
    with transaction.atomic():
        document, lines, sources, orders = _open(return_id)
        before = STATES.advance(document, "undecide")
        _require_not_exchanged(document, lines, sources, orders)
        events.publish(_event(facts.SalesReturnUnapproved, document), actor=actor)
        document, lines, sources, orders = _open(return_id)  # a credit note taken back has changed them
        STATES.advance(document, "undecide")
        document.approval = Approval.DRAFT
        balances.lock_balances((line.item_id, document.warehouse_id) for line in lines if line.item.is_stocked)
        count_returned(document, lines, sources, orders, actor, at, sign=-1)
        moves.reverse_moves(document=document, actor=actor, at=at)
        give_back(lines, sources)
        store_sources(lines, sources)
        update_rows(lines, ["restock_qty", "scrap_qty", *WORTH])
        document.approved_at, document.approved_by_id, document.approved_by_name = None, None, ""
        sum_up(document, lines)
        claim_version(document, None, at)
        document.save()
        audit.record(
            document,
            "unapprove",
            actor=actor,
            at=at,
            axis="state",
            before=before,
            after=document.state,
            reason=reason,
        )
    return document


def _require_not_exchanged(
    document: SalesReturn, lines: Sequence[SalesReturnLine], sources: Sources, orders: Sequence[SalesOrder]
) -> None:
    if document.outcome != ReturnOutcome.EXCHANGE:
        return
    rows = {row.pk: row for order in orders for row in order.loaded_lines}  # type: ignore[attr-defined]
    for line in lines:
        row = rows[sources.lines[line.delivery_line_id].order_line_id]
        if row.open_qty < line.received_qty:
            raise CannotUnapproveReturn(
                _("%(order)s line %(line)s: the exchange has been shipped already.")
                % {"order": line.order_number, "line": row.line_no},
                document=document.number,
                line=line.line_no,
                field="state",
                value=line.order_number,
                way_out=_("Take the delivery of the exchange back first."),
            )


def void_return(*, return_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesReturn:
    """Throw away a return that is not decided."""
    with transaction.atomic():
        document = load_locked(SalesReturn, return_id)
        before = STATES.advance(document, "void")
        document.approval, document.decision_note = Approval.VOIDED, reason.strip()[:300]
        claim_version(document, None, at)
        document.save()
        links.unlink(document.pk)
        audit.record(
            document, "void", actor=actor, at=at, axis="state", before=before, after=document.state, reason=reason
        )
    return document
