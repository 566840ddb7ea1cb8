"""Reads of the control plane for the faces."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from tenants import signin
from tenants.models import Membership

_SECONDS = 60


@dataclass(frozen=True)
class Company:
    """A company the person may switch to."""

    name: str
    url: str
    current: bool


def companies_for(request: Any) -> list[Company]:
    """The person's companies on this face, kept for a minute; each address switches there."""
    identity = getattr(request, "identity", None)
    if identity is None or request.face == "public":
        return []
    key = f"companies:{identity.pk}:{request.face}"
    rows = cache.get_or_set(key, lambda: _rows(identity, request.face), _SECONDS) or []
    here = request.membership.pk if request.membership else None
    home = signin.FACE_HOME[request.face]
    return [Company(name, f"{home}account/switch/{pk}/", pk == here) for pk, name in rows]


def _rows(identity: Any, face: str) -> list[tuple[Any, str]]:
    found = [row for row in signin.all_memberships(identity) if row.kind == face]
    return [(row.pk, row.tenant.name) for row in found]


def membership_of(identity: Any, membership_id: Any) -> Membership | None:
    """One of the person's own memberships."""
    return next((row for row in signin.all_memberships(identity) if row.pk == membership_id), None)
