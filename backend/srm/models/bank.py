"""Bank accounts of suppliers. A change is a row that waits; it takes effect when a second person in finance says so."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.ids import uuid7


class BankState(models.TextChoices):
    WAITING = "waiting", _("Waiting for finance")
    EFFECTIVE = "effective", _("In effect")
    REPLACED = "replaced", _("Replaced")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SupplierBankAccount(models.Model):
    """One account, asked for by somebody. ``replaces`` is the account that was in effect when it was asked for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey("parties.Party", models.CASCADE, related_name="bank_accounts")
    holder = models.CharField(max_length=120)
    bank_name = models.CharField(max_length=120)
    account_no = models.CharField(max_length=34)
    bank_code = models.CharField(max_length=20, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    state = models.CharField(max_length=9, choices=BankState, default=BankState.WAITING)
    replaces = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    requested_by_id = models.UUIDField(null=True)
    requested_by_name = models.CharField(max_length=120)
    requested_by_kind = models.CharField(max_length=10)
    requested_at = models.DateTimeField()
    decided_by_id = models.UUIDField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "srm_bank_account"
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=models.Q(state="effective"), name="srm_one_bank_account_in_effect"
            ),
            models.UniqueConstraint(
                fields=["party"], condition=models.Q(state="waiting"), name="srm_one_bank_change_waits"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by_id=None)
                | models.Q(requested_by_id=None)
                | ~models.Q(decided_by_id=models.F("requested_by_id"))
                | ~models.Q(state__in=["effective", "replaced"]),
                name="srm_bank_change_has_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_name} {self.masked}"

    @property
    def masked(self) -> str:
        """What those who do not pay may see."""
        return f"**** {self.account_no[-4:]}"

    def state_label(self, axis: str) -> str:
        return str(self.get_state_display())
