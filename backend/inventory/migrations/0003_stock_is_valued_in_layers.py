"""What goods are worth when they are valued by arrival or by lot; stock below zero where a warehouse allows it."""

from decimal import Decimal

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_items_have_prices"),
        ("inventory", "0002_the_database_guards_stock"),
        ("parties", "0001_partners_have_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="CostLayer",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("layer_date", models.DateField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_cost_layer",
            },
        ),
        migrations.CreateModel(
            name="LayerEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_layer_entry",
            },
        ),
        migrations.CreateModel(
            name="StockCalendar",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("closed_through", models.DateField(null=True)),
            ],
            options={
                "db_table": "inventory_calendar",
            },
        ),
        migrations.RemoveConstraint(
            model_name="stockbalance",
            name="stock_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="stockbalance",
            name="stock_not_oversold",
        ),
        migrations.RemoveConstraint(
            model_name="stockbalance",
            name="stock_value_not_negative",
        ),
        migrations.AddField(
            model_name="stockbalance",
            name="allow_negative",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="stockmove",
            name="origin",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="returns",
                to="inventory.stockmove",
            ),
        ),
        migrations.AddField(
            model_name="warehouse",
            name="allow_negative",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="stockmove",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opening", "Opening stock"),
                    ("purchase_receipt", "Purchase receipt"),
                    ("sales_delivery", "Sales delivery"),
                    ("purchase_return", "Purchase return"),
                    ("sales_return", "Sales return"),
                    ("revaluation", "Cost adjustment"),
                    ("correction", "Recalculated cost"),
                    ("reversal", "Reversal"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="stockmove",
            index=models.Index(condition=models.Q(("origin__isnull", False)), fields=["origin"], name="move_origin"),
        ),
        migrations.AddIndex(
            model_name="stockmove",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["move_date"], name="move_day"),
        ),
        migrations.AddConstraint(
            model_name="stockbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_hand__gte", 0), ("allow_negative", True), _connector="OR"),
                name="stock_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("blocked__gte", 0),
                    ("reserved__gte", 0),
                    models.Q(
                        (
                            "on_hand__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("reserved"), "+", models.F("blocked")
                            ),
                        ),
                        models.Q(("allow_negative", True), ("blocked", 0), ("reserved", 0)),
                        _connector="OR",
                    ),
                ),
                name="stock_not_oversold",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gte", 0), ("on_hand__lt", 0), _connector="OR"),
                name="stock_value_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__lte", 0), ("on_hand__gte", 0), _connector="OR"),
                name="missing_stock_has_no_value",
            ),
        ),
        migrations.AddField(
            model_name="costlayer",
            name="item",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="costlayer",
            name="lot",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot"
            ),
        ),
        migrations.AddField(
            model_name="costlayer",
            name="move",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="layers", to="inventory.stockmove"
            ),
        ),
        migrations.AddField(
            model_name="costlayer",
            name="warehouse",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse"
            ),
        ),
        migrations.AddField(
            model_name="layerentry",
            name="layer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="inventory.costlayer"
            ),
        ),
        migrations.AddField(
            model_name="layerentry",
            name="move",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="layer_entries", to="inventory.stockmove"
            ),
        ),
        migrations.AddIndex(
            model_name="costlayer",
            index=models.Index(
                condition=models.Q(("qty", 0), _negated=True),
                fields=["item", "warehouse", "layer_date", "id"],
                name="layer_not_used_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="costlayer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("qty__gt", 0), ("value__gte", 0)),
                    models.Q(("qty", 0), ("value", 0)),
                    models.Q(("qty__lt", 0), ("value__lte", 0)),
                    _connector="OR",
                ),
                name="layer_worth_its_goods",
            ),
        ),
    ]
