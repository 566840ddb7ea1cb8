"""Cost adjustments: inventory against the account that their reason names."""

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import CostAdjustmentApproved, CostAdjustmentUnapproved
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import total
from backend.posting import rules
from backend.posting.booking import Facts, book, unbook


@subscribe(CostAdjustmentApproved, when="now")
def book_adjustment(event: CostAdjustmentApproved, actor: Actor) -> None:
    """Dr inventory / Cr the reason's account."""
    source = SourceRef("inventory.cost_adjustment", event.aggregate_id, event.number)
    values = dict(event.values)
    amounts = {event.reason: total(values.values())}
    facts = Facts(source, event.doc_date, amounts, values)  # type: ignore[arg-type]
    book(rules.COST_ADJUSTMENT, facts, words=_("Cost adjusted"), actor=actor)


@subscribe(CostAdjustmentUnapproved, when="now")
def unbook_adjustment(event: CostAdjustmentUnapproved, actor: Actor) -> None:
    """Red."""
    unbook(event.aggregate_id, actor=actor)
