"""Chart of accounts, periods and balances."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class Account(models.Model):
    """A ledger account. Only leaves take postings; ``by_party`` accounts demand a party on each line."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True, db_collation="C")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True, default="")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(
        max_length=10,
        choices=[
            ("asset", _("Asset")),
            ("liability", _("Liability")),
            ("equity", _("Equity")),
            ("cost", _("Cost")),
            ("pl", _("Profit and loss")),
        ],
    )
    direction = models.CharField(max_length=6, choices=[("debit", _("Debit")), ("credit", _("Credit"))])
    is_leaf = models.BooleanField(default=True)
    by_party = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "accounting_account"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AccountRole(models.Model):
    """Which account plays a role (``ar``, ``inventory``, ``vat_output`` …) in this company's chart."""

    role = models.CharField(max_length=40, primary_key=True, db_collation="C")
    account = models.ForeignKey(Account, models.PROTECT, related_name="roles")

    class Meta:
        db_table = "accounting_account_role"


class PeriodState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Period(models.Model):
    """A calendar month of the books."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=7, unique=True, db_collation="C")
    start_date = models.DateField(unique=True)
    end_date = models.DateField(unique=True)
    state = models.CharField(max_length=10, choices=PeriodState, default=PeriodState.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=120, default="")

    class Meta:
        db_table = "accounting_period"

    def __str__(self) -> str:
        return self.code


class AccountBalance(models.Model):
    """Movements of an account in a period, per party. Kept by trigger from voucher lines; never written otherwise."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, db_index=False)
    period = models.ForeignKey(Period, models.PROTECT, db_index=False)
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    debit = fields.money()
    credit = fields.money()

    class Meta:
        db_table = "accounting_account_balance"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "period", "party"], nulls_distinct=False, name="balance_once_per_account"
            )
        ]
