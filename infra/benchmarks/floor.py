"""The floor of a chain of documents: the rows of the last real order, written again and again by plain psycopg.

What one order left in each table is read back; the floor inserts rows of the same shape, with new
keys, into copies of those tables (same columns and indexes, no triggers, no foreign keys), and does
the same number of row locks and updates of balances, orders and counters: five transactions an order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connection
from psycopg import sql

from backend.kernel import tenancy


@dataclass(frozen=True)
class Plan:
    """What a chain of five actions writes: each table with the steps that write it. ``goods`` is the step that moves stock."""

    goods: str
    head: str
    lines: str
    tables: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def steps(self) -> tuple[str, ...]:
        return ("create", "approve", self.goods, "invoice", "post")


def _plan(goods: str, head: str, lines: str, once: tuple[tuple[str, str], ...]) -> Plan:
    """Beside what is written once, every step leaves a trail, and goods and invoices are linked and booked."""
    every = ("create", "approve", goods, "invoice", "post")
    shared = (
        ("kernel_audit_entry", every),
        ("kernel_document_link", (goods, "invoice")),
        ("accounting_voucher", (goods, "post")),
        ("accounting_voucher_line", (goods, "post")),
    )
    return Plan(goods, head, lines, tuple((table, (step,)) for table, step in once) + shared)


ORDER_TO_CASH = _plan(
    "ship",
    "sales_order",
    "sales_order_line",
    (
        ("sales_order", "create"),
        ("sales_order_line", "create"),
        ("availability_demand_line", "approve"),
        ("availability_reservation", "approve"),
        ("availability_promise", "approve"),
        ("sales_delivery", "ship"),
        ("sales_delivery_line", "ship"),
        ("inventory_stock_move", "ship"),
        ("logistics_shipment", "ship"),
        ("logistics_milestone", "ship"),
        ("invoicing_sales_invoice", "invoice"),
        ("invoicing_sales_invoice_line", "invoice"),
        ("accounting_open_item", "post"),
    ),
)
PROCURE_TO_PAY = _plan(
    "receive",
    "purchasing_order",
    "purchasing_order_line",
    (
        ("purchasing_order", "create"),
        ("purchasing_order_line", "create"),
        ("purchasing_schedule_line", "approve"),
        ("availability_supply_line", "approve"),
        ("purchasing_receipt", "receive"),
        ("purchasing_receipt_line", "receive"),
        ("inventory_stock_move", "receive"),
        ("invoicing_purchase_invoice", "invoice"),
        ("invoicing_purchase_invoice_line", "invoice"),
        ("accounting_open_item", "post"),
    ),
)


@dataclass
class Shape:
    """How a table is written: its columns, and sample rows."""

    table: str
    columns: list[str]
    rows: list[list[Any]]
    keys: dict[int, dict[Any, Any]] = field(default_factory=dict)


@contextmanager
def opened(plan: Plan, lines: int) -> Iterator["Floor"]:
    """The floor on a connection of its own, for orders of so many lines."""
    settings = connection.settings_dict
    schema = tenancy.schema_name()
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
    ) as client:
        client.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
        floor = Floor(client, plan, lines)
        client.commit()
        yield floor


class Floor:
    """Writes orders. Every method is one or a few statements; ``statements`` counts them all."""

    def __init__(self, client: psycopg.Connection, plan: Plan, lines: int) -> None:
        self.client, self.plan, self.lines, self.statements = client, plan, lines, 0
        self.samples = _samples(client, plan)
        self.balances = [
            row[0] for row in client.execute("SELECT id FROM inventory_stock_balance ORDER BY id").fetchall()
        ]
        self.turn = 0

    def one_order(self) -> None:
        chosen = [self.balances[(self.turn * self.lines + n) % len(self.balances)] for n in range(self.lines)]
        self.turn += 1
        for step in self.plan.steps:
            self._run("BEGIN")
            self._read(step, chosen)
            for table, rows in self.samples[step]:
                self._insert(table, rows)
            self._update(step, chosen)
            self._run("COMMIT")

    def _read(self, step: str, chosen: list[int]) -> None:
        """What any implementation reads: the document with its lines, the customer, items or balances."""
        if step == "create":
            self._run("SELECT * FROM catalog_item ORDER BY id LIMIT 5")
            self._run("SELECT * FROM party ORDER BY id LIMIT 1")
            return
        self._run(f"SELECT * FROM {self.plan.head} ORDER BY id DESC LIMIT 1 FOR UPDATE")
        self._run(f"SELECT * FROM {self.plan.lines} ORDER BY id DESC LIMIT 5")
        if step in {"approve", self.plan.goods}:
            self._run("SELECT * FROM inventory_stock_balance WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [chosen])
        if step == "approve":
            self._run("SELECT * FROM party_customer LIMIT 1 FOR UPDATE")
            self._run(
                "SELECT coalesce(sum(open_amount), 0) FROM accounting_open_item WHERE open_amount <> 0 AND kind = 'x'"
            )

    def _update(self, step: str, chosen: list[int]) -> None:
        if step in {"create", self.plan.goods, "invoice"}:
            self._run("UPDATE floor_counter SET last = last + 1 WHERE id = 1 RETURNING last")
        if step == "approve":
            self._run("UPDATE floor_balance SET reserved = reserved + 1 WHERE id = ANY(%s)", [chosen])
        if step == self.plan.goods:
            self._run("UPDATE floor_balance SET on_hand = on_hand - 1, value = value - 60 WHERE id = ANY(%s)", [chosen])
        if step in {self.plan.goods, "post"}:
            self._run("UPDATE floor_account SET debit = debit + 1 WHERE id IN (SELECT id FROM floor_account LIMIT 4)")
        if step != "create":
            self._run("UPDATE floor_header SET version = version + 1 WHERE id = 1")

    def _insert(self, shape: Shape, rows: list[list[Any]]) -> None:
        """One multi-row insert with fresh keys."""
        insert(self.client, shape, [fresh(shape, row) for row in rows])
        self.statements += 1

    def _run(self, statement: str, values: list[Any] | None = None) -> None:
        self.client.execute(statement, values)
        self.statements += 1


def insert(client: psycopg.Connection, shape: Shape, rows: list[list[Any]]) -> None:
    """One multi-row insert into the copy of a table."""
    places = ", ".join("(" + ", ".join(["%s"] * len(shape.columns)) + ")" for _row in rows)
    names = ", ".join(f'"{name}"' for name in shape.columns)
    client.execute(f"INSERT INTO floor_{shape.table} ({names}) VALUES {places}", [v for row in rows for v in row])


def fresh(shape: Shape, row: list[Any]) -> list[Any]:
    """The row with new keys: every UUID becomes another one, numbers that must be unique too."""
    made = []
    for name, value in zip(shape.columns, row, strict=True):
        if isinstance(value, UUID) and name in {"id", "source_id", "ref_line_id", "demand_id", "reservation"}:
            value = uuid4()
        elif name in {"number", "dedupe_key"}:
            value = uuid4().hex
        elif name == "serial":
            value = None
        made.append(value)
    return made


def _samples(client: psycopg.Connection, plan: Plan) -> dict[str, list[tuple[Shape, list[list[Any]]]]]:
    """Per step, the tables it writes with the rows of one order; makes the copies of the tables."""
    samples: dict[str, list[tuple[Shape, list[list[Any]]]]] = {step: [] for step in plan.steps}
    orders = client.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(plan.head))).fetchone()[0]  # type: ignore[index]
    for table, steps in plan.tables:
        total = client.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]  # type: ignore[index]
        if table == "inventory_stock_move":
            total -= client.execute("SELECT count(*) FROM inventory_stock_move WHERE kind = 'opening'").fetchone()[0]  # type: ignore[index]
        count = round(total / orders / len(steps))
        if not count:
            continue
        shape, rows = copy_table(client, table, count)
        for step in steps:
            samples[step].append((shape, rows))
    for made, source in (
        ("floor_balance", "inventory_stock_balance"),
        ("floor_account", "accounting_account_balance"),
    ):
        client.execute(f"CREATE TABLE {made} (LIKE {source} INCLUDING DEFAULTS INCLUDING INDEXES)")
        client.execute(f"INSERT INTO {made} SELECT * FROM {source}")
    client.execute("CREATE TABLE floor_counter AS SELECT 1 AS id, 0::bigint AS last")
    client.execute("CREATE TABLE floor_header AS SELECT 1 AS id, 0::bigint AS version")
    return samples


def copy_table(client: psycopg.Connection, table: str, count: int) -> tuple[Shape, list[list[Any]]]:
    """An empty copy of a table, and so many of its newest rows as samples."""
    name = f"floor_{table}"
    client.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)")
    found = client.execute(
        "SELECT column_name, is_identity, data_type FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position",
        [table],
    ).fetchall()
    for column, _identity, _type in found:
        if column in {"serial", "line_no", "document_id", "voucher_id"}:
            client.execute(f'ALTER TABLE {name} ALTER COLUMN "{column}" DROP NOT NULL')
    columns = [column for column, identity, _type in found if identity != "YES"]
    kinds = {column: kind for column, _identity, kind in found}
    picked = ", ".join(f'"{column}"' for column in columns)
    rows = client.execute(f"SELECT {picked} FROM {table} ORDER BY 1 DESC LIMIT {count}").fetchall()
    plain = [[_json(value, kinds[column]) for column, value in zip(columns, row, strict=True)] for row in rows]
    _drop_line_uniques(client, name)
    return Shape(table, columns, []), plain


def _json(value: Any, kind: str) -> Any:
    from psycopg.types.json import Json

    return Json(value) if kind in {"json", "jsonb"} and value is not None else value


def _drop_line_uniques(client: psycopg.Connection, name: str) -> None:
    """Unique indexes over several columns become plain ones: the copied lines keep their parents' keys."""
    found = client.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND indisunique AND NOT indisprimary AND indnatts > 1",
        [name],
    ).fetchall()
    for index, definition in found:
        client.execute(f"ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {index}")
        client.execute(f"DROP INDEX IF EXISTS {index}")
        client.execute(definition.replace("CREATE UNIQUE INDEX", "CREATE INDEX"))
