"""Shipping notices (ASN) of suppliers: may cover lines of several orders, carry lots and expiry dates."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class AsnState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", pgettext_lazy("shipment", "Announced")
    IN_TRANSIT = "in_transit", _("On the way")
    ARRIVED = "arrived", _("Arrived")
    RECEIVED = "received", pgettext_lazy("shipping notice", "Goods received")
    CLOSED = "closed", _("Closed")


class AsnOutcome(models.TextChoices):
    """What the count at the ramp said."""

    MATCH = "match", _("As announced")
    SHORT = "short", _("Less than announced")
    OVER = "over", _("More than announced")
    DAMAGED = "damaged", _("Damaged")


class Asn(Document):
    DOC_TYPE = "purchasing.asn"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="asns")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    state = models.CharField(max_length=10, choices=AsnState, default=AsnState.SUBMITTED)
    outcome = models.CharField(max_length=10, choices=AsnOutcome, blank=True, default="", db_default="")
    carrier_name = models.CharField(max_length=60, blank=True, default="")
    tracking_no = models.CharField(max_length=60, blank=True, default="")
    packages = models.PositiveIntegerField(default=1)
    shipped_at = models.DateTimeField()
    expected_date = models.DateField()

    class Meta:
        db_table = "purchasing_asn"


class AsnLine(DocumentLine):
    document = models.ForeignKey(Asn, models.CASCADE, related_name="lines", db_index=False)
    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", models.PROTECT, related_name="asn_lines")
    order_number = models.CharField(max_length=40)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    received_qty = fields.qty()
    damaged_qty = fields.qty(db_default=0)
    packages = models.PositiveIntegerField(default=0, db_default=0)
    lot_no = models.CharField(max_length=40, blank=True, default="")
    mfg_date = models.DateField(null=True, blank=True)
    expiry_date = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "purchasing_asn_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="asn_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0, received_qty__gte=0), name="asn_line_positive"),
        ]
