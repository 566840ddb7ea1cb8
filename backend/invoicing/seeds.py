"""The first bank account and cash box of a company, in two statements."""

from datetime import datetime

from backend.accounting.selectors import account_ids
from backend.invoicing.models import FundAccount
from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay one bank account and one cash box on the ledger accounts of those roles."""
    ledger = account_ids(["bank", "cash"])
    FundAccount.objects.bulk_create(
        [
            FundAccount(
                code="BANK", name=company.word("基本户", "Main bank account"), kind="bank", account_id=ledger["bank"]
            ),
            FundAccount(code="CASH", name=company.word("现金", "Cash"), kind="cash", account_id=ledger["cash"]),
        ]
    )
