"""Saving a party with its roles, contacts and addresses, in a fixed number of statements."""

from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.clock import day_of
from backend.kernel.errors import Conflict, NotFoundRefused, StaleVersion
from backend.kernel.numbering import next_number
from backend.kernel.pinyin import mnemonic_of, sort_key_of
from backend.parties.events import PartySaved
from backend.parties.inputs import PartyData
from backend.parties.models import Address, CarrierRole, Contact, CustomerRole, Party, SupplierRole
from backend.parties.services.checks import check_party

ROLES: dict[str, type[models.Model]] = {
    "customer": CustomerRole,
    "supplier": SupplierRole,
    "carrier": CarrierRole,
}
PLAIN = ("name", "short_name", "active", "language", "currency", "email", "phone", "remark")
CREDIT_RIGHT = "parties.credit.edit"


def save_party(
    *, actor: Actor, at: datetime, data: PartyData, party_id: UUID | None = None, version: int | None = None
) -> Party:
    """Make or change a party. Raises ValidationRefused, Conflict (twins by tax id or code), StaleVersion."""
    with transaction.atomic():
        party = _load(party_id, version) if party_id else Party(created_at=at)
        check_party(data, party_id)
        data = _with_known_state(party_id, data)
        before = _values_of(party) if party_id else {}
        guard_credit(before, data, actor)
        fill_party(party, data, at)
        try:
            with transaction.atomic():
                party.save(force_insert=not party_id)
        except IntegrityError:
            raise somebody_was_quicker("tax_id" if data.tax_id else "code") from None
        _save_roles(party, data)
        _save_children(party, data)
        changes = audit.changed_fields(before, values_from(party, data))
        audit.record(party, "change" if party_id else "create", actor=actor, at=at, changes=changes)
        saved = PartySaved(aggregate_id=party.pk, changed=tuple(changes), is_new=not party_id)
        events.publish(saved, actor=actor)
    return party


def somebody_was_quicker(field: str) -> Conflict:
    """Refuse a party that somebody else saved at the same moment."""
    return Conflict(
        _("Somebody saved a partner with the same tax id or code at this moment."),
        code="party_exists",
        field=field,
        way_out=_("Look for it in the list."),
    )


def _load(party_id: UUID, version: int | None) -> Party:
    party = Party.objects.select_for_update().filter(pk=party_id).first()
    if party is None:
        raise NotFoundRefused(_("There is no such partner."), value=party_id)
    if version is not None and version != party.version:
        raise StaleVersion(
            _("%(party)s was changed in the meantime by somebody else. Nothing of yours is lost.") % {"party": party},
            document=party.code,
            field="version",
            value=version,
            way_out=_("Open it in a second window, compare, and save again."),
        )
    return party


def _with_known_state(party_id: UUID | None, data: PartyData) -> PartyData:
    """A supplier's state moves by its life cycle alone: saving the form, the API or an import never lifts a block."""
    if data.supplier is None or party_id is None:
        return data
    state = SupplierRole.objects.filter(party=party_id).values_list("state", flat=True).first()
    return replace(data, supplier=replace(data.supplier, state=state)) if state else data


def fill_party(party: Party, data: PartyData, at: datetime, *, code: str = "") -> None:
    """Set a party's own columns (not saved); one without a code takes the next number of its first role."""
    for name in PLAIN:
        value = getattr(data, name)
        setattr(party, name, value.strip() if isinstance(value, str) else value)
    party.tax_id = data.tax_id.strip().upper()
    for role in ROLES:
        setattr(party, f"is_{role}", getattr(data, role) is not None)
    party.mnemonic = mnemonic_of(party.name)
    party.sort_key = sort_key_of(party.name)
    party.code = code or data.code.strip() or party.code or _new_code(party, at)
    party.version = party.version if party._state.adding else party.version + 1
    party.updated_at = at


def _new_code(party: Party, at: datetime) -> str:
    role = next(role for role in ROLES if getattr(party, f"is_{role}"))
    return next_number(f"parties.{role}", day_of(at))


def _save_roles(party: Party, data: PartyData) -> None:
    """A role that is not played any more keeps its row: documents may still need its terms."""
    for role, model in ROLES.items():
        given = getattr(data, role)
        if given is not None:
            row = model(party=party, **asdict(given))
            names = list(asdict(given))
            model._default_manager.bulk_create(
                [row], update_conflicts=True, unique_fields=["party"], update_fields=names
            )
            setattr(party, role, row)


def _save_children(party: Party, data: PartyData) -> None:
    if data.contacts is not None:
        _replace(Contact, party, [asdict(contact) for contact in data.contacts], "is_primary")
    if data.addresses is not None:
        _replace(Address, party, [asdict(address) for address in data.addresses], "is_default")


def _replace(model: type[models.Model], party: Party, rows: list[dict[str, Any]], first_flag: str) -> None:
    """Make the party's rows these: those that are left out go, known ids are kept, exactly one is the first."""
    chosen = next((index for index, row in enumerate(rows) if row[first_flag]), 0)
    manager = model._default_manager
    known = set(manager.filter(party=party).values_list("pk", flat=True))
    kept = {row["id"] for row in rows if row["id"] in known}
    if known:
        manager.filter(party=party).exclude(pk__in=kept).delete()
        manager.filter(party=party).update(**{first_flag: False})
    made = []
    for index, row in enumerate(rows):
        values = {key: value for key, value in row.items() if key != "id"} | {first_flag: index == chosen}
        made.append(model(party=party, **values, **({"id": row["id"]} if row["id"] in kept else {})))
    fields = [key for key in rows[0] if key != "id"] if rows else []
    if made:
        manager.bulk_create(made, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def guard_credit(before: dict[str, Any], data: PartyData, actor: Actor) -> None:
    """Changing what a customer may owe is a right of its own (separation of duties)."""
    before_limit = before.get("credit_limit", "")
    after_limit = _text(data.customer.credit_limit) if data.customer else before_limit
    if before_limit != after_limit:
        actor.require(CREDIT_RIGHT)


def _values_of(party: Party) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(party, name) for name in (*PLAIN, "code", "tax_id")}
    for role, model in ROLES.items():
        row = model._default_manager.filter(party=party).values().first() if getattr(party, f"is_{role}") else None
        values[f"is_{role}"] = row is not None
        for key, value in (row or {}).items():
            if key != "party_id":
                values[key if role == "customer" else f"{role}.{key}"] = _text(value)
    return values


def values_from(party: Party, data: PartyData) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(party, name) for name in (*PLAIN, "code", "tax_id")}
    for role in ROLES:
        given = getattr(data, role)
        values[f"is_{role}"] = given is not None
        for key, value in (asdict(given) if given else {}).items():
            values[key if role == "customer" else f"{role}.{key}"] = _text(value)
    return values


def _text(value: Any) -> str:
    """A value as the trail shows it; 5 and 5.00 are the same."""
    if value is None:
        return ""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
