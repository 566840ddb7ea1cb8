"""Why a number is what it is: ladders of rows that add up, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.availability import parts
from backend.availability.explanation import explain
from backend.availability.models import (
    DemandLine,
    Firmness,
    Peg,
    PromiseRevision,
    Suggestion,
    SuggestionState,
    SupplyKind,
    SupplyLine,
)
from backend.availability.services import loading
from backend.availability.services.causes import names_supplier
from backend.availability.terms import ItemTerms
from backend.inventory.models import StockBalance
from backend.inventory.words import plain
from backend.kernel.language import reads_chinese


@dataclass(frozen=True)
class LadderRow:
    """``sign``: +, −, = or empty. ``emphasis``: result (a sum), signal (the answer), info (what was not used and why)."""

    label: str
    sign: str = ""
    qty: Decimal | None = None
    date: date | None = None
    note: str = ""
    doc_type: str = ""
    number: str = ""
    emphasis: str = ""


def explain_promise(ref_line_id: UUID, *, named: bool = True) -> list[LadderRow]:
    """Why a line is promised for its dates: stock, who else has it, what comes, what was not used. Five statements.

    Without ``named`` no row says who supplies.
    """
    demand = (
        DemandLine.objects.filter(ref_line_id=ref_line_id)
        .select_related("promise", "warehouse", "item__supplier")
        .first()
    )
    if demand is None:
        return []
    pegs = list(
        Peg.objects.filter(demand=demand)
        .select_related("supply__party", "suggestion")
        .order_by("supply__supply_date", "id")
    )
    terms = loading.load_terms([demand.item_id])[demand.item_id]
    coming = [row for peg in pegs for row in _source_rows(peg, terms, named)]
    return [
        *_stock_rows(demand),
        *coming,
        *_result_rows(demand),
        *_not_used(pegs, terms),
        *_last_change(demand, named),
    ]


def _stock_rows(demand: DemandLine) -> Iterator[LadderRow]:
    balance = StockBalance.objects.filter(item_id=demand.item_id, warehouse_id=demand.warehouse_id).first()
    if balance is None:
        yield LadderRow(_("On hand in %(place)s") % {"place": demand.warehouse}, qty=Decimal(0))
        return
    yield LadderRow(_("On hand in %(place)s") % {"place": demand.warehouse}, qty=balance.on_hand)
    if balance.blocked:
        yield LadderRow(_("Blocked: in inspection, held or expired"), "−", balance.blocked)
    yield LadderRow(_("Reserved for other lines"), "−", balance.reserved - demand.reserved_qty)
    if balance.available:
        yield LadderRow(_("Free for other orders"), "−", balance.available)
    yield LadderRow(_("Set aside for this line"), "=", demand.reserved_qty, _stock_date(demand), emphasis="result")


def _stock_date(demand: DemandLine) -> date | None:
    found = parts.trim(parts.from_json(demand.promise.parts), demand.open_qty)
    return max((part.date for part in found if part.source == parts.STOCK and part.date), default=None)


def _source_rows(peg: Peg, terms: ItemTerms, named: bool) -> Iterator[LadderRow]:
    if peg.supply:
        supply = peg.supply
        yield LadderRow(
            f"{supply.ref_number} {supply.party.label if supply.party and named else ''}".strip(),
            "+",
            supply.open_qty,
            supply.supply_date,
            _supply_note(supply) if named else "",
            supply.ref_type,
            supply.ref_number,
        )
        day: date | None = supply.supply_date
    else:
        assert peg.suggestion is not None
        suggestion = peg.suggestion
        yield LadderRow(
            _("Suggestion to buy"),
            "+",
            suggestion.qty,
            suggestion.arrival_date,
            _suggestion_note(suggestion, terms),
            suggestion.order_type if suggestion.order_number else "",
            suggestion.order_number,
        )
        day = None if suggestion.state == SuggestionState.DISMISSED else suggestion.arrival_date
    yield LadderRow(_("Of these for this line"), "=", peg.qty, day, emphasis="result")


def _day(value: date) -> str:
    """A day as the ladder's own dates are written: 11-27, in English 27 Nov."""
    return str(date_format(value, "m-d" if reads_chinese() else "j M"))


def _supply_note(supply: SupplyLine) -> str:
    values = {
        "who": supply.dated_by_name
        or (_("the supplier") if supply.kind == SupplyKind.PURCHASE else _("somebody of ours")),
        "day": _day(timezone.localtime(supply.dated_at)),
        "former": _day(supply.former_date) if supply.former_date else "",
    }
    if supply.kind == SupplyKind.PRODUCTION:
        note = _("Made by us; %(who)s planned it on %(day)s.")
    elif supply.firmness == Firmness.REQUESTED:
        note = _("Ordered on %(day)s; the supplier has not confirmed the date yet.")
    elif supply.firmness == Firmness.SHIPPED:
        note = _("On its way; announced by %(who)s on %(day)s.")
    elif supply.firmness == Firmness.INSPECTED:
        note = _("Here since %(day)s and waiting for its inspection.")
    else:
        note = _("Confirmed by %(who)s on %(day)s.")
    if supply.former_date and supply.former_date != supply.supply_date:
        note = f"{note} {_('Before that it was %(former)s.')}"
    return note % values


def _suggestion_note(suggestion: Suggestion, terms: ItemTerms) -> str:
    values = {
        "reason": suggestion.reason,
        "lead": terms.lead_days,
        "transport": terms.transport_days or 0,
        "until": suggestion.snoozed_until and _day(suggestion.snoozed_until),
    }
    if suggestion.state == SuggestionState.ACCEPTED:
        if suggestion.order_type != "purchasing.order":
            return _("It is requested; nothing is ordered before the request is approved.")
        return _("The order is written but not approved yet.")
    if suggestion.state == SuggestionState.DISMISSED:
        return _("Will not be bought: %(reason)s") % values
    if terms.lead_days is None:
        return _("Not ordered yet, and no supplier with a lead time is known.")
    if suggestion.state == SuggestionState.SNOOZED:
        note = _("Put off until %(until)s, then %(lead)s days to deliver and %(transport)s days on the road.")
    else:
        note = _("Not ordered yet: %(lead)s days to deliver and %(transport)s days on the road.")
    return note % values


def _result_rows(demand: DemandLine) -> Iterator[LadderRow]:
    promise = demand.promise
    if demand.open_qty and demand.open_qty > demand.reserved_qty:
        label = _("All of it promised for") if promise.promise_date else _("Nobody can say when all of it is there")
        yield LadderRow(label, "=", demand.open_qty, promise.promise_date, emphasis="signal")


def _not_used(pegs: list[Peg], terms: ItemTerms) -> Iterator[LadderRow]:
    """What one might expect to count and does not."""
    bought = [peg.supply for peg in pegs if peg.supply and peg.supply.kind == SupplyKind.PURCHASE]
    dated = [supply for supply in bought if supply.firmness != Firmness.REQUESTED]
    if dated and terms.lead_days is not None:
        note = ngettext(
            "The lead time of %(days)s day was not used: the supplier has named a date.",
            "The lead time of %(days)s days was not used: the supplier has named a date.",
            terms.lead_days,
        )
        yield LadderRow(note % {"days": terms.lead_days}, emphasis="info")
    taken = loading.load_sources({(peg.supply.item_id, peg.supply.warehouse_id) for peg in pegs if peg.supply})
    for row in taken:
        free = row.qty - row.pegged
        if row.kind == parts.SUPPLY and free > 0 and any(peg.supply_id == row.id for peg in pegs):
            note = _("%(qty)s of %(order)s are still free for other orders.")
            yield LadderRow(note % {"qty": plain(free), "order": row.ref_number}, emphasis="info")


def _last_change(demand: DemandLine, named: bool) -> Iterator[LadderRow]:
    change = PromiseRevision.objects.filter(demand=demand).order_by("-revision").first()
    if change is None or not change.old_date:
        return
    text = change.cause_text if named or not names_supplier(change.cause_type) else ""
    values = {
        "day": _day(timezone.localtime(change.at)),
        "old": _day(change.old_date),
        "new": _day(change.new_date) if change.new_date else "–",
        "why": " ".join(part for part in (change.cause_number, text) if part) or "–",
    }
    yield LadderRow(
        _("Moved on %(day)s from %(old)s to %(new)s: %(why)s") % values,
        doc_type=change.cause_type,
        number=change.cause_number,
        emphasis="info",
    )


# --- suggestions -------------------------------------------------------------------------------
def explain_suggestion(suggestion_id: UUID) -> list[LadderRow]:
    """How a suggested quantity came to be; computed now while it is undecided, as it was when it was accepted."""
    suggestion = Suggestion.objects.select_related("item", "warehouse").filter(pk=suggestion_id).first()
    if suggestion is None:
        return []
    numbers = suggestion.explanation if suggestion.state == SuggestionState.ACCEPTED else numbers_now(suggestion)
    return list(_suggestion_rows(suggestion, numbers))


def numbers_now(suggestion: Suggestion) -> dict[str, object]:
    """The arithmetic as of now: goods may have been shipped since it was written."""
    behind = loading.load_behind([suggestion.pk]).get(suggestion.pk)
    if behind is None:
        return suggestion.explanation
    balance = (
        StockBalance.objects.filter(item=suggestion.item, warehouse=suggestion.warehouse).first() or StockBalance()
    )
    return explain(
        on_hand=balance.on_hand,
        blocked=balance.blocked,
        reserved=balance.reserved,
        behind=behind,
        qty=suggestion.qty,
        terms=loading.load_terms([suggestion.item_id])[suggestion.item_id],
    )


def _suggestion_rows(suggestion: Suggestion, numbers: dict[str, object]) -> Iterator[LadderRow]:
    def number(name: str) -> Decimal:
        return Decimal(str(numbers[name]))

    demands = numbers["demands"]
    assert isinstance(demands, list)
    yield LadderRow(_("Needed by the orders below"), qty=number("need"), date=suggestion.need_date)
    yield LadderRow(_("On hand in %(place)s") % {"place": suggestion.warehouse}, "−", number("on_hand"))
    if number("blocked"):
        yield LadderRow(_("Blocked: in inspection, held or expired"), "+", number("blocked"))
    yield LadderRow(_("Reserved for other lines"), "+", number("reserved_for_others"))
    yield LadderRow(_("Coming for these orders"), "−", number("incoming"))
    yield LadderRow(_("Short"), "=", number("shortage"), emphasis="result")
    yield LadderRow(_("To buy"), "=", number("rounded_to"), suggestion.arrival_date, _rule(numbers), emphasis="signal")
    for demand in demands:
        yield LadderRow(
            _("%(number)s line %(line)s") % {"number": demand["ref_number"], "line": demand["line_no"]},
            qty=Decimal(demand["qty"]),
            date=date.fromisoformat(demand["required_date"]),
            doc_type=demand["ref_type"],
            number=demand["ref_number"],
        )
    more = int(str(numbers["lines"])) - len(demands)
    if more > 0:
        yield LadderRow(
            ngettext("and %(count)s more line", "and %(count)s more lines", more) % {"count": more}, emphasis="info"
        )


def _rule(numbers: dict[str, object]) -> str:
    """need 20, rounded to pack of 50, 30 to stock."""
    text = _("Need %(shortage)s")
    if Decimal(str(numbers["min_order_qty"])) > Decimal(str(numbers["shortage"])):
        text += _(", at least %(min_order_qty)s per order")
    if Decimal(str(numbers["pack_qty"])) != 1:
        text += _(", rounded to packs of %(pack_qty)s")
    if Decimal(str(numbers["to_stock"])) > 0:
        text += _(", %(to_stock)s to stock")
    return text % numbers
