"""What a supplier does with a request: sees it, quotes (again until the deadline), declines.

Everything runs as that supplier for the database: no step can touch another's quote. An offer that came by mail,
telephone or on paper is keyed by staff in the supplier's name: marked, sealed like any other, and never over an
offer that the supplier sent itself.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.files import attach_file
from backend.kernel.money import HUNDRED, beyond
from backend.purchasing.events import QuoteSubmitted
from backend.purchasing.models import Quote, QuoteLine, QuoteSource, QuoteStep, Rfq, RfqInvitation, RfqLine, RfqState
from backend.purchasing.services.inputs import QuoteData, QuoteLineInput
from backend.purchasing.services.sealing import as_supplier


class CannotQuote(Conflict):
    code = "cannot_quote"


class CannotKeyQuote(CannotQuote):
    code = "cannot_key_quote"


def submit_quote(
    *,
    rfq_id: UUID,
    data: QuoteData,
    actor: Actor,
    at: datetime,
    key: str = "",
    supplier_id: UUID | None = None,
    upload: UploadedFile | None = None,
) -> Quote:
    """A new revision of the supplier's offer; the same ``key`` twice gives the first one again.

    Staff keys an offer that came on paper (``supplier_id``, with the paper as ``upload``). Raises CannotQuote after
    the deadline, CannotKeyQuote over the supplier's own offer, ValidationRefused naming every line and field.
    """
    party_id = _party(actor, supplier_id)
    with transaction.atomic(), as_supplier(party_id):
        rfq, invitation = _invited(rfq_id, party_id)
        known = Quote.objects.filter(rfq=rfq, supplier=party_id, key=key).first() if key and actor.party_id else None
        if known:
            return known
        _require_time(rfq, at)
        keyed = actor.kind != "supplier"
        if keyed:
            _require_keyable(rfq, invitation, data)
        wanted = {line.pk: line for line in rfq.lines.select_related("item__tax_code", "item__unit")}
        problems = list(_problems(data, wanted, at))
        if problems:
            raise Refusal.many(problems)
        invitation.revision += 1
        invitation.quoted_at, invitation.declined_at = at, None
        invitation.keyed_by_name = actor.name[:120] if keyed else ""
        quote = _write(rfq, invitation, data, wanted, actor, at, key)
        invitation.save(update_fields=["revision", "quoted_at", "declined_at", "keyed_by_name"])
        if upload is not None:
            attach_file(subject=quote, upload=upload, actor=actor, at=at)
        _log(rfq, "key_quote" if keyed else "quote", actor, at, invitation.supplier.label if keyed else "")
        events.publish(
            QuoteSubmitted(rfq.pk, rfq.number, supplier_id=party_id, revision=invitation.revision), actor=actor
        )
    return quote


def _require_keyable(rfq: Rfq, invitation: RfqInvitation, data: QuoteData) -> None:
    """Staff never writes over what the supplier sent itself, and says how the offer came in."""
    if invitation.revision and not invitation.keyed_by_name:
        raise CannotKeyQuote(
            _("%(supplier)s has quoted itself: nobody here writes over it.") % {"supplier": invitation.supplier.name},
            document=rfq.number,
            field="supplier_id",
            value=invitation.supplier.code,
            way_out=_("The supplier may send a better quote until the deadline."),
        )
    if data.source not in set(QuoteSource.values) - {QuoteSource.PORTAL}:
        raise ValidationRefused(_("Say how the offer came in."), field="source", value=data.source)


def _party(actor: Actor, supplier_id: UUID | None) -> UUID:
    party_id = actor.party_id if actor.kind == "supplier" else supplier_id
    if party_id is None or actor.kind == "customer":
        raise NotFoundRefused(_("There is no such document."))
    return party_id


def _invited(rfq_id: UUID, party_id: UUID) -> tuple[Rfq, RfqInvitation]:
    rfq = load_locked(Rfq, rfq_id)
    invitation = rfq.invitations.select_related("supplier").filter(supplier=party_id).first()
    if invitation is None or not rfq.published_at:
        raise NotFoundRefused(_("There is no such document."), value=rfq_id)
    return rfq, invitation


def _require_time(rfq: Rfq, at: datetime) -> None:
    if rfq.state == RfqState.PUBLISHED and at < rfq.deadline:
        return
    raise CannotQuote(
        _("The deadline of %(rfq)s has passed: quotes are not taken or changed any more.") % {"rfq": rfq}
        if rfq.state != RfqState.CANCELLED
        else _("%(rfq)s was cancelled.") % {"rfq": rfq},
        document=rfq.number,
        field="deadline",
        value=rfq.deadline,
        way_out=_("Write to the buyer."),
    )


def _problems(data: QuoteData, wanted: dict[UUID, RfqLine], at: datetime) -> Iterator[Refusal]:
    if not data.lines:
        yield ValidationRefused(_("Give a price for one line at least."), field="lines")
    if data.valid_until < clock.day_of(at):
        yield ValidationRefused(_("The offer would have expired already."), field="valid_until", value=data.valid_until)
    if data.freight < 0:
        yield ValidationRefused(_("Freight cannot be negative."), field="freight", value=data.freight)
    seen: set[UUID] = set()
    for line in data.lines:
        asked = wanted.get(line.rfq_line_id)
        if asked is None or line.rfq_line_id in seen:
            yield ValidationRefused(_("There is no such line."), field="lines", value=line.rfq_line_id)
            continue
        seen.add(line.rfq_line_id)
        yield from _line_problems(line, asked)


def _line_problems(line: QuoteLineInput, asked: RfqLine) -> Iterator[Refusal]:
    no, pk = asked.line_no, asked.pk
    if line.price <= 0:
        yield ValidationRefused(_("A price is above zero."), line=no, field=f"price-{pk}", value=line.price)
    for price in (line.price, *(step.price for step in line.steps)):
        if problem := beyond(price * asked.qty, line=no, field=f"price-{pk}"):
            yield problem
    if not 0 <= line.lead_days <= 999:
        yield ValidationRefused(_("0 to 999 days."), line=no, field=f"lead-{pk}", value=line.lead_days)
    if line.min_qty < 0:
        yield ValidationRefused(_("A quantity cannot be negative."), line=no, field=f"min-{pk}", value=line.min_qty)
    if line.tax_rate is not None and not 0 <= line.tax_rate <= HUNDRED:
        yield ValidationRefused(_("Tax lies between 0 and 100 %."), line=no, field=f"tax-{pk}", value=line.tax_rate)
    steps = [step.from_qty for step in line.steps]
    if any(step.from_qty <= 0 or step.price <= 0 for step in line.steps) or len(set(steps)) != len(steps):
        yield ValidationRefused(
            _("Each step has its own quantity and a price above zero."), line=no, field=f"step-{pk}"
        )


def _write(
    rfq: Rfq,
    invitation: RfqInvitation,
    data: QuoteData,
    wanted: dict[UUID, RfqLine],
    actor: Actor,
    at: datetime,
    key: str,
) -> Quote:
    quote = Quote.objects.create(
        rfq=rfq,
        supplier=invitation.supplier,
        revision=invitation.revision,
        key=key[:80],
        currency=invitation.supplier.currency,
        includes_tax=data.includes_tax,
        freight=data.freight,
        valid_until=data.valid_until,
        note=data.note[:300],
        source=QuoteSource.PORTAL if actor.kind == "supplier" else data.source,
        by_name=actor.name,
        at=at,
    )
    lines = [
        QuoteLine(
            quote=quote,
            rfq_line_id=line.rfq_line_id,
            price=line.price,
            tax_rate=wanted[line.rfq_line_id].item.tax_code.rate if line.tax_rate is None else line.tax_rate,
            lead_days=line.lead_days,
            min_qty=line.min_qty,
            alternate=line.alternate[:200],
        )
        for line in data.lines
    ]
    QuoteLine.objects.bulk_create(lines)
    QuoteStep.objects.bulk_create(
        QuoteStep(line=made, from_qty=step.from_qty, price=step.price)
        for made, line in zip(lines, data.lines, strict=True)
        for step in line.steps
    )
    return quote


def decline_rfq(*, rfq_id: UUID, actor: Actor, at: datetime, reason: str = "") -> RfqInvitation:
    """The supplier does not quote this time; it may still change its mind before the deadline."""
    party_id = _party(actor, None)
    with transaction.atomic():
        rfq, invitation = _invited(rfq_id, party_id)
        _require_time(rfq, at)
        if invitation.revision:
            raise CannotQuote(
                _("You have quoted already: the newest quote counts."), document=rfq.number, field="state"
            )
        invitation.declined_at, invitation.decline_reason = at, reason[:300]
        invitation.save(update_fields=["declined_at", "decline_reason"])
        _log(rfq, "decline", actor, at)
    return invitation


def mark_seen(*, rfq_id: UUID, actor: Actor, at: datetime) -> None:
    """Note that the supplier opened the request, the first time only."""
    if actor.kind == "supplier":
        RfqInvitation.objects.filter(rfq=rfq_id, supplier=actor.party_id, seen_at=None).update(seen_at=at)


def _log(rfq: Rfq, verb: str, actor: Actor, at: datetime, words: str = "") -> None:
    audit.record(rfq, verb, actor=actor, at=at, reason=words)
