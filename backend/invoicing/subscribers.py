"""What invoicing does when areas below it change."""

from backend.accounting.events import AccountDivided
from backend.invoicing.models import FundAccount
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe


@subscribe(AccountDivided, when="now")
def follow_ledger_account(event: AccountDivided, actor: Actor) -> None:
    """Bank accounts and cash boxes post to the first sub-account from now on."""
    FundAccount.objects.filter(account_id=event.aggregate_id).update(account_id=event.child_id)
