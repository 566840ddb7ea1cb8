"""Orders become deliveries."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "__first__"),
        ("inventory", "__first__"),
        ("parties", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="SalesDelivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("doc_date", models.DateField()),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "In approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("voided", "Voided"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "closing",
                    models.CharField(
                        choices=[("open", "Open"), ("auto_closed", "Closed"), ("manual_closed", "Closed manually")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("remark", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("created_by_id", models.UUIDField(null=True)),
                ("created_by_name", models.CharField(default="", max_length=120)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_by_id", models.UUIDField(null=True)),
                ("approved_by_name", models.CharField(default="", max_length=120)),
                ("updated_at", models.DateTimeField()),
                ("ship_to", models.CharField(blank=True, default="", max_length=250)),
                ("tracking_no", models.CharField(blank=True, default="", max_length=60)),
                ("expected_date", models.DateField(null=True)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("cost_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "invoiced",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
                ("signed_at", models.DateTimeField(null=True)),
                ("signed_by", models.CharField(blank=True, default="", max_length=60)),
                (
                    "carrier",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sales_deliveries", to="parties.party"
                    ),
                ),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
            ],
            options={
                "db_table": "sales_delivery",
            },
        ),
        migrations.CreateModel(
            name="SalesOrder",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("doc_date", models.DateField()),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "In approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("voided", "Voided"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "closing",
                    models.CharField(
                        choices=[("open", "Open"), ("auto_closed", "Closed"), ("manual_closed", "Closed manually")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("remark", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("created_by_id", models.UUIDField(null=True)),
                ("created_by_name", models.CharField(default="", max_length=120)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_by_id", models.UUIDField(null=True)),
                ("approved_by_name", models.CharField(default="", max_length=120)),
                ("updated_at", models.DateTimeField()),
                ("customer_ref", models.CharField(blank=True, default="", max_length=60)),
                ("salesperson_id", models.UUIDField(null=True)),
                ("salesperson_name", models.CharField(blank=True, default="", max_length=60)),
                ("ship_to", models.CharField(blank=True, default="", max_length=250)),
                ("requested_date", models.DateField()),
                ("promise_date", models.DateField(null=True)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("price_includes_tax", models.BooleanField(default=True)),
                ("payment_days", models.PositiveSmallIntegerField(default=30)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "credit_state",
                    models.CharField(
                        choices=[("ok", "Within the limit"), ("credit_hold", "Credit hold"), ("released", "Released")],
                        default="ok",
                        max_length=12,
                    ),
                ),
                ("credit_note", models.CharField(blank=True, default="", max_length=300)),
                ("credit_released_until", models.DateField(blank=True, null=True)),
                (
                    "credit_released_amount",
                    models.DecimalField(decimal_places=2, default=None, max_digits=18, null=True),
                ),
                (
                    "shipped",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
                (
                    "invoiced",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
                (
                    "settled",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sales_orders",
                        to="parties.party",
                    ),
                ),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
            ],
            options={
                "db_table": "sales_order",
            },
        ),
        migrations.CreateModel(
            name="SalesOrderLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("description", models.CharField(blank=True, default="", max_length=200)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("unit_price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("tax_incl_price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("price_source", models.CharField(default="manual", max_length=20)),
                ("discount_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("requested_date", models.DateField()),
                ("shipped_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("invoiced_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("returned_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("cancelled_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("override_date", models.DateField(blank=True, null=True)),
                ("override_reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="sales.salesorder",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
            ],
            options={
                "db_table": "sales_order_line",
            },
        ),
        migrations.CreateModel(
            name="SalesDeliveryLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("description", models.CharField(blank=True, default="", max_length=200)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("unit_price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("tax_incl_price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("price_source", models.CharField(default="manual", max_length=20)),
                ("discount_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("order_number", models.CharField(max_length=40)),
                ("cost_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("invoiced_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("returned_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="sales.salesdelivery",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
                ("lot", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot")),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delivery_lines",
                        to="sales.salesorderline",
                    ),
                ),
            ],
            options={
                "db_table": "sales_delivery_line",
            },
        ),
        migrations.CreateModel(
            name="SalesQuote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("doc_date", models.DateField()),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "In approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("voided", "Voided"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "closing",
                    models.CharField(
                        choices=[("open", "Open"), ("auto_closed", "Closed"), ("manual_closed", "Closed manually")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("remark", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("created_by_id", models.UUIDField(null=True)),
                ("created_by_name", models.CharField(default="", max_length=120)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_by_id", models.UUIDField(null=True)),
                ("approved_by_name", models.CharField(default="", max_length=120)),
                ("updated_at", models.DateTimeField()),
                ("valid_until", models.DateField()),
                ("requested_date", models.DateField()),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("price_includes_tax", models.BooleanField(default=True)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("sent", "Sent"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("accepted_by_name", models.CharField(blank=True, default="", max_length=120)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("accepted_ip", models.GenericIPAddressField(null=True)),
                ("accepted_digest", models.CharField(blank=True, default="", max_length=64)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sales_quotes", to="parties.party"
                    ),
                ),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
            ],
            options={
                "db_table": "sales_quote",
            },
        ),
        migrations.CreateModel(
            name="SalesQuoteLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("description", models.CharField(blank=True, default="", max_length=200)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("unit_price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("tax_incl_price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("price_source", models.CharField(default="manual", max_length=20)),
                ("discount_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("ordered_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="sales.salesquote",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
            ],
            options={
                "db_table": "sales_quote_line",
            },
        ),
        migrations.AddIndex(
            model_name="salesdelivery",
            index=models.Index(fields=["-doc_date", "-id"], name="sales_delivery_newest"),
        ),
        migrations.AddIndex(
            model_name="salesorder",
            index=models.Index(fields=["-doc_date", "-id"], name="sales_order_newest"),
        ),
        migrations.AddIndex(
            model_name="salesorder",
            index=models.Index(fields=["customer", "-doc_date", "-id"], name="sales_order_customer"),
        ),
        migrations.AddConstraint(
            model_name="salesorderline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="sales_order_line_once"),
        ),
        migrations.AddConstraint(
            model_name="salesorderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cancelled_qty__gte", 0), ("invoiced_qty__gte", 0), ("qty__gt", 0), ("shipped_qty__gte", 0)
                ),
                name="sales_order_line_quantities",
            ),
        ),
        migrations.AddConstraint(
            model_name="salesdeliveryline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="sales_delivery_line_once"),
        ),
        migrations.AddConstraint(
            model_name="salesdeliveryline",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="sales_delivery_line_positive"),
        ),
        migrations.AddConstraint(
            model_name="salesquoteline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="sales_quote_line_once"),
        ),
    ]
