"""Cost adjustments: inventory against the account that their reason names; what a supplier is owed is a debt of ours."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import CostAdjustmentApproved, CostAdjustmentUnapproved
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import total
from backend.posting import rules
from backend.posting.booking import Facts, book, unbook
from backend.posting.debts import close_debt, open_debt


@subscribe(CostAdjustmentApproved, when="now")
def book_adjustment(event: CostAdjustmentApproved, actor: Actor) -> None:
    """Dr inventory / Cr the reason's account."""
    source = SourceRef("inventory.cost_adjustment", event.aggregate_id, event.number)
    values = dict(event.values)
    amounts = {event.reason: total(values.values())}
    facts = Facts(source, event.doc_date, amounts, values, event.supplier_id)  # type: ignore[arg-type]
    open_debt(facts, total(values.values()), actor=actor)
    book(rules.COST_ADJUSTMENT, facts, words=_("Cost adjusted"), actor=actor)


@subscribe(CostAdjustmentUnapproved, when="now")
def unbook_adjustment(event: CostAdjustmentUnapproved, actor: Actor) -> None:
    """Red."""
    close_debt(UUID(str(event.aggregate_id)), actor=actor)
    unbook(event.aggregate_id, actor=actor)
