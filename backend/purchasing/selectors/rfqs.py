"""Reading requests for quotation. A supplier sees what it was asked and its own quotes, never who else was asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import ZERO
from backend.purchasing.comparison import History, Offer, Ranked, Terms, freight_share, offer_of, ranked
from backend.purchasing.models import PurchaseReceiptLine, Quote, Rfq, RfqInvitation, RfqLine, RfqState
from backend.purchasing.services.sealing import as_supplier
from backend.workflow import parameters

HISTORY_LINES = 200


def rfqs_visible_to(actor: Actor) -> QuerySet[Rfq]:
    """Requests the actor may see, newest first."""
    found = Rfq.objects.order_by("-doc_date", "-id")
    if actor.kind in {"staff", "system"}:
        return found
    if actor.kind == "supplier" and actor.party_id:
        return found.filter(invitations__supplier=actor.party_id, published_at__isnull=False)
    return found.none()


def rfq_for(actor: Actor, number: str) -> Rfq:
    """The request with its lines; for the company with the invitations too. Raises NotFoundRefused."""
    lines = RfqLine.objects.select_related("item__unit", "item__tax_code").order_by("line_no")
    found = rfqs_visible_to(actor).select_related("warehouse").prefetch_related(Prefetch("lines", lines))
    if actor.kind != "supplier":
        asked = RfqInvitation.objects.select_related("supplier__supplier").order_by("supplier__sort_key", "id")
        found = found.prefetch_related(Prefetch("invitations", asked))
    rfq = found.filter(number=number).first()
    if rfq is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return rfq


def own_invitation(actor: Actor, rfq: Rfq) -> RfqInvitation:
    """The invitation of the supplier who asks."""
    return RfqInvitation.objects.get(rfq=rfq, supplier=actor.party_id)


def own_quotes(actor: Actor, rfq: Rfq) -> list[Quote]:
    """The supplier's own revisions with their lines, newest first: before and after the deadline."""
    if actor.kind != "supplier" or actor.party_id is None:
        return []
    with as_supplier(actor.party_id):
        return list(Quote.objects.filter(rfq=rfq).prefetch_related("lines__steps").order_by("-revision"))


def quotes_visible_to(actor: Actor, rfq: Rfq) -> list[Quote]:
    """A supplier's own quotes, at any time; for the company all of them once the request was opened, none before."""
    if actor.kind == "supplier":
        return own_quotes(actor, rfq)
    found = Quote.objects.filter(rfq=rfq).select_related("supplier").prefetch_related("lines__steps")
    return list(found.order_by("supplier__sort_key", "supplier_id", "-revision"))


def rfqs_to_quote(actor: Actor, now: datetime) -> QuerySet[Rfq]:
    """Requests that wait for this supplier's answer, the most urgent first."""
    waiting = RfqInvitation.objects.filter(supplier=actor.party_id, revision=0, declined_at=None)
    return Rfq.objects.filter(state=RfqState.PUBLISHED, deadline__gt=now, pk__in=waiting.values("rfq")).order_by(
        "deadline", "id"
    )


@dataclass(frozen=True)
class Comparison:
    """All offers of an opened request."""

    rfq: Rfq
    lines: Mapping[UUID, RfqLine]
    quotes: Mapping[UUID, Quote]  # by supplier, the newest revision
    terms: Mapping[UUID, Terms]
    shares: Mapping[UUID, Decimal]
    permille: int
    today: date
    by_line: Mapping[UUID, list[Ranked]] = field(default_factory=dict)

    def offer(self, line_id: UUID, supplier_id: UUID, qty: Decimal) -> Offer | None:
        """The offer at another quantity than the whole line's."""
        quote, line = self.quotes.get(supplier_id), self.lines.get(line_id)
        row = next((row for row in quote.lines.all() if row.rfq_line_id == line_id), None) if quote else None
        if quote is None or row is None or line is None:
            return None
        return offer_of(
            quote,
            row,
            line,
            qty,
            share=self.shares[supplier_id],
            terms=self.terms[supplier_id],
            permille=self.permille,
            today=self.today,
        )


def compare(rfq: Rfq, *, today: date) -> Comparison:
    """Every line's offers ranked, in a fixed number of statements. Before the opening there is nothing to compare."""
    lines = {line.pk: line for line in sorted(rfq.lines.all(), key=lambda line: line.line_no)}
    newest: dict[UUID, Quote] = {}
    if rfq.opened_at:
        found = Quote.objects.filter(rfq=rfq).prefetch_related("lines__steps").order_by("revision")
        newest = {quote.supplier_id: quote for quote in found}
    terms = _terms(rfq, newest)
    shares = {supplier_id: freight_share(quote, lines) for supplier_id, quote in newest.items()}
    whole = Comparison(rfq, lines, newest, terms, shares, int(parameters.get("purchasing.late_cost_permille")), today)
    by_line = {}
    for line in lines.values():
        offers = [whole.offer(line.pk, supplier_id, line.qty) for supplier_id in newest]
        by_line[line.pk] = ranked([offer for offer in offers if offer])
    return Comparison(rfq, lines, newest, terms, shares, whole.permille, today, by_line)


def _terms(rfq: Rfq, quoted: Iterable[UUID]) -> dict[UUID, Terms]:
    wanted = set(quoted)
    past = histories(wanted)
    return {
        row.supplier_id: Terms(
            row.exchange_rate if row.is_abroad else Decimal(1),
            row.duty_pct if row.is_abroad else ZERO,
            row.supplier.supplier.transport_days,
            past.get(row.supplier_id, History()),
        )
        for row in rfq.invitations.all()
        if row.supplier_id in wanted
    }


def histories(supplier_ids: Iterable[UUID]) -> dict[UUID, History]:
    """How each supplier kept its days, over its last booked receipt lines (the day agreed, else the day asked)."""
    rows = (
        PurchaseReceiptLine.objects.filter(
            document__supplier__in=set(supplier_ids), document__approval=Approval.APPROVED
        )
        .annotate(due=Coalesce("order_line__schedule__date", "order_line__requested_date"))
        .order_by("pk", "-due")
        .distinct("pk")
        .values_list("document__supplier_id", "document__doc_date", "due")
    )
    found: dict[UUID, list[int]] = {}
    for supplier_id, received, due in rows:
        found.setdefault(supplier_id, []).append(max((received - due).days, 0))
    return {supplier_id: _history(days[-HISTORY_LINES:]) for supplier_id, days in found.items()}


def _history(days: list[int]) -> History:
    late = [each for each in days if each > 0]
    return History(len(days), len(late), Decimal(sum(late)) / len(late) if late else ZERO)


def quotes_of_item(item_id: UUID) -> list[Any]:
    """What was quoted for an item, the newest first; sealed quotes are not among it."""
    from backend.purchasing.models import QuoteLine

    return list(
        QuoteLine.objects.filter(rfq_line__item=item_id)
        .exclude(rfq_line__document__state=RfqState.CANCELLED)
        .select_related("quote__supplier", "rfq_line__document")
        .order_by("-quote__at", "-id")[:100]
    )
