"""Parties: everyone the company deals with, once. Customer, supplier and carrier are roles of a Party.

Owns: Party with its roles, contacts and addresses. Publishes: PartySaved. Calls: kernel.
"""
