"""Loads the reactions of all processes."""

from backend.processes import (
    agents,
    approvals,
    conversation,
    exceptions,
    incoming_inspection,
    issue_to_resolution,
    order_to_cash,
    processors,
    procure_to_pay,
    record_to_report,
    replenishment,
    returns,
    sourcing,
    statements,
    stock_alerts,
    ways,
)

__all__ = [
    "agents",
    "approvals",
    "conversation",
    "exceptions",
    "incoming_inspection",
    "issue_to_resolution",
    "order_to_cash",
    "processors",
    "procure_to_pay",
    "record_to_report",
    "replenishment",
    "returns",
    "sourcing",
    "statements",
    "stock_alerts",
    "ways",
]
