"""The first numbering rules of a company: pinyin prefixes for Chinese books, initials for English ones."""

from datetime import datetime

from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile
from backend.kernel.models import NumberingRule

# Document type → (prefix in Chinese books, prefix in English books). Codes of masters have no date.
DOCUMENT_PREFIXES = {
    "sales.quote": ("XSBJ", "QT"),
    "sales.order": ("XSDD", "SO"),
    "sales.delivery": ("XSCK", "DN"),
    "purchasing.requisition": ("CGSQ", "PR"),
    "sales.consignment": ("WTDX", "CSG"),
    "purchasing.rfq": ("XJD", "RFQ"),
    "purchasing.blanket": ("KJDD", "BO"),
    "purchasing.order": ("CGDD", "PO"),
    "purchasing.subcontract": ("WWJG", "SCO"),
    "purchasing.material": ("WWFL", "SCM"),
    "purchasing.asn": ("SHTZ", "ASN"),
    "purchasing.receipt": ("CGRK", "GRN"),
    "purchasing.inspection": ("LLJY", "IQC"),
    "purchasing.return": ("CGTH", "PRT"),
    "sales.return": ("XSTH", "RMA"),
    "inventory.opening_stock": ("QCKC", "OS"),
    "inventory.other_receipt": ("QTRK", "OR"),
    "inventory.other_issue": ("QTCK", "OI"),
    "inventory.transfer": ("DBCK", "TR"),
    "inventory.transfer_receipt": ("DBRK", "TRR"),
    "inventory.bin_move": ("KWYD", "BM"),
    "purchasing.landed_cost": ("CGFY", "LC"),
    "inventory.cost_adjustment": ("CBTZ", "CA"),
    "inventory.costing_run": ("CBHS", "CR"),
    "inventory.count": ("PD", "CNT"),
    "inventory.assembly": ("ZZCX", "ASM"),
    "inventory.conversion": ("XTZH", "CNV"),
    "production.order": ("SCRW", "MO"),
    "production.material": ("SCLL", "MI"),
    "production.receipt": ("CPRK", "PRC"),
    "invoicing.sales_invoice": ("XSFP", "INV"),
    "invoicing.purchase_invoice": ("CGFP", "PINV"),
    "invoicing.receipt": ("SKD", "RCT"),
    "invoicing.payment": ("FKD", "PAY"),
    "invoicing.netting": ("WLCZ", "NET"),
    "invoicing.debt_transfer": ("WLZY", "DTR"),
    "invoicing.refund": ("TKD", "RFD"),
    "invoicing.statement": ("DZD", "STM"),
    "service.ticket": ("GD", "TK"),
    "srm.claim": ("ZLSP", "SCAR"),
}
MASTER_PREFIXES = {
    "parties.customer": ("KH", "C"),
    "parties.supplier": ("GYS", "S"),
    "parties.carrier": ("WL", "L"),
    "catalog.item": ("SP", "I"),
    "catalog.price_list": ("JG", "PL"),
}


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay the numbering rules, in one statement."""
    NumberingRule.objects.bulk_create(
        [
            NumberingRule(doc_type=doc_type, prefix=company.word(*prefixes))
            for doc_type, prefixes in DOCUMENT_PREFIXES.items()
        ]
        + [
            NumberingRule(
                doc_type=doc_type,
                prefix=company.word(*prefixes),
                date_format="",
                separator="",
                digits=5,
                reset="never",
            )
            for doc_type, prefixes in MASTER_PREFIXES.items()
        ],
        ignore_conflicts=True,
    )
