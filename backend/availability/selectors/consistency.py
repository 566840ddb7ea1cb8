"""The invariants of stock and availability as queries: each finds what should not be. Empty everywhere means sound."""

from backend.availability.services.rows import read

_CHECKS = {
    "balance differs from its moves": """
        SELECT b.item_id, b.warehouse_id FROM inventory_stock_balance b
        LEFT JOIN (SELECT item_id, warehouse_id, sum(qty_in - qty_out) AS qty, sum(value_in - value_out) AS value
                   FROM inventory_stock_move GROUP BY 1, 2) m USING (item_id, warehouse_id)
        WHERE b.on_hand <> coalesce(m.qty, 0) OR b.value <> coalesce(m.value, 0)""",
    "balance of a lot differs from its moves": """
        SELECT b.lot_id, b.warehouse_id FROM inventory_lot_balance b
        LEFT JOIN (SELECT lot_id, warehouse_id, sum(qty_in - qty_out) AS qty FROM inventory_stock_move
                   WHERE lot_id IS NOT NULL GROUP BY 1, 2) m USING (lot_id, warehouse_id)
        WHERE b.on_hand <> coalesce(m.qty, 0)""",
    "blocked differs from what lies in lots that are not released": """
        SELECT b.item_id, b.warehouse_id FROM inventory_stock_balance b
        LEFT JOIN (SELECT lb.item_id, lb.warehouse_id, sum(lb.on_hand) AS qty FROM inventory_lot_balance lb
                   JOIN inventory_lot l ON l.id = lb.lot_id WHERE l.state <> 'released' GROUP BY 1, 2) x
            USING (item_id, warehouse_id)
        WHERE b.blocked <> coalesce(x.qty, 0)""",
    "reserved differs from the reservations": """
        SELECT b.item_id, b.warehouse_id FROM inventory_stock_balance b
        LEFT JOIN (SELECT d.item_id, d.warehouse_id, sum(r.qty) AS qty FROM availability_reservation r
                   JOIN availability_demand_line d ON d.id = r.demand_id GROUP BY 1, 2) x
            USING (item_id, warehouse_id)
        WHERE b.reserved <> coalesce(x.qty, 0)""",
    "a demand's reserved quantity differs from its reservations": """
        SELECT d.id, d.ref_number FROM availability_demand_line d
        WHERE d.reserved_qty <> coalesce((SELECT sum(r.qty) FROM availability_reservation r WHERE r.demand_id = d.id), 0)""",
    "a demand is not met by reservations and pegs": """
        SELECT d.id, d.ref_number FROM availability_demand_line d
        WHERE d.open_qty <> d.reserved_qty
            + coalesce((SELECT sum(p.qty) FROM availability_peg p WHERE p.demand_id = d.id), 0)""",
    "a supply has more pegs than it brings": """
        SELECT s.id, s.ref_number FROM availability_supply_line s
        WHERE s.open_qty < (SELECT sum(p.qty) FROM availability_peg p WHERE p.supply_id = s.id)""",
    "a suggestion has more pegs than it would buy, or needs what no demand does": """
        SELECT g.id, g.state FROM availability_suggestion g
        LEFT JOIN (SELECT suggestion_id, sum(qty) AS qty FROM availability_peg GROUP BY 1) p ON p.suggestion_id = g.id
        WHERE coalesce(p.qty, 0) > g.qty
           OR (g.state <> 'accepted' AND g.need_qty <> coalesce(p.qty, 0))
           OR (g.state = 'accepted' AND g.supplied_at IS NOT NULL AND p.qty > 0)""",
    "stock lies free while demand waits": """
        SELECT b.item_id, b.warehouse_id FROM inventory_stock_balance b
        WHERE b.on_hand > b.reserved + b.blocked AND EXISTS (
            SELECT FROM availability_demand_line d WHERE d.item_id = b.item_id AND d.warehouse_id = b.warehouse_id
            AND d.open_qty > d.reserved_qty)""",
    "supply lies free while demand hangs on a suggestion": """
        SELECT g.id, g.state FROM availability_suggestion g
        WHERE g.state <> 'accepted' AND EXISTS (
            SELECT FROM availability_supply_line s WHERE s.item_id = g.item_id AND s.warehouse_id = g.warehouse_id
            AND s.open_qty > coalesce((SELECT sum(p.qty) FROM availability_peg p WHERE p.supply_id = s.id), 0))""",
    "a promise does not cover what is open": """
        SELECT d.id, d.ref_number FROM availability_demand_line d LEFT JOIN availability_promise p ON p.demand_id = d.id
        WHERE d.open_qty > 0 AND coalesce((SELECT sum((x ->> 'qty')::numeric)
            FROM jsonb_array_elements(p.parts) x), 0) < d.open_qty""",
}


def violations() -> list[str]:
    """Every broken invariant with up to three examples; one statement for each invariant."""
    found = []
    for name, sql in _CHECKS.items():
        rows = read(f"{sql} LIMIT 3", [])
        if rows:
            found.append(f"{name}: {rows}")
    return found
