"""Loads the reactions of all processes."""

from backend.processes import (
    conversation,
    exceptions,
    issue_to_resolution,
    order_to_cash,
    procure_to_pay,
    record_to_report,
    statements,
)

__all__ = [
    "conversation",
    "exceptions",
    "issue_to_resolution",
    "order_to_cash",
    "procure_to_pay",
    "record_to_report",
    "statements",
]
