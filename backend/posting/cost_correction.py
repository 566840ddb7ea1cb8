"""What costing itself corrects: goods that had left before their cost was known, at what they turn out to have cost.

The correction goes where the cost of the goods went (``uses``). It belongs to the document that made it known; when that
is taken back, inventory tells it back to where it went.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import Voucher
from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import StockCostCorrected
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import ZERO
from backend.posting import rules, uses
from backend.posting.booking import Facts, book

Month = tuple[int, int]


@subscribe(StockCostCorrected, when="now")
def book_correction(event: StockCostCorrected, actor: Actor) -> None:
    """Dr what the goods were used for / Cr inventory, a voucher for each month that the corrections lie in."""
    source = SourceRef(event.doc_type, event.aggregate_id, event.number)
    number = Voucher.objects.filter(source_id=event.aggregate_id).count()
    values: dict[Month, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    told: dict[Month, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    last: dict[Month, date] = {}
    for given, role, use, value in event.values:
        day = given if isinstance(given, date) else date.fromisoformat(given)
        month = (day.year, day.month)
        values[month][role] += value
        told[month][use] += value
        last[month] = max(day, last.get(month, day))
    for month, day in sorted(last.items()):
        facts = Facts(source, day, values=dict(values[month]), uses=uses.settle(told[month], own=event.aggregate_id))
        words, code = _("Cost of goods that had left, corrected"), f"{rules.COST_CORRECTION}.{number}"
        if book(rules.COST_CORRECTION, facts, words=words, actor=actor, rule_code=code):
            number += 1
