"""Material of subcontract orders: to the account of what lies at processors and back; what is lost there."""

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting import rules
from backend.posting.booking import Facts, book, unbook
from backend.purchasing.events import MaterialMoved, MaterialMoveUnapproved
from backend.purchasing.models import LossBearer, MaterialKind

WORDS = {
    MaterialKind.ISSUE: _("Material issued to processor"),
    MaterialKind.RETURN: _("Material back from processor"),
    MaterialKind.LOSS: _("Material lost at processor"),
}


@subscribe(MaterialMoved, when="now")
def book_material(event: MaterialMoved, actor: Actor) -> None:
    """Dr 1408 / Cr the material's account, in red when it comes back; a loss: Dr who bears it / Cr 1408."""
    source = SourceRef("purchasing.material", event.aggregate_id, event.number)
    facts = Facts(source, event.doc_date, {"lost": event.worth}, dict(event.values), event.supplier_id)  # type: ignore[arg-type]
    rule = rules.MATERIAL_MOVED
    if event.kind == MaterialKind.LOSS:
        rule = rules.MATERIAL_CLAIMED if event.bearer == LossBearer.SUPPLIER else rules.MATERIAL_LOST
    book(rule, facts, words=WORDS[MaterialKind(event.kind)], actor=actor)


@subscribe(MaterialMoveUnapproved, when="now")
def unbook_material(event: MaterialMoveUnapproved, actor: Actor) -> None:
    """Red."""
    unbook(event.aggregate_id, actor=actor)
