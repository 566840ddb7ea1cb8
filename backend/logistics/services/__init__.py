"""Writes of logistics."""

from backend.logistics.services.shipments import (
    ShipmentData,
    cancel_shipment,
    create_shipment,
    mark_delivered,
    report_milestone,
)

__all__ = ["ShipmentData", "cancel_shipment", "create_shipment", "mark_delivered", "report_milestone"]
