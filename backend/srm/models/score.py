"""Facts about deliveries and quality, written when something happened, and the scores computed from them."""

from django.db import models

from backend.kernel import fields


class DeliveryFact(models.Model):
    """One order line in one receipt: the day that was confirmed for it, the day it came, how much was announced."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey("parties.Party", models.CASCADE, related_name="+", db_index=False)
    receipt_id = models.UUIDField()
    receipt_number = models.CharField(max_length=40)
    order_line_id = models.UUIDField()
    order_number = models.CharField(max_length=40)
    item = models.ForeignKey("catalog.Item", models.CASCADE, related_name="+", db_index=False)
    promised_date = models.DateField()
    received_date = models.DateField()
    expected_qty = fields.qty()
    qty = fields.qty()

    class Meta:
        db_table = "srm_delivery_fact"
        constraints = [
            models.UniqueConstraint(fields=["receipt_id", "order_line_id"], name="srm_delivery_once"),
        ]
        indexes = [models.Index(fields=["party", "received_date"], name="srm_delivery_month")]

    @property
    def days_late(self) -> int:
        return max((self.received_date - self.promised_date).days, 0)


class QualityFact(models.Model):
    """What an inspection decided of one lot, or what a return says of one line (then the ids are the return's and its line's)."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey("parties.Party", models.CASCADE, related_name="+", db_index=False)
    inspection_id = models.UUIDField()
    inspection_number = models.CharField(max_length=40)
    lot_id = models.UUIDField()
    item = models.ForeignKey("catalog.Item", models.CASCADE, related_name="+", db_index=False)
    decided_date = models.DateField()
    accepted_qty = fields.qty()
    rejected_qty = fields.qty()

    class Meta:
        db_table = "srm_quality_fact"
        constraints = [models.UniqueConstraint(fields=["inspection_id", "lot_id"], name="srm_quality_once")]
        indexes = [models.Index(fields=["party", "decided_date"], name="srm_quality_month")]


class SupplierScore(models.Model):
    """A supplier's month, computed and never typed. A month without deliveries has no row: it is not scored at all."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey("parties.Party", models.CASCADE, related_name="scores", db_index=False)
    month = models.CharField(max_length=7, db_collation="C")
    deliveries = models.PositiveIntegerField()
    on_time = models.PositiveIntegerField()
    on_time_pct = fields.rate()
    quantity_pct = fields.rate()
    quality_pct = fields.rate(null=True, default=None)
    price_change_pct = fields.rate(null=True, default=None)
    response_hours = fields.rate(null=True, default=None)
    late_claims = models.PositiveSmallIntegerField(default=0)
    score = fields.rate()
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "srm_score"
        constraints = [models.UniqueConstraint(fields=["party", "month"], name="srm_score_once")]
        indexes = [models.Index(fields=["month", "-score"], name="srm_score_ranking")]
