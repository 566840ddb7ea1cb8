from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounting", "0001_vouchers_post_to_accounts"),
        ("catalog", "0001_items_have_prices"),
        ("parties", "0001_partners_have_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="FundAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=20, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("kind", models.CharField(choices=[("bank", "Bank"), ("cash", "Cash")], default="bank", max_length=6)),
                ("bank_name", models.CharField(blank=True, default="", max_length=80)),
                ("bank_account_no", models.CharField(blank=True, default="", max_length=40)),
                ("active", models.BooleanField(default=True)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounting.account")),
            ],
            options={
                "db_table": "invoicing_fund_account",
            },
        ),
        migrations.CreateModel(
            name="Payment",
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
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("transfer", "Bank transfer"),
                            ("cash", "Cash"),
                            ("card", "Card"),
                            ("wallet", "Mobile payment"),
                        ],
                        default="transfer",
                        max_length=20,
                    ),
                ),
                ("reference", models.CharField(blank=True, default="", max_length=80)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("matched_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "fund_account",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="invoicing.fundaccount"),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_payment",
            },
        ),
        migrations.CreateModel(
            name="PurchaseInvoice",
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
                (
                    "invoice_kind",
                    models.CharField(
                        choices=[("vat_special", "Special VAT invoice"), ("vat_ordinary", "Ordinary VAT invoice")],
                        default="vat_special",
                        max_length=12,
                    ),
                ),
                ("external_no", models.CharField(blank=True, default="", max_length=40)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("due_date", models.DateField()),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("settled_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "settled",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
                (
                    "match_state",
                    models.CharField(
                        choices=[("unmatched", "Not checked"), ("matched", "Matches"), ("discrepancy", "Differs")],
                        default="unmatched",
                        max_length=12,
                    ),
                ),
                ("submitted_by_supplier", models.BooleanField(default=False)),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchase_invoices",
                        to="parties.party",
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_purchase_invoice",
            },
        ),
        migrations.CreateModel(
            name="PaymentLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.payment",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment_lines",
                        to="invoicing.purchaseinvoice",
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_payment_line",
            },
        ),
        migrations.CreateModel(
            name="PurchaseInvoiceLine",
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
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("discount_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("source_net", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("source_tax", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("source_type", models.CharField(blank=True, default="", max_length=40)),
                ("source_id", models.UUIDField(null=True)),
                ("source_number", models.CharField(blank=True, default="", max_length=40)),
                ("source_line_id", models.UUIDField(null=True)),
                ("order_id", models.UUIDField(null=True)),
                ("order_number", models.CharField(blank=True, default="", max_length=40)),
                ("order_line_id", models.UUIDField(null=True)),
                ("receipt_net", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "match_state",
                    models.CharField(
                        choices=[("unmatched", "Not checked"), ("matched", "Matches"), ("discrepancy", "Differs")],
                        default="unmatched",
                        max_length=12,
                    ),
                ),
                ("difference", models.JSONField(default=list)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.purchaseinvoice",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
            ],
            options={
                "db_table": "invoicing_purchase_invoice_line",
            },
        ),
        migrations.CreateModel(
            name="Receipt",
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
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("transfer", "Bank transfer"),
                            ("cash", "Cash"),
                            ("card", "Card"),
                            ("wallet", "Mobile payment"),
                        ],
                        default="transfer",
                        max_length=20,
                    ),
                ),
                ("reference", models.CharField(blank=True, default="", max_length=80)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("matched_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="parties.party"
                    ),
                ),
                (
                    "fund_account",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="invoicing.fundaccount"),
                ),
            ],
            options={
                "db_table": "invoicing_receipt",
            },
        ),
        migrations.CreateModel(
            name="SalesInvoice",
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
                (
                    "invoice_kind",
                    models.CharField(
                        choices=[("vat_special", "Special VAT invoice"), ("vat_ordinary", "Ordinary VAT invoice")],
                        default="vat_special",
                        max_length=12,
                    ),
                ),
                ("external_no", models.CharField(blank=True, default="", max_length=40)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("due_date", models.DateField()),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("settled_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="sales_invoices", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_sales_invoice",
            },
        ),
        migrations.CreateModel(
            name="ReceiptLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.receipt",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipt_lines",
                        to="invoicing.salesinvoice",
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_receipt_line",
            },
        ),
        migrations.CreateModel(
            name="SalesInvoiceLine",
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
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("discount_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("source_net", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("source_tax", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("source_type", models.CharField(blank=True, default="", max_length=40)),
                ("source_id", models.UUIDField(null=True)),
                ("source_number", models.CharField(blank=True, default="", max_length=40)),
                ("source_line_id", models.UUIDField(null=True)),
                ("order_id", models.UUIDField(null=True)),
                ("order_number", models.CharField(blank=True, default="", max_length=40)),
                ("order_line_id", models.UUIDField(null=True)),
                ("cost_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.salesinvoice",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
            ],
            options={
                "db_table": "invoicing_sales_invoice_line",
            },
        ),
        migrations.CreateModel(
            name="Statement",
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
                ("kind", models.CharField(choices=[("supplier", "Supplier"), ("customer", "Customer")], max_length=10)),
                ("period_from", models.DateField()),
                ("period_to", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "In preparation"),
                            ("proposed", "Waiting for the partner"),
                            ("disputed", "Disputed"),
                            ("agreed", "Agreed by both"),
                            ("invoiced", "Invoiced"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("opening_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("received_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("returned_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("adjusted_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("paid_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("closing_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("proposed_at", models.DateTimeField(null=True)),
                ("our_signature", models.CharField(blank=True, default="", max_length=120)),
                ("our_signed_at", models.DateTimeField(null=True)),
                ("their_signature", models.CharField(blank=True, default="", max_length=120)),
                ("their_signed_at", models.DateTimeField(null=True)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="statements", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_statement",
            },
        ),
        migrations.AddField(
            model_name="purchaseinvoice",
            name="statement",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="invoicing.statement",
            ),
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("receipt", "Goods"),
                            ("return", "Return"),
                            ("adjustment", "Adjustment"),
                            ("payment", "Payment"),
                        ],
                        max_length=12,
                    ),
                ),
                ("line_date", models.DateField()),
                ("source_type", models.CharField(max_length=40)),
                ("source_id", models.UUIDField()),
                ("source_number", models.CharField(max_length=40)),
                ("source_line_id", models.UUIDField(null=True)),
                ("their_number", models.CharField(blank=True, default="", max_length=60)),
                ("order_number", models.CharField(blank=True, default="", max_length=40)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("open", "Open"), ("accepted", "Accepted"), ("disputed", "Disputed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("dispute_reason", models.CharField(blank=True, default="", max_length=300)),
                ("their_qty", models.DecimalField(decimal_places=4, default=None, max_digits=18, null=True)),
                ("their_amount", models.DecimalField(decimal_places=2, default=None, max_digits=18, null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=300)),
                ("active", models.BooleanField(default=True)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.statement",
                    ),
                ),
                ("item", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
            ],
            options={
                "db_table": "invoicing_statement_line",
            },
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["-doc_date", "-id"], name="payment_newest"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0), ("matched_amount__gte", 0), ("matched_amount__lte", models.F("amount"))
                ),
                name="payment_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentline",
            constraint=models.UniqueConstraint(fields=("document", "invoice"), name="payment_invoice_once"),
        ),
        migrations.AddConstraint(
            model_name="paymentline",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payment_line_positive"),
        ),
        migrations.AddIndex(
            model_name="purchaseinvoiceline",
            index=models.Index(fields=["source_line_id"], name="purchase_invoice_line_source"),
        ),
        migrations.AddConstraint(
            model_name="purchaseinvoiceline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="purchase_invoice_line_once"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(fields=["-doc_date", "-id"], name="receipt_newest"),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0), ("matched_amount__gte", 0), ("matched_amount__lte", models.F("amount"))
                ),
                name="receipt_positive",
            ),
        ),
        migrations.AddIndex(
            model_name="salesinvoice",
            index=models.Index(fields=["-doc_date", "-id"], name="sales_invoice_newest"),
        ),
        migrations.AddIndex(
            model_name="salesinvoice",
            index=models.Index(
                condition=models.Q(("settled", "full"), _negated=True),
                fields=["customer", "due_date"],
                name="sales_invoice_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="salesinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("settled_amount__gte", 0), ("settled_amount__lte", models.F("gross_amount"))),
                name="sales_invoice_not_overpaid",
            ),
        ),
        migrations.AddConstraint(
            model_name="receiptline",
            constraint=models.UniqueConstraint(fields=("document", "invoice"), name="receipt_invoice_once"),
        ),
        migrations.AddConstraint(
            model_name="receiptline",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="receipt_line_positive"),
        ),
        migrations.AddIndex(
            model_name="salesinvoiceline",
            index=models.Index(fields=["source_line_id"], name="sales_invoice_line_source"),
        ),
        migrations.AddConstraint(
            model_name="salesinvoiceline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="sales_invoice_line_once"),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(fields=["party", "-period_to"], name="statement_party"),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "closing_amount",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("opening_amount"), "+", models.F("received_amount")
                                    ),
                                    "-",
                                    models.F("returned_amount"),
                                ),
                                "+",
                                models.F("adjusted_amount"),
                            ),
                            "-",
                            models.F("paid_amount"),
                        ),
                    )
                ),
                name="statement_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("period_from__lte", models.F("period_to"))), name="statement_period_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["agreed", "invoiced"]), _negated=True),
                    models.Q(
                        models.Q(("our_signature", ""), _negated=True),
                        models.Q(("their_signature", ""), _negated=True),
                        models.Q(("digest", ""), _negated=True),
                        ("our_signed_at__isnull", False),
                        ("their_signed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="statement_agreed_by_both",
            ),
        ),
        migrations.AddIndex(
            model_name="purchaseinvoice",
            index=models.Index(fields=["-doc_date", "-id"], name="purchase_invoice_newest"),
        ),
        migrations.AddIndex(
            model_name="purchaseinvoice",
            index=models.Index(
                condition=models.Q(("settled", "full"), _negated=True),
                fields=["supplier", "due_date"],
                name="purchase_invoice_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("settled_amount__gte", 0), ("settled_amount__lte", models.F("gross_amount"))),
                name="purchase_invoice_not_overpaid",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseinvoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("external_no", ""), _negated=True), models.Q(("approval", "voided"), _negated=True)
                ),
                fields=("supplier", "external_no"),
                name="purchase_invoice_no_once",
            ),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(fields=["source_line_id"], name="statement_line_source"),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="statement_line_once"),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("active", True)),
                fields=("source_id", "source_line_id"),
                name="movement_in_one_statement",
                nulls_distinct=False,
            ),
        ),
    ]
