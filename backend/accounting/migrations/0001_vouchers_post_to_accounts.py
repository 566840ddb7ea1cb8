from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_items_have_prices"),
        ("parties", "0001_partners_have_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="Period",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=7, unique=True)),
                ("start_date", models.DateField(unique=True)),
                ("end_date", models.DateField(unique=True)),
                (
                    "state",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=10),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_id", models.UUIDField(null=True)),
                ("closed_by_name", models.CharField(default="", max_length=120)),
            ],
            options={
                "db_table": "accounting_period",
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=20, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("name_en", models.CharField(blank=True, default="", max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asset", "Asset"),
                            ("liability", "Liability"),
                            ("equity", "Equity"),
                            ("cost", "Cost"),
                            ("pl", "Profit and loss"),
                        ],
                        max_length=10,
                    ),
                ),
                ("direction", models.CharField(choices=[("debit", "Debit"), ("credit", "Credit")], max_length=6)),
                ("is_leaf", models.BooleanField(default=True)),
                ("by_party", models.BooleanField(default=False)),
                (
                    "control",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("receivable", "Receivables"),
                            ("payable", "Payables"),
                            ("stock", "Stock"),
                            ("dispatched", "Shipped, not invoiced"),
                            ("estimate", "Received, not invoiced"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="accounting.account",
                    ),
                ),
            ],
            options={
                "db_table": "accounting_account",
            },
        ),
        migrations.CreateModel(
            name="AccountRole",
            fields=[
                ("role", models.CharField(db_collation="C", max_length=40, primary_key=True, serialize=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="roles", to="accounting.account"
                    ),
                ),
            ],
            options={
                "db_table": "accounting_account_role",
            },
        ),
        migrations.CreateModel(
            name="OpenItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("receivable", "Receivable"), ("payable", "Payable")], max_length=10),
                ),
                ("source_type", models.CharField(max_length=40)),
                ("source_id", models.UUIDField()),
                ("source_number", models.CharField(max_length=40)),
                ("purpose", models.CharField(blank=True, default="", max_length=12)),
                ("item_date", models.DateField()),
                ("due_date", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("open_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("voided", models.BooleanField(default=False)),
                (
                    "party",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="parties.party"),
                ),
            ],
            options={
                "db_table": "accounting_open_item",
            },
        ),
        migrations.CreateModel(
            name="AccountBalance",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("debit", models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("credit", models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "closing_debit",
                    models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0"), max_digits=18),
                ),
                (
                    "closing_credit",
                    models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0"), max_digits=18),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="accounting.account"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="parties.party"
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="accounting.period"
                    ),
                ),
            ],
            options={
                "db_table": "accounting_account_balance",
            },
        ),
        migrations.CreateModel(
            name="SettlementMatch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("matched_at", models.DateTimeField()),
                ("matched_by_name", models.CharField(max_length=120)),
                (
                    "lowering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="settles", to="accounting.openitem"
                    ),
                ),
                (
                    "raising",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="settled_by", to="accounting.openitem"
                    ),
                ),
            ],
            options={
                "db_table": "accounting_settlement_match",
            },
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("word", models.CharField(default="记", max_length=2)),
                ("serial", models.PositiveIntegerField()),
                ("voucher_date", models.DateField()),
                ("summary", models.CharField(max_length=200)),
                ("source_type", models.CharField(default="", max_length=40)),
                ("source_id", models.UUIDField(null=True)),
                ("source_number", models.CharField(default="", max_length=40)),
                ("rule", models.CharField(default="", max_length=40)),
                ("total", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("attachments", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("created_by_id", models.UUIDField(null=True)),
                ("created_by_name", models.CharField(max_length=120)),
                (
                    "period",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="accounting.period"
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="accounting.voucher",
                    ),
                ),
            ],
            options={
                "db_table": "accounting_voucher",
            },
        ),
        migrations.CreateModel(
            name="VoucherLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("line_no", models.PositiveSmallIntegerField()),
                ("summary", models.CharField(max_length=200)),
                ("debit", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("credit", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("qty", models.DecimalField(decimal_places=4, default=None, max_digits=18, null=True)),
                ("voucher_date", models.DateField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="accounting.account"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="catalog.item"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="parties.party"
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="accounting.voucher",
                    ),
                ),
            ],
            options={
                "db_table": "accounting_voucher_line",
            },
        ),
        migrations.AddIndex(
            model_name="openitem",
            index=models.Index(
                condition=models.Q(("open_amount", 0), _negated=True),
                fields=["party", "kind", "due_date"],
                name="open_item_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="openitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False)),
                fields=("source_id", "kind", "purpose"),
                name="open_item_once_per_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="openitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("open_amount__gte", 0), ("open_amount__lte", models.F("amount"))),
                    models.Q(("amount__lt", 0), ("open_amount__gte", models.F("amount")), ("open_amount__lte", 0)),
                    _connector="OR",
                ),
                name="open_item_within_its_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountbalance",
            constraint=models.UniqueConstraint(
                fields=("account", "period", "party"), name="balance_once_per_account", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementmatch",
            constraint=models.CheckConstraint(condition=models.Q(("amount", 0), _negated=True), name="match_not_zero"),
        ),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(fields=["source_id"], name="voucher_source"),
        ),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(fields=["-voucher_date", "-id"], name="voucher_newest"),
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.UniqueConstraint(fields=("period", "word", "serial"), name="voucher_number_once"),
        ),
        migrations.AddIndex(
            model_name="voucherline",
            index=models.Index(fields=["account", "voucher_date", "id"], name="voucher_line_account"),
        ),
        migrations.AddIndex(
            model_name="voucherline",
            index=models.Index(
                condition=models.Q(("party__isnull", False)),
                fields=["party", "account", "voucher_date", "id"],
                name="voucher_line_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="voucherline",
            constraint=models.UniqueConstraint(fields=("voucher", "line_no"), name="voucher_line_once"),
        ),
        migrations.AddConstraint(
            model_name="voucherline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("debit", 0), ("credit", 0), _connector="OR"),
                    models.Q(("credit", 0), ("debit", 0), _negated=True),
                ),
                name="voucher_line_one_side",
            ),
        ),
    ]
