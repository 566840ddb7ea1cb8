"""An agent says what he sold: a draft settlement at his prices, for somebody of ours to book.

No more is reported than lies with him and is in no other draft settlement. Reports of one agent wait for each other.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.services.pricing import resolve_prices
from backend.inventory.services.drafting import refuse, wrong
from backend.inventory.words import plain
from backend.invoicing.services.sides import lock_party
from backend.kernel import clock, events
from backend.kernel.actor import Actor
from backend.kernel.currency import HOME
from backend.kernel.document import Approval
from backend.kernel.errors import Conflict
from backend.kernel.money import ZERO
from backend.parties.models import Party
from backend.sales.events import ConsignmentReported
from backend.sales.models import Consignment, ConsignmentKind
from backend.sales.selectors.consignments import Consigned, consigned_with
from backend.sales.services.consignments import save_consignment, told
from backend.sales.services.inputs import ConsignmentLineInput


class CannotReportSales(Conflict):
    """Nothing was sent to the agent, or he reports more than lies with him."""

    code = "cannot_report_sales"


def report_sold(*, lines: Sequence[ConsignmentLineInput], actor: Actor, at: datetime, remark: str = "") -> Consignment:
    """Write the settlement of what the actor's company sold; prices are ours, whatever the lines say."""
    if actor.party_id is None:
        raise CannotReportSales(_("Only an agent reports what he sold."), field="customer_id")
    with transaction.atomic():
        lock_party(actor.party_id)
        _require_unsold(lines, consigned_with(actor.party_id))
        made = save_consignment(
            kind=ConsignmentKind.SOLD,
            customer_id=actor.party_id,
            warehouse_id=_came_from(actor.party_id),
            doc_date=clock.day_of(at),
            lines=[replace(line, price=None) for line in lines],
            remark=remark,
            reported=True,
            actor=actor,
            at=at,
        )
        events.publish(told(ConsignmentReported, made), actor=actor)
    return made


def agent_prices(party: Party, rows: Sequence[Consigned]) -> dict[UUID, Decimal]:
    """What the agent pays for one of each item, with tax; nothing where no price is agreed."""
    rates = {row.item.pk: row.item.tax_code.rate for row in rows}
    wanted = [(row.item.pk, row.unsold) for row in rows]
    ours = bool(wanted) and party.currency == HOME  # settlements are in the company's own currency
    found = resolve_prices(kind="sales", party=party, items=wanted, at_date=clock.today()) if ours else {}
    prices = {pk: price.in_mode(includes_tax=True, tax_rate=rates[pk]) for pk, price in found.items()}
    return {pk: price for pk, price in prices.items() if price is not None}


def _require_unsold(lines: Sequence[ConsignmentLineInput], there: Sequence[Consigned]) -> None:
    rows = {row.key: row for row in there}
    asked: dict[tuple[UUID, UUID | None], Decimal] = defaultdict(Decimal)
    problems = []
    for number, line in enumerate(lines, 1):
        key = (line.item_id, line.lot_id)
        asked[key] += line.qty
        row = rows.get(key)
        if asked[key] > (row.free if row else ZERO):
            name, free = (row.item.name, row.free) if row else ("–", ZERO)
            words = _("%(item)s: %(qty)s reported, %(free)s left to report.")
            values = {"item": name, "qty": plain(asked[key]), "free": plain(free)}
            problems.append(wrong(number, "qty", words % values, plain(line.qty)))
    refuse(problems)


def _came_from(party_id: UUID) -> UUID:
    """Our warehouse that last sent goods to the agent."""
    sent = Consignment.objects.filter(
        customer=party_id, kind=ConsignmentKind.OUT, approval=Approval.APPROVED, warehouse__active=True
    )
    found: UUID | None = sent.order_by("-doc_date", "-id").values_list("warehouse", flat=True).first()
    if found is None:
        raise CannotReportSales(_("Nothing was sent to you on consignment."), field="lines")
    return found
