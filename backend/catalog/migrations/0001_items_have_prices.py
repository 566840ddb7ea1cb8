"""Items have prices."""

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
            name="TaxCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=20, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
            ],
            options={
                "db_table": "catalog_tax_code",
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=12, unique=True)),
                ("name", models.CharField(max_length=30)),
                ("name_en", models.CharField(blank=True, default="", max_length=30)),
                ("decimals", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "db_table": "catalog_unit",
            },
        ),
        migrations.CreateModel(
            name="ItemCategory",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=30, unique=True)),
                ("name", models.CharField(max_length=60)),
                (
                    "cost_method",
                    models.CharField(
                        choices=[
                            ("moving_avg", "Moving average"),
                            ("fifo", "FIFO"),
                            ("month_avg", "Monthly average"),
                            ("specific", "Specific cost"),
                        ],
                        default="moving_avg",
                        max_length=12,
                    ),
                ),
                ("inventory_role", models.CharField(default="inventory", max_length=30)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="catalog.itemcategory"
                    ),
                ),
            ],
            options={
                "db_table": "catalog_item_category",
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("spec", models.CharField(blank=True, default="", max_length=120)),
                ("mnemonic", models.CharField(blank=True, default="", max_length=60)),
                ("sort_key", models.CharField(blank=True, db_collation="C", default="", max_length=200)),
                ("barcode", models.CharField(blank=True, default="", max_length=40)),
                (
                    "item_type",
                    models.CharField(
                        choices=[("goods", "Goods"), ("service", "Service")], default="goods", max_length=10
                    ),
                ),
                ("purchasable", models.BooleanField(default=True)),
                ("sellable", models.BooleanField(default=True)),
                ("lot_tracked", models.BooleanField(default=False)),
                ("expiry_tracked", models.BooleanField(default=False)),
                ("shelf_life_days", models.PositiveIntegerField(blank=True, null=True)),
                ("lead_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("pack_qty", models.DecimalField(decimal_places=4, default=1, max_digits=18)),
                ("min_order_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("safety_stock", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("share_with_supplier", models.BooleanField(default=False)),
                (
                    "sale_price",
                    models.DecimalField(blank=True, decimal_places=6, default=None, max_digits=20, null=True),
                ),
                (
                    "purchase_price",
                    models.DecimalField(blank=True, decimal_places=6, default=None, max_digits=20, null=True),
                ),
                (
                    "min_sale_price",
                    models.DecimalField(blank=True, decimal_places=6, default=None, max_digits=20, null=True),
                ),
                ("active", models.BooleanField(default=True)),
                ("remark", models.TextField(blank=True, default="")),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.party",
                    ),
                ),
                ("category", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.itemcategory")),
                ("tax_code", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.taxcode")),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.unit")),
            ],
            options={
                "db_table": "catalog_item",
            },
        ),
        migrations.CreateModel(
            name="PriceList",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=30, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(choices=[("sales", "Sales"), ("purchase", "Purchase")], max_length=10)),
                ("customer_level", models.CharField(blank=True, default="", max_length=20)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("includes_tax", models.BooleanField(default=True)),
                ("active", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "party",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "catalog_price_list",
            },
        ),
        migrations.CreateModel(
            name="LastPrice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("sales", "Sales"), ("purchase", "Purchase")], max_length=10)),
                ("price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("includes_tax", models.BooleanField(default=True)),
                ("doc_number", models.CharField(default="", max_length=40)),
                ("doc_date", models.DateField()),
                (
                    "item",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="catalog.item"),
                ),
                (
                    "party",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="parties.party"),
                ),
            ],
            options={
                "db_table": "catalog_last_price",
                "constraints": [models.UniqueConstraint(fields=("party", "item", "kind"), name="last_price_once")],
            },
        ),
        migrations.CreateModel(
            name="PriceListLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("min_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("valid_from", models.DateField(blank=True, null=True)),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="catalog.item")),
                (
                    "price_list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="catalog.pricelist",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_price_list_line",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("price_list", "item", "min_qty", "valid_from"),
                        name="price_once_per_quantity_and_date",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("min_qty__gte", 0), ("price__gte", 0)), name="price_not_negative"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["sort_key", "id"], name="item_sort"),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                condition=models.Q(("barcode", ""), _negated=True), fields=("barcode",), name="item_barcode_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(condition=models.Q(("pack_qty__gt", 0)), name="item_pack_positive"),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(("min_order_qty__gte", 0), ("safety_stock__gte", 0)),
                name="item_quantities_not_negative",
            ),
        ),
    ]
