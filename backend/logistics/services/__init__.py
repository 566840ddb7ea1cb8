"""Writes of logistics."""

from backend.logistics.services.shipments import (
    cancel_shipment,
    create_shipment,
    mark_delivered,
    report_milestone,
)

__all__ = ["cancel_shipment", "create_shipment", "mark_delivered", "report_milestone"]
