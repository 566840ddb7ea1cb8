"""Quotations: written, sent, accepted by name, and made into orders (SAL-09, CPT-05)."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import claim_version, load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import ZERO
from backend.kernel.numbering import next_number
from backend.sales.events import SalesQuoteAccepted, SalesQuoteSent
from backend.sales.models import QuoteState, SalesOrder, SalesQuote, SalesQuoteLine
from backend.sales.services.checks import CannotAcceptQuote, CannotEditOrder, customer_of, require_own, warehouse_of
from backend.sales.services.inputs import OrderData, QuoteData
from backend.sales.services.line_units import keyed_again
from backend.sales.services.lines import BELOW_FLOOR, build_lines, price_of, store_lines, sum_up
from backend.sales.services.orders import save_order
from backend.workflow import parameters
from backend.workflow.services import complete_tasks, create_task, notify


def save_quote(
    *, data: QuoteData, actor: Actor, at: datetime, quote_id: UUID | None = None, version: int | None = None
) -> SalesQuote:
    """Write a draft quotation; raises CannotEditOrder once it is sent, StaleVersion, ValidationRefused."""
    with transaction.atomic():
        quote = _open_draft(quote_id, version, actor, at)
        old = {line.pk: line for line in quote.lines.all()} if quote_id else {}
        _fill_header(quote, data, at)
        lines = build_lines(quote, SalesQuoteLine, data.lines, actor=actor, old=old)
        sum_up(quote, lines)
        if not quote_id:
            quote.number = next_number(quote.DOC_TYPE, quote.doc_date)
        quote.save(force_insert=not quote_id)
        store_lines(quote, SalesQuoteLine, lines, old)
        audit.record(quote, "save" if quote_id else "create", actor=actor, at=at)
    return quote


def _open_draft(quote_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> SalesQuote:
    if quote_id is None:
        quote = SalesQuote()
        quote.stamp_created(actor, at)
        return quote
    quote = load_locked(SalesQuote, quote_id)
    if not quote.is_draft:
        raise CannotEditOrder(
            _("%(quote)s was sent and is not edited any more.") % {"quote": quote},
            document=quote.number,
            field="approval",
            value=quote.approval,
            way_out=_("Revise it: the customer then sees the new version."),
        )
    claim_version(quote, version, at)
    return quote


def _fill_header(quote: SalesQuote, data: QuoteData, at: datetime) -> None:
    customer = customer_of(data.customer_id)
    quote.customer, quote.currency = customer, customer.currency
    quote.warehouse = warehouse_of(data.warehouse_id)
    quote.doc_date = data.doc_date or quote.doc_date or clock.day_of(at)
    days = timedelta(days=parameters.get("sales.quote_valid_days"))
    quote.valid_until = data.valid_until or quote.doc_date + days
    if quote.valid_until < quote.doc_date:
        raise ValidationRefused(
            _("A quotation is valid for at least its own day."), field="valid_until", value=quote.valid_until
        )
    quote.requested_date = data.requested_date
    quote.price_includes_tax, quote.remark = data.price_includes_tax, data.remark


def send_quote(*, quote_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> SalesQuote:
    """Show the quotation to the customer, who may accept it from now on; sent again it is a reminder."""
    with transaction.atomic():
        quote = load_locked(SalesQuote, quote_id, seen=version)
        if quote.state != QuoteState.SENT:
            before = APPROVAL.advance(quote, "approve")
            quote.stamp_approved(actor, at)
            audit.record(quote, "send", actor=actor, at=at, axis="approval", before=before, after=quote.approval)
        quote.state, quote.sent_at = QuoteState.SENT, at
        claim_version(quote, None, at)
        quote.save()
        notify(
            kind="customer.quote_sent",
            params={"number": quote.number, "amount": _amount(quote), "valid_date": quote.valid_until},
            url=f"/customer/quotes/{quote.number}/",
            dedupe_key=f"quote_sent:{quote.pk}:{quote.version}",
            party_id=quote.customer_id,
            permission="customer.quote.accept",
            actor=actor,
            at=at,
        )
        events.publish(SalesQuoteSent(quote.pk, quote.number, quote.customer_id), actor=actor)
    return quote


def revise_quote(*, quote_id: UUID, actor: Actor, at: datetime) -> SalesQuote:
    """Back to a draft with the next revision; what was sent before cannot be accepted any more."""
    with transaction.atomic():
        quote = load_locked(SalesQuote, quote_id)
        if quote.state == QuoteState.ACCEPTED:
            raise CannotEditOrder(
                _("%(quote)s was accepted by %(name)s.") % {"quote": quote, "name": quote.accepted_by_name},
                document=quote.number,
                field="state",
                value=quote.state,
                way_out=_("Make an order from it and amend that."),
            )
        before = APPROVAL.advance(quote, "unapprove")
        quote.state, quote.revision = QuoteState.OPEN, quote.revision + 1
        claim_version(quote, None, at)
        quote.save()
        audit.record(quote, "revise", actor=actor, at=at, axis="approval", before=before, after=quote.approval)
    return quote


def accept_quote(
    *, quote_id: UUID, accepted_by: str, actor: Actor, at: datetime, ip_address: str | None = None
) -> SalesQuote:
    """Note that the customer agreed, by name; a digest seals what was agreed to. Raises CannotAcceptQuote."""
    with transaction.atomic():
        quote = load_locked(SalesQuote, quote_id)
        require_own(actor, quote, quote.customer_id)
        _check_acceptable(quote, accepted_by, at)
        quote.state, quote.accepted_at = QuoteState.ACCEPTED, at
        quote.accepted_by_name, quote.accepted_ip = accepted_by.strip()[:120], ip_address
        quote.accepted_digest = seal_of(quote)
        claim_version(quote, None, at)
        quote.save()
        audit.record(quote, "accept", actor=actor, at=at, changes={"accepted_by": ["", quote.accepted_by_name]})
        create_task(
            kind="sales.quote_accepted",
            params={
                "number": quote.number,
                "customer": quote.customer.label,
                "by": quote.accepted_by_name,
                "amount": _amount(quote),
            },
            dedupe_key=f"sales.quote_accepted:{quote.pk}",
            assignee_id=quote.created_by_id,
            permission="" if quote.created_by_id else "sales.order.edit",
            subject=quote,
            at=at,
        )
        accepted = SalesQuoteAccepted(quote.pk, quote.number, quote.customer_id, quote.accepted_by_name)
        events.publish(accepted, actor=actor)
    return quote


def decline_quote(*, quote_id: UUID, reason: str, actor: Actor, at: datetime) -> SalesQuote:
    """Note that the customer does not want it."""
    with transaction.atomic():
        quote = load_locked(SalesQuote, quote_id)
        require_own(actor, quote, quote.customer_id)
        _require_sent(quote)
        quote.state = QuoteState.DECLINED
        claim_version(quote, None, at)
        quote.save()
        audit.record(quote, "decline", actor=actor, at=at, reason=reason)
    return quote


def seal_of(quote: SalesQuote) -> str:
    """A digest of what was agreed: who, when, and every line with its price and amount."""
    rows = quote.lines.order_by("line_no").values_list("item__code", "qty", "tax_incl_price", "gross_amount")
    facts: list[Any] = [quote.number, quote.revision, quote.accepted_by_name, quote.accepted_at.isoformat(), *rows]  # type: ignore[union-attr]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _check_acceptable(quote: SalesQuote, accepted_by: str, at: datetime) -> None:
    if not accepted_by.strip():
        raise ValidationRefused(_("Type the name of who accepts."), document=quote.number, field="accepted_by")
    _require_sent(quote)
    if clock.day_of(at) > quote.valid_until:
        raise CannotAcceptQuote(
            _("%(quote)s was valid until %(day)s.") % {"quote": quote, "day": f"{quote.valid_until:%Y-%m-%d}"},
            code="quote_expired",
            document=quote.number,
            field="valid_until",
            value=quote.valid_until,
            way_out=_("Ask for a new quotation."),
        )


def _require_sent(quote: SalesQuote) -> None:
    if quote.state == QuoteState.SENT:
        return
    raise CannotAcceptQuote(
        _("%(quote)s is %(state)s.") % {"quote": quote, "state": quote.get_state_display().lower()},
        document=quote.number,
        field="state",
        value=quote.state,
        way_out=_("Only a quotation that was sent can be answered."),
    )


def order_from_quote(
    *, quote_id: UUID, actor: Actor, at: datetime, quantities: dict[UUID, Decimal] | None = None
) -> SalesOrder:
    """A draft order of what is left of the quotation (or of these quantities), at its prices."""
    with transaction.atomic():
        quote = load_locked(SalesQuote, quote_id)
        lines = list(quote.lines.select_related("item").order_by("line_no"))
        taken = [(line, _left(line, quantities)) for line in lines]
        taken = [(line, qty) for line, qty in taken if qty > 0]
        if not taken or quote.approval == "voided":
            raise CannotEditOrder(
                _("Nothing of %(quote)s is left to order.") % {"quote": quote},
                document=quote.number,
                field="qty",
                way_out=_("Copy the order it led to, or write a new quotation."),
            )
        # The prices were agreed with the quotation, so whoever makes the order need not hold the right again.
        agreed = replace(actor, permissions=actor.permissions | {BELOW_FLOOR})
        order = save_order(data=_order_data(quote, taken), actor=agreed, at=at)
        made = order.lines.order_by("line_no")
        pairs = [(line.pk, new.pk, qty) for (line, qty), new in zip(taken, made, strict=True)]
        links.link(quote, order, lines=pairs)
        for line, qty in taken:
            line.ordered_qty += qty
        update_rows([line for line, _qty in taken], ["ordered_qty"])
        complete_tasks(dedupe_key=f"sales.quote_accepted:{quote.pk}", actor=actor, at=at)
    return order


def _left(line: SalesQuoteLine, quantities: dict[UUID, Decimal] | None) -> Decimal:
    left = max(line.qty - line.ordered_qty, ZERO)
    return left if quantities is None else min(quantities.get(line.pk, ZERO), left)


def _order_data(quote: SalesQuote, taken: list[tuple[SalesQuoteLine, Decimal]]) -> OrderData:
    return OrderData(
        customer_id=quote.customer_id,
        requested_date=quote.requested_date,
        warehouse_id=quote.warehouse_id,
        price_includes_tax=quote.price_includes_tax,
        remark=quote.remark,
        lines=tuple(
            keyed_again(
                line,
                qty=qty,
                price=price_of(line, quote),
                discount_pct=line.discount_pct,
                tax_rate=line.tax_rate,
                description=line.description,
            )
            for line, qty in taken
        ),
    )


def void_quote(*, quote_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesQuote:
    """Throw a draft away."""
    with transaction.atomic():
        quote = load_locked(SalesQuote, quote_id)
        before = APPROVAL.advance(quote, "void")
        claim_version(quote, None, at)
        quote.save()
        audit.record(
            quote, "void", actor=actor, at=at, axis="approval", before=before, after=quote.approval, reason=reason
        )
    return quote


def _amount(quote: SalesQuote) -> str:
    return f"{quote.currency} {quote.gross_amount:,.2f}"
