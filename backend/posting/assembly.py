"""Assembly, disassembly and conversion: from one inventory account to another; nothing where they are the same.

The fee of who did the work is in what was made, and owed to him.
"""

from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import AssemblyApproved, AssemblyUnapproved
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting import stock_rules
from backend.posting.booking import Facts, book, unbook
from backend.posting.debts import close_debt, open_debt


@subscribe(AssemblyApproved, when="now")
def book_assembly(event: AssemblyApproved, actor: Actor) -> None:
    """Dr the account of what was made / Cr that of what was used, and the payable of the fee."""
    net: dict[str, Decimal] = {role: Decimal(value) for role, value in event.values_in}
    for role, value in event.values_out:
        net[role] = net.get(role, Decimal(0)) - Decimal(value)
    source = SourceRef("inventory.assembly", event.aggregate_id, event.number)
    made = {role: value for role, value in net.items() if value > 0}
    if made:
        fee = Decimal(event.fee)
        amounts = {role: -value for role, value in net.items() if value < 0} | {"fee": fee}
        facts = Facts(source, event.doc_date, amounts, made, event.supplier_id)  # type: ignore[arg-type]
        open_debt(facts, fee, actor=actor)
        book(stock_rules.ASSEMBLY, facts, words=_("Assembly"), actor=actor)


@subscribe(AssemblyUnapproved, when="now")
def unbook_assembly(event: AssemblyUnapproved, actor: Actor) -> None:
    """Red."""
    close_debt(UUID(str(event.aggregate_id)), actor=actor)
    unbook(event.aggregate_id, actor=actor)
