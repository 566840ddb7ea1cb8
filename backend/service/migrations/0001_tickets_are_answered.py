"""Tickets are answered."""

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "__first__"),
        ("inventory", "__first__"),
        ("logistics", "__first__"),
        ("parties", "__first__"),
        ("sales", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ticket",
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
                ("contact_member_id", models.UUIDField(null=True)),
                ("contact_name", models.CharField(blank=True, default="", max_length=60)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("quality", "Quality"),
                            ("damage", "Damaged in transit"),
                            ("shortage", "Missing quantity"),
                            ("wrong_item", "Wrong item"),
                            ("question", "Question"),
                        ],
                        max_length=20,
                    ),
                ),
                ("subject", models.CharField(max_length=120)),
                ("description", models.TextField(blank=True, default="")),
                (
                    "priority",
                    models.CharField(choices=[("normal", "Normal"), ("high", "High")], default="normal", max_length=8),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("triaged", "In progress"),
                            ("waiting", "Waiting"),
                            ("solved", "Solved"),
                            ("confirmed", "Confirmed by the customer"),
                            ("closed", "Closed"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("waiting_for", models.CharField(blank=True, default="", max_length=10)),
                ("affected_qty", models.DecimalField(decimal_places=4, default=None, max_digits=18, null=True)),
                ("assignee_id", models.UUIDField(null=True)),
                ("assignee_name", models.CharField(blank=True, default="", max_length=60)),
                ("respond_by", models.DateTimeField()),
                ("first_response_at", models.DateTimeField(null=True)),
                ("solved_at", models.DateTimeField(null=True)),
                ("solution", models.TextField(blank=True, default="")),
                (
                    "carrier",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="parties.party"
                    ),
                ),
                (
                    "delivery_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="sales.salesdeliveryline",
                    ),
                ),
                ("item", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
                ("lot", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot")),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="sales.salesorder",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="logistics.shipment"),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "service_ticket",
                "indexes": [models.Index(fields=["-created_at", "-id"], name="ticket_newest")],
            },
        ),
    ]
