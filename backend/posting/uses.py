"""Where the cost of goods that left went: one place that says so, for everything that corrects it later.

An issue is booked by a rule, and what the rule debits against inventory is the use of the goods: cost of sales, the account
of an issue's reason, losses pending (or what a count was settled to). Goods that are dispatched and not invoiced wait on
1406 with their customer; what a correction adds to them is added to their delivery line, so the invoice (or the return)
takes it from there. A late delivery that corrects its own goods while they leave puts that on 1406 too, and on its lines
once they are booked (``carry_own``). What is invoiced already, or not shipped any more, is cost of sales.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Exists

from backend.inventory.models import StockMove
from backend.inventory.services import uses
from backend.inventory.services.uses import AT_AGENT, SOLD
from backend.invoicing.services.shares import Share, taken_shares
from backend.invoicing.services.sides import SALES
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval
from backend.kernel.money import ZERO, cents
from backend.posting import modes, rules, stock_rules
from backend.posting.rules import RULES, VALUES, RuleLine
from backend.sales.models import SalesDelivery, SalesDeliveryLine

DISPATCHED = "goods_dispatched"
Uses = dict[tuple[str, UUID | None], Decimal]
# Goods in another place of ours are not used; what happens to them there is.
_ELSEWHERE = frozenset({rules.MATERIAL_MOVED, rules.PRODUCTION_MOVED, rules.CONSIGNMENT_MOVED})


def _cost_line(lines: Iterable[RuleLine]) -> str:
    """What a rule debits with the whole value that it takes out of inventory."""
    lines = list(lines)
    leaves = any(line.account == VALUES and line.side == "credit" for line in lines)
    found = (line.account for line in lines if line.side == "debit" and line.amount == "total")
    return next(found, "") if leaves else ""


def _roles() -> Iterator[tuple[str, str]]:
    for rule, lines in RULES.items():
        role = _cost_line(lines)
        if role and rule not in _ELSEWHERE:
            yield rule, role
    yield rules.CONSIGNMENT_SETTLED, SOLD
    # 28: a processor owes what was claimed (1221), whatever the material turns out to have cost: that is our loss
    for rule in (rules.MATERIAL_LOST, rules.MATERIAL_CLAIMED, rules.PRODUCTION_LOST):
        yield rule, "count_loss"
    for disposition, (_gain, loss) in stock_rules.SETTLED_ROLES.items():
        yield stock_rules.settled_rule(disposition), "count_loss" if loss == "other_receivable" else loss


USE_ROLES = dict(_roles())

# What a delivery corrected of its own issues, by line: the issue names its line, the correction names the issue.
_OWN = """
UPDATE sales_delivery_line l SET cost_amount = l.cost_amount + c.cost
FROM (SELECT o.doc_line_id, sum(m.value_out - m.value_in) AS cost
      FROM inventory_stock_move m JOIN inventory_stock_move o ON o.id = m.origin_id AND o.doc_id = m.doc_id
      WHERE m.doc_id = %(delivery)s AND m.kind = 'correction'
        AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
      GROUP BY 1) c
WHERE l.id = c.doc_line_id AND l.document_id = %(delivery)s
"""

_WORD = f"CASE WHEN u.role = '{DISPATCHED}' THEN u.role || ':' || {{move}}.doc_line_id ELSE u.role END"
_PAIRS = ", ".join(f"('{rule}', '{role}')" for rule, role in sorted(USE_ROLES.items()))
_TAKEN_BACK = "EXISTS (SELECT FROM accounting_voucher x WHERE x.reverses_id = v.id)"
# The newest standing voucher of the document that says it (a count is booked, then settled); of one taken back, its last.
# But goods that leave again with a document that was taken back go where it will be booked now, not where it was.
_BOOKED = f"""(
    SELECT {_WORD} FROM accounting_voucher v JOIN (VALUES {_PAIRS}) u (rule, role) ON u.rule = v.rule
    WHERE v.source_id = {{move}}.doc_id AND v.reverses_id IS NULL
      AND ({{move}}.doc_type NOT IN ('inventory.other_issue', 'sales.delivery') OR NOT {_TAKEN_BACK}
           OR EXISTS (SELECT FROM inventory_stock_move y WHERE y.reverses_id = {{move}}.id))
    ORDER BY {_TAKEN_BACK}, v.id DESC LIMIT 1)"""
# A document that is just being booked, or one that was worth nothing, has no voucher.
_REASONS = " ".join(f"WHEN '{reason}' THEN '{role}'" for reason, role in stock_rules.ISSUE_ROLES.items())
_TO_BOOK = f"""CASE {{move}}.doc_type
    WHEN 'inventory.other_issue' THEN (
        SELECT CASE i.reason {_REASONS} END FROM inventory_other_issue i WHERE i.id = {{move}}.doc_id)
    WHEN 'inventory.transfer_receipt' THEN 'pending_loss_gain'
    WHEN 'sales.delivery' THEN {{delivered}} END"""


def _waits_for_invoice() -> bool:
    return not modes.settles_by_goods() and modes.cost_waits_for_invoice()


def _word_of(move: str) -> str:
    delivered = f"'{DISPATCHED}:' || {move}.doc_line_id" if _waits_for_invoice() else f"'{SOLD}'"
    return f"{_BOOKED.format(move=move)}, {_TO_BOOK.format(move=move, delivered=delivered)}"


uses.told_by(_word_of)


@dataclass
class _Waiting:
    """A delivery line whose cost waits for the invoice: who will get it, which part still waits, and how much that is."""

    line: SalesDeliveryLine
    taken: Share
    added: Decimal = ZERO

    @property
    def party_id(self) -> UUID:
        return self.line.document.customer_id

    def add(self, cost: Decimal) -> Decimal:
        """Let what still waits carry its part of a correction; returns that part."""
        left = self.line.qty - self.line.returned_qty
        if left <= 0 or self.taken.qty >= left:
            return ZERO
        waiting = self.line.cost_amount - self.line.returned_cost - self.taken.value
        part = max(cents(cost * (left - max(self.taken.qty, ZERO)) / left), -waiting)
        self.line.cost_amount += part
        self.added += part
        return part


def settle(told: Mapping[str, Decimal], *, own: UUID | str | None = None) -> Uses:
    """Roles and parties of corrections by use; delivery lines that wait on 1406 carry theirs from now on.

    ``own`` is the document that tells them: its own goods are on their way to 1406, or not there any more. Three statements
    where goods are dispatched and not invoiced, whatever the lines, one more for own goods; none otherwise.
    """
    found: Uses = defaultdict(lambda: ZERO)
    dispatched = [use for use in told if use.startswith(f"{DISPATCHED}:")]
    waiting, leaving = _waiting(dispatched, own), _leaving(dispatched, own)
    for use, cost in sorted(told.items()):
        role, _, which = use.partition(":")
        if role == AT_AGENT:
            found[DISPATCHED, UUID(which)] += cost
        elif role == DISPATCHED and which in leaving:
            found[DISPATCHED, leaving[which]] += cost
        elif role == DISPATCHED:
            part = waiting[which].add(cost) if which in waiting else ZERO
            if part:
                found[DISPATCHED, waiting[which].party_id] += part
            found[SOLD, None] += cost - part
        else:
            found[role, None] += cost
    changed = [one.line for one in waiting.values() if one.added]
    if changed:
        update_rows(changed, ["cost_amount"])
    return {key: cost for key, cost in found.items() if cost}


def _waiting(given: Sequence[str], own: UUID | str | None) -> dict[str, _Waiting]:
    ids = [UUID(use.partition(":")[2]) for use in given]
    if not ids:
        return {}
    lines = SalesDeliveryLine.objects.select_related("document").filter(
        pk__in=ids, document__approval=Approval.APPROVED
    )
    taken = taken_shares(SALES, ids)
    found = [line for line in lines.order_by("id") if str(line.document_id) != str(own)]
    return {str(line.pk): _Waiting(line, taken.get(line.pk, Share())) for line in found}


def _leaving(given: Sequence[str], own: UUID | str | None) -> dict[str, UUID | None]:
    """The customers, by line, of goods that the document is just sending out: it is not booked yet, its moves are."""
    if own is None or not given or not _waits_for_invoice():
        return {}
    ids = [UUID(use.partition(":")[2]) for use in given]
    sent = StockMove.objects.filter(doc_id=own, doc_type=SalesDelivery.DOC_TYPE, doc_line_id__in=ids, qty_out__gt=0)
    booked = SalesDelivery.objects.filter(pk=own, approval=Approval.APPROVED)
    found = sent.exclude(Exists(booked)).values_list("doc_line_id", "party_id")
    return {str(line_id): party_id for line_id, party_id in found.order_by("id")}


def carry_own(delivery_id: UUID) -> None:
    """A delivery's lines carry what it corrected of its own goods on 1406; one statement. Call when they are booked there."""
    with connection.cursor() as cursor:
        cursor.execute(_OWN, {"delivery": delivery_id})
