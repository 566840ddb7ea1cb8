"""Production: material to the account of work in progress and back, what is lost there, and goods at what they used."""

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting import rules
from backend.posting.booking import Facts, book, unbook
from backend.production.events import (
    ProductionMaterialMoved,
    ProductionMaterialUnapproved,
    ProductReceiptApproved,
    ProductReceiptUnapproved,
)
from backend.production.models import MaterialKind

WORDS = {
    MaterialKind.ISSUE: _("Material issued to production"),
    MaterialKind.RETURN: _("Material back from production"),
    MaterialKind.LOSS: _("Material lost in production"),
}


@subscribe(ProductionMaterialMoved, when="now")
def book_production_material(event: ProductionMaterialMoved, actor: Actor) -> None:
    """Dr work in progress / Cr the material's account, in red when it comes back; a loss: Dr losses / Cr work in progress."""
    source = SourceRef("production.material", event.aggregate_id, event.number)
    facts = Facts(source, event.doc_date, {"lost": event.worth}, dict(event.values))  # type: ignore[arg-type]
    rule = rules.PRODUCTION_LOST if event.kind == MaterialKind.LOSS else rules.PRODUCTION_MOVED
    book(rule, facts, words=WORDS[MaterialKind(event.kind)], actor=actor)


@subscribe(ProductReceiptApproved, when="now")
def book_product_receipt(event: ProductReceiptApproved, actor: Actor) -> None:
    """Dr the product's account / Cr work in progress, at what was used."""
    source = SourceRef("production.receipt", event.aggregate_id, event.number)
    facts = Facts(source, event.doc_date, {"used": event.used}, dict(event.values))  # type: ignore[arg-type]
    book(rules.PRODUCED, facts, words=_("Made in production"), actor=actor)


@subscribe(ProductionMaterialUnapproved, when="now")
@subscribe(ProductReceiptUnapproved, when="now")
def unbook_production(event: ProductionMaterialUnapproved | ProductReceiptUnapproved, actor: Actor) -> None:
    """Red."""
    unbook(event.aggregate_id, actor=actor)
