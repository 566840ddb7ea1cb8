"""Logistics: shipments on their way, in and out, with carrier, tracking number and milestones.

Owns: Shipment, Milestone. Publishes: ShipmentDispatched, MilestoneReported, ShipmentDelivered.
Calls: parties, kernel.
"""
