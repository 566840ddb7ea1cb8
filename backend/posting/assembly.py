"""Assembly, disassembly and conversion: from one inventory account to another; nothing where they are the same."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import AssemblyApproved, AssemblyUnapproved
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting import stock_rules
from backend.posting.booking import Facts, book, unbook


@subscribe(AssemblyApproved, when="now")
def book_assembly(event: AssemblyApproved, actor: Actor) -> None:
    """Dr the account of what was made / Cr that of what was used."""
    net: dict[str, Decimal] = {role: Decimal(value) for role, value in event.values_in}
    for role, value in event.values_out:
        net[role] = net.get(role, Decimal(0)) - Decimal(value)
    source = SourceRef("inventory.assembly", event.aggregate_id, event.number)
    made = {role: value for role, value in net.items() if value > 0}
    if made:
        used = {role: -value for role, value in net.items() if value < 0}
        facts = Facts(source, event.doc_date, amounts=used, values=made)  # type: ignore[arg-type]
        book(stock_rules.ASSEMBLY, facts, words=_("Assembly"), actor=actor)


@subscribe(AssemblyUnapproved, when="now")
def unbook_assembly(event: AssemblyUnapproved, actor: Actor) -> None:
    """Red."""
    unbook(event.aggregate_id, actor=actor)
