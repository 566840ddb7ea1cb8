"""Prices that rise: paying clearly more than last time needs a reason on the line (PUR-07).

A line's price is held against the supplier's own last price of the item, else against the newest of any supplier in
the same currency, both before discount. Beyond ``purchasing.price_rise_pct`` an order is neither submitted nor
approved, and no amendment and no proposal taken, before somebody says why. One statement a document, however many
lines it has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import LastPrice
from backend.catalog.services.pricing import LAST, PaidLast, ResolvedPrice, asked_prices, paid_last
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.money import HUNDRED, plain
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services.checks import CannotApproveOrder, CannotEditOrder
from backend.purchasing.services.lines import price_of
from backend.workflow import parameters

LONGEST = 200


class PriceReasonNeeded(CannotApproveOrder):
    """A price lies above the last one by more than is tolerated, and nobody said why."""

    code = "price_reason_needed"


@dataclass(frozen=True)
class Rise:
    """A line that is dearer than last time by more than is tolerated; prices are in the order's own way."""

    line: PurchaseOrderLine
    last: LastPrice
    before: Decimal
    now: Decimal

    @property
    def percent(self) -> Decimal:
        return (self.now / self.before - 1) * HUNDRED


def tolerance() -> Decimal:
    """By which factor a price may exceed the last one in silence."""
    return 1 + Decimal(parameters.get("purchasing.price_rise_pct")) / HUNDRED


def in_mode(last: LastPrice, *, includes_tax: bool, tax_rate: Decimal) -> Decimal:
    """A last price with or without tax, as a document wants it."""
    found = ResolvedPrice(last.price, last.includes_tax, LAST).in_mode(includes_tax=includes_tax, tax_rate=tax_rate)
    assert found is not None
    return found


def last_prices(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> dict[UUID, PaidLast]:
    """What the items of these lines cost last, in one statement."""
    return paid_last(
        kind="purchase",
        party_id=order.supplier_id,
        currency=order.currency,
        item_ids=[line.item_id for line in lines],
    )


def rises_of(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> list[Rise]:
    """The lines that are dearer than tolerated; an item that never cost anything has no last price."""
    if not lines:
        return []
    most, known = tolerance(), last_prices(order, lines)
    found = []
    for line in lines:
        last = known.get(line.item_id, PaidLast()).standing
        if last is None or not last.price or not line.wanted_qty:
            continue
        before = in_mode(last, includes_tax=order.price_includes_tax, tax_rate=line.tax_rate)
        now = price_of(line, order)
        if now > before * most:
            found.append(Rise(line, last, before, now))
    return found


@dataclass(frozen=True)
class FirstPrice:
    """How the price of an item that was never bought stands beside the list's or the item's own; in the order's way.

    It asks for no reason: nothing was paid before that it could have risen from.
    """

    asked: Decimal
    now: Decimal
    source: str
    reference: str = ""

    @property
    def percent(self) -> Decimal:
        return (self.now / self.asked - 1) * HUNDRED

    def over(self, most: Decimal) -> bool:
        """Whether it lies above by more than is tolerated in silence."""
        return self.now > self.asked * most


def first_prices(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> dict[UUID, FirstPrice]:
    """By line, for lines whose items were never bought and are listed or have a price of their own; one statement."""
    found = asked_prices(
        kind="purchase",
        party=order.supplier,
        lines=[(line.item, line.qty) for line in lines],
        at_date=order.doc_date,
    )
    beside = {}
    for line, price in zip(lines, found, strict=True):
        asked = price.in_mode(includes_tax=order.price_includes_tax, tax_rate=line.tax_rate)
        if asked:
            beside[line.pk] = FirstPrice(asked, price_of(line, order), price.source, price.reference)
    return beside


def require_reasons(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> list[Rise]:
    """The lines that are dearer, each with its reason; raises PriceReasonNeeded naming those without."""
    rises = rises_of(order, lines)
    silent = [_refusal(order, rise) for rise in rises if not rise.line.price_reason]
    if silent:
        raise silent[0] if len(silent) == 1 else PriceReasonNeeded.many(silent)
    return rises


def settle_rises(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], *, reason: str) -> None:
    """Give the dearer among these lines the reason of the step where they have none of their own (not saved)."""
    for rise in rises_of(order, lines):
        rise.line.price_reason = rise.line.price_reason or reason.strip()[:LONGEST]
        if not rise.line.price_reason:
            raise _refusal(order, rise)


def _refusal(order: PurchaseOrder, rise: Rise) -> PriceReasonNeeded:
    return PriceReasonNeeded(
        _("Line %(line)s: %(now)s is %(percent)s %% above the last price %(before)s (%(number)s).")
        % {
            "line": rise.line.line_no,
            "now": plain(rise.now),
            "percent": plain(round(rise.percent, 1)),
            "before": plain(rise.before),
            "number": rise.last.doc_number,
        },
        document=order.number,
        line=rise.line.line_no,
        field="price_reason",
        value=rise.now,
        way_out=_("Say why on the line, or agree on another price."),
    )


def changes_of(rises: Sequence[Rise]) -> dict[str, list[str]]:
    """For the trail: each dearer line's last price and the one it has now."""
    return {f"{rise.line.line_no}.price": [plain(rise.before), plain(rise.now)] for rise in rises}


def give_price_reasons(
    *, order_id: UUID, reasons: Mapping[UUID, str], actor: Actor, at: datetime, version: int | None = None
) -> PurchaseOrder:
    """Say why lines of an order that is not approved yet are dearer; raises CannotEditOrder, ValidationRefused."""
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        if order.approval not in {Approval.DRAFT, Approval.SUBMITTED, Approval.REJECTED}:
            raise CannotEditOrder(
                _("%(order)s is %(state)s and is not edited any more.")
                % {"order": order, "state": order.state_label("approval").lower()},
                document=order.number,
                field="approval",
                value=order.approval,
                way_out=_("Amend it: the supplier sees what changed."),
            )
        lines = {line.pk: line for line in order.lines.order_by("line_no")}
        changes: dict[str, list[str]] = {}
        for line_id, words in reasons.items():
            if line_id not in lines:
                raise ValidationRefused(_("There is no such line."), field="order_line_id", value=line_id)
            line, given = lines[line_id], words.strip()[:LONGEST]
            changes[f"{line.line_no}.price_reason"] = [line.price_reason, given]
            line.price_reason = given
        claim_version(order, version, at)
        order.save()
        update_rows([lines[line_id] for line_id in reasons], ("price_reason",))
        audit.record(order, "price_reason", actor=actor, at=at, changes=changes)
    return order
