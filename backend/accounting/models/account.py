"""Chart of accounts, periods and balances."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.ids import uuid7
from backend.kernel.language import reads_chinese


class AccountKind(models.TextChoices):
    ASSET = "asset", _("Asset")
    LIABILITY = "liability", _("Liability")
    EQUITY = "equity", _("Equity")
    COST = "cost", pgettext_lazy("kind of account", "Cost")
    PL = "pl", _("Profit and loss")


class Control(models.TextChoices):
    """The sub-ledger that keeps an account: such accounts are moved by documents alone, never by hand."""

    RECEIVABLE = "receivable", _("Receivables")
    PAYABLE = "payable", _("Payables")
    STOCK = "stock", _("Stock")
    DISPATCHED = "dispatched", _("Shipped, not invoiced")
    ESTIMATE = "estimate", _("Received, not invoiced")
    TRANSIT = "transit", _("Invoiced, not received")


class Account(models.Model):
    """A ledger account. Only leaves take postings; ``by_party`` accounts demand a party on each line."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True, db_collation="C")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True, default="")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=10, choices=AccountKind)
    direction = models.CharField(max_length=6, choices=[("debit", _("Debit")), ("credit", _("Credit"))])
    is_leaf = models.BooleanField(default=True)
    by_party = models.BooleanField(default=False)
    control = models.CharField(max_length=12, choices=Control, blank=True, default="")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "accounting_account"

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.name if reads_chinese() or not self.name_en else self.name_en

    @property
    def depth(self) -> int:
        """0 for first-level accounts; parts of the code are joined by dots."""
        return self.code.count(".")


class AccountRole(models.Model):
    """Which account plays a role (``ar``, ``inventory``, ``vat_output`` …) in this company's chart."""

    role = models.CharField(max_length=40, primary_key=True, db_collation="C")
    account = models.ForeignKey(Account, models.PROTECT, related_name="roles")

    class Meta:
        db_table = "accounting_account_role"


class PeriodState(models.TextChoices):
    OPEN = "open", pgettext_lazy("period", "Open")
    CLOSED = "closed", pgettext_lazy("period", "Closed")


class Period(models.Model):
    """A calendar month of the books; ``code`` is ``2026-11``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=7, unique=True, db_collation="C")
    start_date = models.DateField(unique=True)
    end_date = models.DateField(unique=True)
    state = models.CharField(max_length=10, choices=PeriodState, default=PeriodState.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.UUIDField(null=True)
    closed_by_name = models.CharField(max_length=120, default="")

    class Meta:
        db_table = "accounting_period"

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        return self.state == PeriodState.OPEN


class AccountBalance(models.Model):
    """Movements of an account in a period, per party. Kept by trigger from voucher lines; never written otherwise.

    ``party`` is null on accounts that are not kept by party. ``closing_*`` is the part that came from
    transfers to profit for the year, so that statements can leave it out.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, db_index=False)
    period = models.ForeignKey(Period, models.PROTECT, db_index=False)
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    debit = fields.money(db_default=0)
    credit = fields.money(db_default=0)
    closing_debit = fields.money(db_default=0)
    closing_credit = fields.money(db_default=0)

    class Meta:
        db_table = "accounting_account_balance"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "period", "party"], nulls_distinct=False, name="balance_once_per_account"
            )
        ]
