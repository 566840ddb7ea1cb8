from backend.logistics.models.lane import Lane
from backend.logistics.models.shipment import Milestone, MilestoneKind, Shipment

__all__ = ["Lane", "Milestone", "MilestoneKind", "Shipment"]
