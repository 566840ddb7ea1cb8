"""Logistics: shipments on their way, in and out, with carrier, tracking number and milestones.

Owns: Lane, Shipment, Milestone. Publishes: LaneChanged, ShipmentDispatched, MilestoneReported, ShipmentDelivered.
Calls: parties, kernel.
"""
