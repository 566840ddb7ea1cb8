"""What the partner's own list says (claims), and where it differs from our statement (differences), each typed and settled."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.ids import uuid7


class StatementClaim(models.Model):
    """One row of the partner's list. Returns have negative quantities; ``item_text`` is what the partner calls the item."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey("invoicing.Statement", models.CASCADE, related_name="claims", db_index=False)
    row_no = models.PositiveIntegerField()
    number = models.CharField(max_length=60)
    line_date = models.DateField(null=True)
    item_text = models.CharField(max_length=120, blank=True, default="")
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True)
    qty = fields.qty()
    price = fields.price()
    amount = fields.money()
    line = models.ForeignKey("invoicing.StatementLine", models.SET_NULL, null=True, related_name="claims")

    class Meta:
        db_table = "invoicing_statement_claim"
        constraints = [models.UniqueConstraint(fields=["document", "row_no"], name="statement_claim_once")]


class DifferenceKind(models.TextChoices):
    NOT_RECEIVED = "not_received", _("Not received by us")
    QUANTITY = "quantity", _("Quantity differs")
    PRICE = "price", _("Price differs")
    RETURN_NOT_CREDITED = "return_open", _("Return not credited")
    MISSING_AT_THEIRS = "missing", _("Missing in their list")
    DUPLICATE = "duplicate", _("Listed twice")
    ROUNDING = "rounding", _("Rounding")


class DifferenceState(models.TextChoices):
    OPEN = "open", pgettext_lazy("difference", "Open")
    DISPUTED = "disputed", _("Disputed")
    ANSWERED = "answered", _("Answered")
    OURS = "ours", _("Ours holds")
    THEIRS = "theirs", _("Theirs holds")


SETTLED = (DifferenceState.OURS, DifferenceState.THEIRS)


class StatementDifference(models.Model):
    """``gap`` = their amount less ours: what the closing balance moves by when theirs holds. ``why`` names what explains it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey("invoicing.Statement", models.CASCADE, related_name="differences", db_index=False)
    no = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=DifferenceKind)
    line = models.ForeignKey("invoicing.StatementLine", models.SET_NULL, null=True, related_name="differences")
    claim = models.ForeignKey(StatementClaim, models.CASCADE, null=True, related_name="differences")
    our_number = models.CharField(max_length=60, blank=True, default="")
    their_number = models.CharField(max_length=60, blank=True, default="")
    item_text = models.CharField(max_length=160, blank=True, default="")
    our_qty = fields.qty(null=True, default=None)
    their_qty = fields.qty(null=True, default=None)
    our_price = fields.price(null=True, default=None)
    their_price = fields.price(null=True, default=None)
    our_amount = fields.money()
    their_amount = fields.money()
    gap = fields.money()
    why = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=10, choices=DifferenceState, default=DifferenceState.OPEN)
    comment = models.CharField(max_length=300, blank=True, default="")
    answer = models.CharField(max_length=300, blank=True, default="")
    evidence_id = models.UUIDField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invoicing_statement_difference"
        constraints = [models.UniqueConstraint(fields=["document", "no"], name="statement_difference_once")]

    @property
    def settled(self) -> bool:
        return self.state in SETTLED
