"""Shipments pass milestones."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Shipment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("direction", models.CharField(choices=[("in", "Inbound"), ("out", "Outbound")], max_length=3)),
                ("source_type", models.CharField(max_length=40)),
                ("source_id", models.UUIDField(unique=True)),
                ("source_number", models.CharField(max_length=40)),
                ("carrier_name", models.CharField(blank=True, default="", max_length=60)),
                ("tracking_no", models.CharField(blank=True, default="", max_length=60)),
                ("packages", models.PositiveIntegerField(default=1)),
                ("destination", models.CharField(blank=True, default="", max_length=250)),
                ("freight", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("dispatched_at", models.DateTimeField(null=True)),
                ("expected_date", models.DateField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("signed_by", models.CharField(blank=True, default="", max_length=60)),
                (
                    "carrier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried",
                        to="parties.party",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shipments", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "logistics_shipment",
            },
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("picked", "Picked"),
                            ("dispatched", "Shipped"),
                            ("in_transit", "In transit"),
                            ("out_for_delivery", "Out for delivery"),
                            ("delivered", "Delivered"),
                            ("damaged", "Damaged"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("place", models.CharField(blank=True, default="", max_length=100)),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                ("source", models.CharField(default="web", max_length=10)),
                ("actor_name", models.CharField(max_length=120)),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="milestones", to="logistics.shipment"
                    ),
                ),
            ],
            options={
                "db_table": "logistics_milestone",
            },
        ),
    ]
