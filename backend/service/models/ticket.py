"""Tickets."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document


class TicketState(models.TextChoices):
    NEW = "new", _("New")
    TRIAGED = "triaged", _("In progress")
    WAITING = "waiting", _("Waiting")
    SOLVED = "solved", _("Solved")
    CONFIRMED = "confirmed", _("Confirmed by the customer")
    CLOSED = "closed", _("Closed")


class Ticket(Document):
    """A customer's matter. The delivered line it comes from gives item, lot, supplier and carrier."""

    DOC_TYPE = "service.ticket"

    customer = models.ForeignKey("parties.Party", models.PROTECT, related_name="tickets")
    contact_member_id = models.UUIDField(null=True)
    contact_name = models.CharField(max_length=60, blank=True, default="")
    category = models.CharField(
        max_length=20,
        choices=[
            ("quality", _("Quality")),
            ("damage", _("Damaged in transit")),
            ("shortage", _("Missing quantity")),
            ("wrong_item", _("Wrong item")),
            ("question", _("Question")),
        ],
    )
    subject = models.CharField(max_length=120)
    description = models.TextField(blank=True, default="")
    priority = models.CharField(max_length=8, choices=[("normal", _("Normal")), ("high", _("High"))], default="normal")
    state = models.CharField(max_length=10, choices=TicketState, default=TicketState.NEW)
    waiting_for = models.CharField(max_length=10, blank=True, default="")
    affected_qty = fields.qty(null=True, default=None)
    order = models.ForeignKey("sales.SalesOrder", models.PROTECT, null=True, related_name="tickets")
    delivery_line = models.ForeignKey("sales.SalesDeliveryLine", models.PROTECT, null=True, related_name="tickets")
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+")
    carrier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+")
    shipment = models.ForeignKey("logistics.Shipment", models.PROTECT, null=True)
    assignee_id = models.UUIDField(null=True)
    assignee_name = models.CharField(max_length=60, blank=True, default="")
    respond_by = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    solution = models.TextField(blank=True, default="")

    class Meta:
        db_table = "service_ticket"
        indexes = [models.Index(fields=["-created_at", "-id"], name="ticket_newest")]
