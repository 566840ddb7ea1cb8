"""Partners have roles."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("province", models.CharField(blank=True, default="", max_length=40)),
                ("city", models.CharField(blank=True, default="", max_length=40)),
                ("district", models.CharField(blank=True, default="", max_length=40)),
                ("street", models.CharField(max_length=200)),
                ("contact_name", models.CharField(blank=True, default="", max_length=60)),
                ("contact_phone", models.CharField(blank=True, default="", max_length=30)),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "party_address",
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=30, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("short_name", models.CharField(blank=True, default="", max_length=40)),
                ("mnemonic", models.CharField(blank=True, default="", max_length=60)),
                ("sort_key", models.CharField(blank=True, db_collation="C", default="", max_length=200)),
                ("tax_id", models.CharField(blank=True, default="", max_length=30)),
                ("is_customer", models.BooleanField(default=False)),
                ("is_supplier", models.BooleanField(default=False)),
                ("is_carrier", models.BooleanField(default=False)),
                ("active", models.BooleanField(default=True)),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("email", models.EmailField(blank=True, default="", max_length=254)),
                ("phone", models.CharField(blank=True, default="", max_length=30)),
                ("remark", models.TextField(blank=True, default="")),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "party",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("position", models.CharField(blank=True, default="", max_length=60)),
                ("email", models.EmailField(blank=True, default="", max_length=254)),
                ("phone", models.CharField(blank=True, default="", max_length=30)),
                ("is_primary", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "party_contact",
            },
        ),
        migrations.CreateModel(
            name="CarrierRole",
            fields=[
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="carrier",
                        serialize=False,
                        to="parties.party",
                    ),
                ),
                ("tracking_url", models.CharField(blank=True, default="", max_length=200)),
                ("days", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "db_table": "party_carrier",
            },
        ),
        migrations.CreateModel(
            name="CustomerRole",
            fields=[
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="customer",
                        serialize=False,
                        to="parties.party",
                    ),
                ),
                ("level", models.CharField(blank=True, default="", max_length=20)),
                (
                    "credit_limit",
                    models.DecimalField(blank=True, decimal_places=2, default=None, max_digits=18, null=True),
                ),
                ("payment_days", models.PositiveSmallIntegerField(default=30)),
                ("ship_complete", models.BooleanField(default=False)),
                ("salesperson_id", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "db_table": "party_customer",
            },
        ),
        migrations.CreateModel(
            name="SupplierRole",
            fields=[
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="supplier",
                        serialize=False,
                        to="parties.party",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("potential", "Potential"),
                            ("approved", "Approved supplier"),
                            ("preferred", "Preferred"),
                            ("watch", "On watch"),
                            ("suspended", "Suspended"),
                            ("blocked", "Blocked"),
                        ],
                        default="approved",
                        max_length=12,
                    ),
                ),
                ("lead_days", models.PositiveSmallIntegerField(default=5)),
                ("transport_days", models.PositiveSmallIntegerField(default=2)),
                ("payment_days", models.PositiveSmallIntegerField(default=30)),
                ("over_receipt_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("date_tolerance_days", models.PositiveSmallIntegerField(default=0)),
                ("buyer_id", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "db_table": "party_supplier",
            },
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["sort_key", "id"], name="party_sort"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                condition=models.Q(("tax_id", ""), _negated=True), fields=("tax_id",), name="party_tax_id_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_customer", True), ("is_supplier", True), ("is_carrier", True), _connector="OR"),
                name="party_has_a_role",
            ),
        ),
        migrations.AddField(
            model_name="address",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="parties.party"
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="parties.party"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)), fields=("party",), name="party_one_primary_contact"
            ),
        ),
    ]
