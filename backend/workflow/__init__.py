"""Workflow: what people are asked to do and how the company wants to work.

Owns: Task (to-do), Notification, Setting (company parameters), SavedView. Publishes: MembersNotified.
Calls: access, kernel.
"""
