"""What costing itself corrects: goods that had left before their cost was known, at what they turn out to have cost.

The correction belongs to the document that made it known and goes away with it.
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
from backend.posting import rules
from backend.posting.booking import Facts, book


@subscribe(StockCostCorrected, when="now")
def book_correction(event: StockCostCorrected, actor: Actor) -> None:
    """Dr cost of sales / Cr inventory, a voucher for each month that the corrections lie in."""
    source = SourceRef(event.doc_type, event.aggregate_id, event.number)
    standing = Voucher.objects.filter(source_id=event.aggregate_id).count()
    for number, (day, values) in enumerate(sorted(_by_month(event).items()), standing):
        facts = Facts(source, day, values=values)
        book(
            rules.COST_CORRECTION,
            facts,
            words=_("Cost of goods that had left, corrected"),
            actor=actor,
            rule_code=f"{rules.COST_CORRECTION}.{number}",
        )


def _by_month(event: StockCostCorrected) -> dict[date, dict[str, Decimal]]:
    """Values by role, under the last day of each month that has any."""
    months: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    last: dict[tuple[int, int], date] = {}
    for given, role, value in event.values:
        day = given if isinstance(given, date) else date.fromisoformat(given)
        month = (day.year, day.month)
        months[month][role] += value
        last[month] = max(day, last.get(month, day))
    return {last[month]: dict(values) for month, values in months.items()}
