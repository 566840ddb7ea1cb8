"""Workflow: what people are asked to do and how the company wants to work.

Owns: Task (to-do), Notification, Setting (company parameters), SavedView, approval rules, substitutes and the journal of
approvals. Publishes: MembersNotified, ApprovalAsked, ApprovalEnded, SubstituteNamed.
Calls: access, kernel.
"""
