"""The catalogue of permission codes, and which of them a role holds.

A code is ``<area>.<noun>.<verb>``. Every area declares its own in ``permissions.PERMISSIONS``; areas
above are found through the list of applications, never imported by name.
"""

import importlib
import importlib.util
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

EVERYTHING = "*"
PERMISSIONS = {
    "access.member.view": _("See members and roles"),
    "access.member.manage": _("Invite members and give roles"),
    "access.subscription.manage": _("Choose a plan, pay, see invoices of Troika"),
    "access.token.manage": _("Make API tokens of one's own"),
}
PARTNER_PERMISSIONS = {
    "supplier": {
        "supplier.order.view": _("See our orders to you"),
        "supplier.order.confirm": _("Confirm orders and report progress"),
        "supplier.rfq.view": _("See requests for quotation"),
        "supplier.rfq.quote": _("Send quotes"),
        "supplier.asn.edit": _("Announce deliveries"),
        "supplier.statement.view": _("See statements"),
        "supplier.statement.answer": _("Answer statements"),
        "supplier.invoice.edit": _("Send invoices"),
        "supplier.price.view": _("See prices"),
        "supplier.claim.answer": _("Answer quality claims"),
        "supplier.score.view": _("See our scorecard"),
        "supplier.bank.view": _("See the bank account"),
        "supplier.bank.edit": _("Ask for another bank account"),
        "supplier.profile.view": _("See profile and documents"),
        "supplier.profile.edit": _("Keep profile and documents"),
        "supplier.member.manage": _("Invite colleagues"),
    },
    "customer": {
        "customer.order.view": _("See your orders"),
        "customer.order.edit": _("Order"),
        "customer.order.return": _("Ask to send goods back"),
        "customer.quote.accept": _("Accept quotations"),
        "customer.invoice.view": _("See invoices"),
        "customer.ticket.edit": _("Open and answer tickets"),
        "customer.receipt.confirm": _("Confirm receipt of goods"),
        "customer.consignment.view": _("See goods on consignment"),
        "customer.consignment.report": _("Report what was sold of them"),
        "customer.price.view": _("See prices"),
        "customer.member.manage": _("Invite colleagues"),
    },
}


@cache
def catalogue() -> dict[str, Any]:
    """Every staff code with its label, area by area."""
    found: dict[str, Any] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.permissions"
        if config.name.startswith("backend.") and importlib.util.find_spec(name):
            found.update(importlib.import_module(name).PERMISSIONS)
    return dict(sorted(found.items()))


def codes_for(kind: str) -> dict[str, Any]:
    """The codes that a role of this kind of member may hold, with their labels."""
    return catalogue() if kind == "staff" else PARTNER_PERMISSIONS[kind]


def expand(patterns: Iterable[str], kind: str) -> frozenset[str]:
    """The codes of that kind which patterns (``sales.*.view``) name and none with a minus takes out again.

    ``*`` alone stays itself.
    """
    given = set(patterns)
    if EVERYTHING in given:
        return frozenset({EVERYTHING})
    without = {pattern[1:] for pattern in given if pattern.startswith("-")}

    def named(code: str, by: set[str]) -> bool:
        return any(fnmatchcase(code, pattern) for pattern in by)

    return frozenset(code for code in codes_for(kind) if named(code, given) and not named(code, without))


def rights_of(role: Any) -> frozenset[str]:
    """What a role allows. Built-in roles take their rights from the code, so a release may widen them."""
    if role.is_builtin:
        from backend.access.roles import BUILTIN

        builtin = BUILTIN[role.code]
        return expand(builtin.patterns, builtin.kind)
    return frozenset(role.permissions)
