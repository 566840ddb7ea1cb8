"""Alerts about stock, and how warehouses are filled up."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_items_are_inspected"),
        ("inventory", "0009_stock_is_counted_and_assembled"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplenishmentRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(default=30)),
                ("factor", models.DecimalField(decimal_places=4, default=1, max_digits=9)),
                ("automatic", models.BooleanField(default=False)),
                ("active", models.BooleanField(default=True)),
                (
                    "warehouse",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="inventory.warehouse"),
                ),
            ],
            options={
                "db_table": "inventory_replenishment_rule",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__gt", 0), ("factor__gt", 0)), name="replenishment_rule_sound"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StockAlert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("low", "Low"),
                            ("over", "Too much"),
                            ("slow", "Slow-moving"),
                            ("expiring", "Expires soon"),
                        ],
                        max_length=10,
                    ),
                ),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("threshold", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("raised_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(null=True)),
                (
                    "item",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="catalog.item"),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to="inventory.lot"
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="inventory.warehouse"
                    ),
                ),
            ],
            options={
                "db_table": "inventory_alert",
                "indexes": [models.Index(fields=["-raised_at"], name="alert_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at", None)),
                        fields=("kind", "item", "warehouse", "lot"),
                        name="alert_once_while_open",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
