"""Writes of logistics."""

from backend.logistics.services.lanes import LaneData, resume_lane, save_lane, suspend_lane
from backend.logistics.services.shipments import (
    ShipmentData,
    cancel_shipment,
    create_shipment,
    mark_delivered,
    prepare_shipment,
    report_milestone,
)

__all__ = [
    "LaneData",
    "ShipmentData",
    "cancel_shipment",
    "create_shipment",
    "mark_delivered",
    "prepare_shipment",
    "report_milestone",
    "resume_lane",
    "save_lane",
    "suspend_lane",
]
