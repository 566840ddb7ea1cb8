"""Dated demand, dated supply, and what joins them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class DemandLine(models.Model):
    """What somebody needs from a warehouse by a date.

    ``open_qty`` is what is not shipped or cancelled yet, so ``qty`` − ``open_qty`` is what was shipped. ``reserved_qty``
    follows the reservations by trigger. A line keeps its item and warehouse while it asks for anything
    (trigger).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, default="sales")
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, db_index=False)
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    ref_type = models.CharField(max_length=40)
    ref_id = models.UUIDField(db_index=True)
    ref_number = models.CharField(max_length=40)
    ref_line_id = models.UUIDField(unique=True)
    ref_line_no = models.PositiveIntegerField()
    qty = fields.qty()
    open_qty = fields.qty()
    reserved_qty = fields.qty()
    required_date = models.DateField()
    priority = models.SmallIntegerField(default=0)
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "availability_demand_line"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reserved_qty__gte=0, open_qty__gte=models.F("reserved_qty")),
                name="demand_within_bounds",
            )
        ]
        indexes = [
            models.Index(
                fields=["item", "warehouse", "-priority", "required_date", "id"],
                name="demand_open",
                condition=models.Q(open_qty__gt=0),
            )
        ]


class Firmness(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    CONFIRMED = "confirmed", _("Confirmed by the supplier")
    SHIPPED = "shipped", _("On its way")
    INSPECTED = "inspected", _("Here, in inspection")


class SupplyKind(models.TextChoices):
    """Who brings it: somebody else, or we ourselves."""

    PURCHASE = "purchase", _("Bought")
    PRODUCTION = "production", _("Made by us")


class SupplyLine(models.Model):
    """What will come into a warehouse on a date: one row per part of an order line's schedule.

    ``firmness``: requested (ordered, not answered yet), confirmed (the supplier named the date),
    shipped (on its way), inspected (here, waiting for its inspection). ``dated_at`` and ``dated_by_name`` say when and
    by whom the date was last set, ``former_date`` what it was before.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, default=SupplyKind.PURCHASE)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, db_index=False)
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    ref_type = models.CharField(max_length=40)
    ref_id = models.UUIDField(db_index=True)
    ref_number = models.CharField(max_length=40)
    ref_line_id = models.UUIDField()
    ref_line_no = models.PositiveIntegerField()
    schedule_no = models.PositiveSmallIntegerField(default=1)
    qty = fields.qty()
    open_qty = fields.qty()
    supply_date = models.DateField()
    firmness = models.CharField(max_length=10, choices=Firmness, default=Firmness.REQUESTED)
    dated_at = models.DateTimeField()
    dated_by_name = models.CharField(max_length=120, default="")
    former_date = models.DateField(null=True)

    class Meta:
        db_table = "availability_supply_line"
        constraints = [
            models.UniqueConstraint(fields=["ref_line_id", "schedule_no"], name="supply_schedule_once"),
            models.CheckConstraint(condition=models.Q(open_qty__gte=0), name="supply_not_negative"),
        ]
        indexes = [
            models.Index(
                fields=["item", "warehouse", "supply_date", "id"],
                name="supply_coming",
                condition=models.Q(open_qty__gt=0),
            )
        ]


class Reservation(models.Model):
    """Stock set aside for a demand: soft (quantity) without a lot, hard with one."""

    id = models.BigAutoField(primary_key=True)
    demand = models.ForeignKey(DemandLine, models.CASCADE, related_name="reservations", db_index=False)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, db_index=False)
    qty = fields.qty()

    class Meta:
        db_table = "availability_reservation"
        constraints = [
            models.UniqueConstraint(fields=["demand", "lot"], nulls_distinct=False, name="reservation_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="reservation_positive"),
        ]


class Peg(models.Model):
    """So much of a demand is met by a supply, or by a suggestion that nobody has accepted yet."""

    id = models.BigAutoField(primary_key=True)
    demand = models.ForeignKey(DemandLine, models.CASCADE, related_name="pegs", db_index=False)
    supply = models.ForeignKey(SupplyLine, models.CASCADE, null=True, related_name="pegs")
    suggestion = models.ForeignKey("availability.Suggestion", models.CASCADE, null=True, related_name="pegs")
    qty = fields.qty()

    class Meta:
        db_table = "availability_peg"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(supply__isnull=False, suggestion=None)
                | models.Q(supply=None, suggestion__isnull=False),
                name="peg_one_source",
            ),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="peg_positive"),
            models.UniqueConstraint(fields=["demand", "supply", "suggestion"], nulls_distinct=False, name="peg_once"),
        ]
