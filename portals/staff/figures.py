"""The live counts of the staff face: how many documents of each kind are in which state, read in one statement.

The navigation, the business flow map and the to-do matrix print these same numbers, so they never disagree. Only what the
actor may see is counted. A salesperson without the right to see all orders counts their own.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from backend.kernel import tenancy
from portals.staff.sales.scope import OWN_ORDERS, OWN_QUOTES, SEE_ALL

Figures = Mapping[str, Mapping[str, Any]]

_APPROVAL = """
count(*) FILTER (WHERE approval IN ('draft', 'rejected')) AS draft,
count(*) FILTER (WHERE approval = 'submitted') AS submitted,
"""
_NOT_VOID = "approval <> 'voided'"

# key -> (the right it needs, its select). Every select gives exactly one row.
_SELECTS: dict[str, tuple[str, str]] = {
    "sales.quote": (
        "sales.quote.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE state IN ('open', 'sent')) AS open,
        count(*) FILTER (WHERE state = 'accepted' AND id IN (
            SELECT document_id FROM sales_quote_line WHERE ordered_qty < qty)) AS accepted,
        count(*) FILTER (WHERE state IN ('open', 'sent') AND valid_until < %(today)s) AS expired
        FROM sales_quote q WHERE {_NOT_VOID} AND (%(all_orders)s OR {OWN_QUOTES.format("q")})""",
    ),
    "sales.order": (
        "sales.order.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'submitted' AND credit_state = 'credit_hold') AS held,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND shipped <> 'full') AS open,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND shipped = 'partial') AS partly,
        count(*) FILTER (WHERE approval = 'approved' AND shipped = 'full' AND doc_date >= %(month)s) AS done,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND shipped <> 'full'
            AND id IN (SELECT ref_id FROM availability_demand_line WHERE reserved_qty > 0)) AS to_ship,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND shipped <> 'full'
            AND coalesce(promise_date, requested_date) < %(today)s) AS late
        FROM sales_order o WHERE {_NOT_VOID} AND (%(all_orders)s OR {OWN_ORDERS.format("o")})""",
    ),
    "sales.delivery": (
        "sales.delivery.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'approved' AND doc_date = %(today)s) AS today,
        count(*) FILTER (WHERE approval = 'approved' AND signed_at IS NULL) AS under_way,
        count(*) FILTER (WHERE approval = 'approved' AND signed_at >= %(midnight)s) AS signed_today,
        count(*) FILTER (WHERE approval = 'approved' AND signed_at IS NULL AND expected_date < %(today)s) AS late,
        count(*) FILTER (WHERE approval = 'approved' AND invoiced <> 'full') AS to_invoice,
        coalesce(sum(gross_amount) FILTER (WHERE approval = 'approved' AND invoiced = 'none'), 0) AS to_invoice_amount
        FROM sales_delivery WHERE {_NOT_VOID}""",
    ),
    "invoicing.sales_invoice": (
        "invoicing.sales_invoice.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'approved' AND settled <> 'full') AS open,
        count(*) FILTER (WHERE approval = 'approved' AND settled = 'full' AND doc_date >= %(month)s) AS done,
        count(*) FILTER (WHERE approval = 'approved' AND settled <> 'full' AND due_date < %(today)s) AS late
        FROM invoicing_sales_invoice WHERE {_NOT_VOID}""",
    ),
    "invoicing.receipt": (
        "invoicing.receipt.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'approved' AND matched_amount < amount) AS open,
        coalesce(sum(amount) FILTER (WHERE approval = 'approved' AND doc_date >= %(monday)s), 0) AS week_amount
        FROM invoicing_receipt WHERE {_NOT_VOID}""",
    ),
    "purchasing.suggestion": (
        "purchasing.suggestion.view",
        """SELECT count(*) FILTER (WHERE state = 'live') AS live,
        count(*) FILTER (WHERE state = 'live' AND supplier_id IS NOT NULL) AS ready,
        count(*) FILTER (WHERE state = 'snoozed') AS snoozed
        FROM availability_suggestion WHERE state IN ('live', 'snoozed')""",
    ),
    "purchasing.requisition": (
        "purchasing.requisition.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND ordered <> 'full') AS to_order,
        count(*) FILTER (WHERE approval <> 'approved' OR (closing = 'open' AND ordered <> 'full')) AS open
        FROM purchasing_requisition WHERE {_NOT_VOID}""",
    ),
    "production.order": (
        "production.order.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open') AS open,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND receipt <> 'full'
            AND finish_date < %(today)s) AS late
        FROM production_order WHERE {_NOT_VOID}""",
    ),
    "purchasing.order": (
        "purchasing.order.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND received <> 'full') AS open,
        count(*) FILTER (WHERE approval = 'approved' AND received = 'full' AND doc_date >= %(month)s) AS done,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND received <> 'full'
            AND confirmed = 'full') AS confirmed,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND received <> 'full'
            AND confirmed <> 'full') AS unconfirmed,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND id IN (
            SELECT order_id FROM purchasing_confirmation WHERE state = 'proposed')) AS proposed,
        count(*) FILTER (WHERE approval = 'approved' AND closing = 'open' AND received <> 'full' AND id IN (
            SELECT ref_id FROM availability_supply_line WHERE open_qty > 0 AND supply_date < %(today)s)) AS late
        FROM purchasing_order WHERE {_NOT_VOID}""",
    ),
    "purchasing.exception": (
        "purchasing.order.view",
        """SELECT count(*) AS unsolved, count(*) FILTER (WHERE state = 'open') AS open
        FROM purchasing_exception WHERE state <> 'solved'""",
    ),
    "purchasing.asn": (
        "purchasing.asn.view",
        """SELECT count(*) FILTER (WHERE state IN ('submitted', 'in_transit', 'arrived')) AS open,
        count(*) FILTER (WHERE state IN ('submitted', 'in_transit', 'arrived') AND expected_date = %(today)s) AS today,
        count(*) FILTER (WHERE state = 'arrived') AS arrived,
        count(*) FILTER (WHERE state IN ('submitted', 'in_transit') AND expected_date < %(today)s) AS late
        FROM purchasing_asn""",
    ),
    "purchasing.receipt": (
        "purchasing.receipt.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'approved' AND doc_date = %(today)s) AS today,
        count(*) FILTER (WHERE approval = 'approved' AND invoiced <> 'full') AS to_invoice
        FROM purchasing_receipt WHERE {_NOT_VOID}""",
    ),
    "purchasing.inspection": (
        "purchasing.inspection.view",
        "SELECT count(*) AS open FROM purchasing_inspection WHERE state = 'open' AND approval = 'draft'",
    ),
    "invoicing.purchase_invoice": (
        "invoicing.purchase_invoice.view",
        f"""SELECT {_APPROVAL}
        count(*) FILTER (WHERE approval = 'approved' AND settled <> 'full') AS open,
        count(*) FILTER (WHERE approval <> 'approved' AND match_state = 'discrepancy') AS differs,
        count(*) FILTER (WHERE approval = 'approved' AND settled <> 'full' AND due_date < %(today)s) AS late
        FROM invoicing_purchase_invoice WHERE {_NOT_VOID}""",
    ),
    "invoicing.payment": (
        "invoicing.payment.view",
        f"""SELECT {_APPROVAL} count(*) FILTER (WHERE approval = 'approved' AND matched_amount < amount) AS open
        FROM invoicing_payment WHERE {_NOT_VOID}""",
    ),
    "invoicing.statement": (
        "invoicing.statement.view",
        f"""SELECT count(*) FILTER (WHERE state IN ('open', 'proposed')) AS open,
        count(*) FILTER (WHERE state = 'disputed') AS disputed
        FROM invoicing_statement WHERE {_NOT_VOID}""",
    ),
    "inventory.stock": (
        "inventory.stock.view",
        """SELECT count(*) FILTER (WHERE on_hand - reserved - blocked > 0) AS free,
        count(*) FILTER (WHERE on_hand > 0 AND on_hand - reserved - blocked <= 0) AS taken,
        (SELECT count(*) FROM availability_demand_line WHERE reserved_qty > 0) AS reserved_lines,
        (SELECT count(*) FROM availability_demand_line WHERE open_qty > reserved_qty) AS short_lines
        FROM inventory_stock_balance""",
    ),
    "service.ticket": (
        "service.ticket.view",
        """SELECT count(*) FILTER (WHERE state = 'new') AS new,
        count(*) FILTER (WHERE state IN ('new', 'triaged', 'waiting')) AS open,
        count(*) FILTER (WHERE state IN ('new', 'triaged') AND (assignee_id = %(member)s OR assignee_id IS NULL)) AS mine,
        count(*) FILTER (WHERE first_response_at IS NULL AND respond_by < %(now)s
            AND state IN ('new', 'triaged', 'waiting')) AS late
        FROM service_ticket""",
    ),
    "receivable": (
        "accounting.open_item.view",
        """SELECT coalesce(sum(open_amount), 0) AS amount,
        coalesce(sum(open_amount) FILTER (WHERE due_date < %(today)s AND open_amount > 0), 0) AS late_amount,
        count(DISTINCT party_id) FILTER (WHERE due_date < %(today)s AND open_amount > 0) AS late_parties
        FROM accounting_open_item WHERE kind = 'receivable' AND open_amount <> 0""",
    ),
    "task": (
        "",
        """SELECT count(DISTINCT (kind, subject_id, params, CASE WHEN assignee_id IS NULL OR subject_id IS NULL THEN id END))
        AS open FROM workflow_task WHERE done_at IS NULL
        AND (%(everything)s OR assignee_id = %(member)s OR (assignee_id IS NULL AND permission = ANY(%(rights)s)))""",
    ),
    "notification": (
        "",
        "SELECT count(*) AS unread FROM workflow_notification WHERE member_id = %(member)s AND read_at IS NULL",
    ),
}


def _parameters(actor: Any, now: datetime, today: date) -> dict[str, Any]:
    return {
        "today": today,
        "now": now,
        "midnight": datetime.combine(today, datetime.min.time(), tenancy.time_zone()),
        "month": today.replace(day=1),
        "monday": today - timedelta(days=today.weekday()),
        "member": actor.member_id,
        "rights": sorted(actor.permissions),
        "everything": actor.may("*"),
        "all_orders": actor.may(SEE_ALL),
    }


def read_figures(
    actor: Any, *, now: datetime, today: date, also: Mapping[str, tuple[str, str]] | None = None
) -> Figures:
    """Every count this actor may see, by kind, in one statement; ``also`` are selects of the caller's own."""
    selects = {**_SELECTS, **(also or {})}
    chosen = {key: select for key, (right, select) in selects.items() if not right or actor.may(right)}
    parts = ", ".join(f"'{key}', (SELECT row_to_json(x) FROM ({select}) x)" for key, select in chosen.items())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT json_build_object({parts})", _parameters(actor, now, today))
        found = cursor.fetchone()[0]
    return json.loads(found) if isinstance(found, str) else found


def of(figures: Figures, kind: str, name: str) -> Any:
    """One figure; zero where the actor does not see the kind."""
    return (figures.get(kind) or {}).get(name) or 0
