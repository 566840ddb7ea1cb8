"""Requests for quotation with sealed quotes, blanket orders with call-offs.

The database keeps quotes sealed: row level security, forced on the owner too, returns a quote to the supplier that wrote it
and, once the request was opened, to the company. A request is opened once and not before its deadline by the database's own
clock; a deadline that was published only moves away; after it no quote comes in. Quotes are never changed or deleted:
there is no policy that would allow it. No statement names a schema.
"""

from decimal import Decimal

import django.db.models.constraints
import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

RULES = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT n.doc_type, CASE WHEN r.prefix = 'XSDD' THEN n.zh ELSE n.en END, r.date_format, r.separator, r.digits, r.reset
FROM kernel_numbering_rule r, (VALUES
    ('purchasing.rfq', 'XJD', 'RFQ'),
    ('purchasing.blanket', 'KJDD', 'BO')
) AS n (doc_type, zh, en)
WHERE r.doc_type = 'sales.order' ON CONFLICT DO NOTHING;
"""

GUARD_RFQ = """
CREATE FUNCTION purchasing_guard_rfq() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.opened_at IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.opened_at IS NULL) THEN
        IF NEW.opened_at < NEW.deadline OR clock_timestamp() < NEW.deadline THEN
            RAISE EXCEPTION 'Request % is sealed until its deadline', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'rfq_sealed_until_deadline';
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.published_at IS NOT NULL THEN
        IF NEW.deadline < OLD.deadline OR (NEW.deadline <> OLD.deadline AND OLD.opened_at IS NOT NULL)
           OR NEW.opened_at IS DISTINCT FROM COALESCE(OLD.opened_at, NEW.opened_at)
           OR NEW.published_at IS DISTINCT FROM OLD.published_at THEN
            RAISE EXCEPTION 'The dates of published request % stand', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'rfq_deadline_stands';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER purchasing_guard_rfq BEFORE INSERT OR UPDATE ON purchasing_rfq
    FOR EACH ROW EXECUTE FUNCTION purchasing_guard_rfq();
"""
NO_GUARD_RFQ = "DROP TRIGGER purchasing_guard_rfq ON purchasing_rfq; DROP FUNCTION purchasing_guard_rfq();"

GUARD_QUOTE = """
CREATE FUNCTION purchasing_guard_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM purchasing_rfq r JOIN purchasing_rfq_invitation i ON i.rfq_id = r.id
                   WHERE r.id = NEW.rfq_id AND i.supplier_id = NEW.supplier_id AND r.state = 'published'
                     AND r.opened_at IS NULL AND NEW.at < r.deadline) THEN
        RAISE EXCEPTION 'This request takes no quotes of this supplier'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quote_before_deadline';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER purchasing_guard_quote BEFORE INSERT ON purchasing_quote
    FOR EACH ROW EXECUTE FUNCTION purchasing_guard_quote();
"""
NO_GUARD_QUOTE = "DROP TRIGGER purchasing_guard_quote ON purchasing_quote; DROP FUNCTION purchasing_guard_quote();"

SEAL = """
ALTER TABLE purchasing_quote ENABLE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote FORCE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote_line FORCE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote_step FORCE ROW LEVEL SECURITY;
CREATE POLICY quote_is_read ON purchasing_quote FOR SELECT USING (
    CASE WHEN COALESCE(current_setting('troika.party', true), '') <> ''
         THEN supplier_id::text = current_setting('troika.party', true)
         ELSE COALESCE(current_setting('troika.whole_copy', true), '') = 'on'
              OR EXISTS (SELECT FROM purchasing_rfq r WHERE r.id = rfq_id AND r.opened_at IS NOT NULL) END);
CREATE POLICY quote_is_written ON purchasing_quote FOR INSERT WITH CHECK (
    supplier_id::text = current_setting('troika.party', true));
CREATE POLICY quote_line_is_read ON purchasing_quote_line FOR SELECT USING (
    EXISTS (SELECT FROM purchasing_quote q WHERE q.id = quote_id));
CREATE POLICY quote_line_is_written ON purchasing_quote_line FOR INSERT WITH CHECK (
    EXISTS (SELECT FROM purchasing_quote q
            WHERE q.id = quote_id AND q.supplier_id::text = current_setting('troika.party', true)));
CREATE POLICY quote_step_is_read ON purchasing_quote_step FOR SELECT USING (
    EXISTS (SELECT FROM purchasing_quote_line l WHERE l.id = line_id));
CREATE POLICY quote_step_is_written ON purchasing_quote_step FOR INSERT WITH CHECK (
    EXISTS (SELECT FROM purchasing_quote_line l JOIN purchasing_quote q ON q.id = l.quote_id
            WHERE l.id = line_id AND q.supplier_id::text = current_setting('troika.party', true)));
"""
UNSEAL = """
DROP POLICY quote_is_read ON purchasing_quote;
DROP POLICY quote_is_written ON purchasing_quote;
DROP POLICY quote_line_is_read ON purchasing_quote_line;
DROP POLICY quote_line_is_written ON purchasing_quote_line;
DROP POLICY quote_step_is_read ON purchasing_quote_step;
DROP POLICY quote_step_is_written ON purchasing_quote_step;
ALTER TABLE purchasing_quote NO FORCE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote DISABLE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote_line NO FORCE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote_line DISABLE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote_step NO FORCE ROW LEVEL SECURITY;
ALTER TABLE purchasing_quote_step DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0002_the_trail_is_never_changed"),
        ("catalog", "0002_items_are_inspected"),
        ("inventory", "0007_costs_are_adjusted_and_run"),
        ("parties", "0002_a_supplier_has_a_reason_for_its_state"),
        ("purchasing", "0007_goods_go_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="purchaseorderline",
            name="quote_line_id",
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name="BlanketOrder",
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
                ("supplier_ref", models.CharField(blank=True, default="", max_length=60)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("price_includes_tax", models.BooleanField(default=True)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField()),
                ("tolerance_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                (
                    "limit_amount",
                    models.DecimalField(blank=True, decimal_places=2, default=None, max_digits=18, null=True),
                ),
                ("called_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="blanket_orders", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_blanket",
            },
        ),
        migrations.CreateModel(
            name="BlanketLine",
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
                ("price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("called_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="purchasing.blanketorder",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_blanket_line",
            },
        ),
        migrations.CreateModel(
            name="CallOff",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=120)),
                ("reason", models.CharField(blank=True, default="", help_text="Why more than agreed", max_length=300)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="call_offs",
                        to="purchasing.blanketline",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="call_offs",
                        to="purchasing.purchaseorder",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_call_off",
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("revision", models.PositiveSmallIntegerField()),
                ("key", models.CharField(blank=True, default="", max_length=80)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("includes_tax", models.BooleanField(default=True)),
                ("freight", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("valid_until", models.DateField()),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="supplier_quotes", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_quote",
            },
        ),
        migrations.CreateModel(
            name="QuoteLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("lead_days", models.PositiveSmallIntegerField()),
                ("min_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("alternate", models.CharField(blank=True, default="", max_length=200)),
                (
                    "quote",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="purchasing.quote",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_quote_line",
            },
        ),
        migrations.CreateModel(
            name="QuoteStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("from_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="purchasing.quoteline",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_quote_step",
            },
        ),
        migrations.CreateModel(
            name="Rfq",
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
                ("title", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Waiting for quotes"),
                            ("closed", "To award"),
                            ("awarded", "Awarded"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("deadline", models.DateTimeField()),
                ("buyer_id", models.UUIDField(null=True)),
                ("buyer_name", models.CharField(blank=True, default="", max_length=60)),
                ("published_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("awarded_at", models.DateTimeField(null=True)),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
            ],
            options={
                "db_table": "purchasing_rfq",
            },
        ),
        migrations.AddField(
            model_name="quote",
            name="rfq",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="quotes", to="purchasing.rfq"
            ),
        ),
        migrations.CreateModel(
            name="RfqInvitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("revision", models.PositiveSmallIntegerField(default=0)),
                ("quoted_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("declined_at", models.DateTimeField(null=True)),
                ("decline_reason", models.CharField(blank=True, default="", max_length=300)),
                ("exchange_rate", models.DecimalField(decimal_places=6, default=Decimal("1"), max_digits=12)),
                ("duty_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                (
                    "rfq",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="purchasing.rfq",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rfq_invitations", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_rfq_invitation",
            },
        ),
        migrations.CreateModel(
            name="RfqLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("description", models.CharField(blank=True, default="", max_length=300)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("need_date", models.DateField()),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="purchasing.rfq",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
            ],
            options={
                "db_table": "purchasing_rfq_line",
            },
        ),
        migrations.CreateModel(
            name="RfqAward",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("landed", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="awards",
                        to="purchasing.purchaseorder",
                    ),
                ),
                (
                    "quote_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="awards", to="purchasing.quoteline"
                    ),
                ),
                (
                    "rfq",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="awards", to="purchasing.rfq"
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
                (
                    "rfq_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="awards", to="purchasing.rfqline"
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_rfq_award",
            },
        ),
        migrations.AddField(
            model_name="quoteline",
            name="rfq_line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="quote_lines", to="purchasing.rfqline"
            ),
        ),
        migrations.AddIndex(
            model_name="blanketorder",
            index=models.Index(fields=["-doc_date", "-id"], name="blanket_newest"),
        ),
        migrations.AddConstraint(
            model_name="blanketorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_from__lte", models.F("valid_to"))), name="blanket_dates"
            ),
        ),
        migrations.AddConstraint(
            model_name="blanketline",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                fields=("document", "line_no"),
                name="blanket_line_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="blanketline",
            constraint=models.CheckConstraint(
                condition=models.Q(("called_qty__gte", 0), ("price__gte", 0), ("qty__gt", 0)),
                name="blanket_line_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="calloff",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="call_off_positive"),
        ),
        migrations.AddConstraint(
            model_name="quotestep",
            constraint=models.UniqueConstraint(fields=("line", "from_qty"), name="quote_step_once"),
        ),
        migrations.AddConstraint(
            model_name="quotestep",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_qty__gt", 0), ("price__gt", 0)), name="quote_step_positive"
            ),
        ),
        migrations.AddIndex(
            model_name="rfq",
            index=models.Index(fields=["-doc_date", "-id"], name="rfq_newest"),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.UniqueConstraint(fields=("rfq", "supplier", "revision"), name="quote_revision_once"),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True), fields=("rfq", "supplier", "key"), name="quote_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(("freight__gte", 0)), name="quote_freight_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="rfqinvitation",
            constraint=models.UniqueConstraint(fields=("rfq", "supplier"), name="rfq_invitation_once"),
        ),
        migrations.AddConstraint(
            model_name="rfqinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("duty_pct__gte", 0), ("exchange_rate__gt", 0)), name="rfq_invitation_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="rfqline",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                fields=("document", "line_no"),
                name="rfq_line_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rfqline",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="rfq_line_positive"),
        ),
        migrations.AddConstraint(
            model_name="rfqaward",
            constraint=models.UniqueConstraint(fields=("rfq_line", "supplier"), name="rfq_award_once"),
        ),
        migrations.AddConstraint(
            model_name="rfqaward",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="rfq_award_positive"),
        ),
        migrations.AddConstraint(
            model_name="quoteline",
            constraint=models.UniqueConstraint(fields=("quote", "rfq_line"), name="quote_line_once"),
        ),
        migrations.AddConstraint(
            model_name="quoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(("min_qty__gte", 0), ("price__gt", 0)), name="quote_line_positive"
            ),
        ),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD_RFQ, NO_GUARD_RFQ),
        migrations.RunSQL(GUARD_QUOTE, NO_GUARD_QUOTE),
        migrations.RunSQL(SEAL, UNSEAL),
    ]
