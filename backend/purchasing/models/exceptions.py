"""What is not as it should be with an order, derived from the documents, with a life of its own."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel.ids import uuid7


class ExceptionKind(models.TextChoices):
    """In the order in which the board shows them."""

    PROPOSAL = "proposal", _("Proposal waits for us")
    NOT_VIEWED = "not_viewed", _("Not opened")
    NOT_CONFIRMED = "not_confirmed", _("Not confirmed")
    CONFIRMED_LATE = "confirmed_late", _("Confirmed too late")
    NODE_LATE = "node_late", _("Production late")
    RECEIPT_LATE = "receipt_late", _("Not shipped in time")
    ASN_LATE = "asn_late", _("Shipment late")
    ASN_DIFFERS = "asn_differs", _("Shipment differs")


class ExceptionState(models.TextChoices):
    OPEN = "open", pgettext_lazy("exception", "Open")
    ACKNOWLEDGED = "acknowledged", _("Taken care of")
    SOLVED = "solved", _("Solved")


class PurchaseException(models.Model):
    """Something late, silent or different. It is never written by hand: it opens, and is solved, by what the documents say.

    ``subject_id`` is the order, line, node or notice it is about; of one kind and subject at most one
    is not solved. ``facts`` are plain values for the words on its card. ``risk_lines`` counts the customers'
    lines it makes late, ``risk_date`` is the day the first of them was wanted: boards are sorted by it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=ExceptionKind)
    subject_id = models.UUIDField()
    order = models.ForeignKey("purchasing.PurchaseOrder", models.CASCADE, related_name="exceptions")
    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", models.CASCADE, null=True, related_name="+")
    asn = models.ForeignKey("purchasing.Asn", models.CASCADE, null=True, related_name="+")
    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="+", db_index=False)
    buyer_id = models.UUIDField(null=True)
    due_date = models.DateField()
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=ExceptionState, default=ExceptionState.OPEN)
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by_name = models.CharField(max_length=120, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    solved_at = models.DateTimeField(null=True)
    risk_date = models.DateField(null=True)
    risk_lines = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "purchasing_exception"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"], condition=~models.Q(state="solved"), name="exception_unsolved_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["kind", "due_date", "id"], name="exception_unsolved", condition=~models.Q(state="solved")
            ),
            models.Index(
                fields=["kind", "risk_date", "due_date", "id"],
                name="exception_by_risk",
                condition=~models.Q(state="solved"),
            ),
            models.Index(
                fields=["supplier", "risk_date", "due_date", "id"],
                name="exception_of_supplier",
                condition=~models.Q(state="solved"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject_id}"
