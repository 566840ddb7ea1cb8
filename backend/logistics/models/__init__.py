from backend.logistics.models.shipment import Milestone, MilestoneKind, Shipment

__all__ = ["Milestone", "MilestoneKind", "Shipment"]
