"""Saving parties with their roles, contacts and addresses: one or many, in the same fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.clock import day_of
from backend.kernel.errors import Conflict, NotFoundRefused, StaleVersion
from backend.kernel.numbering import next_numbers
from backend.kernel.pinyin import mnemonic_of, sort_key_of
from backend.parties.events import PartySaved
from backend.parties.inputs import AddressData, ContactData, PartyData
from backend.parties.models import Address, CarrierRole, Contact, CustomerRole, Party, SupplierRole
from backend.parties.services.checks import check_party

ROLES: dict[str, type[models.Model]] = {
    "customer": CustomerRole,
    "supplier": SupplierRole,
    "carrier": CarrierRole,
}
PLAIN = ("name", "short_name", "active", "language", "currency", "email", "phone", "remark")
WRITTEN = (*PLAIN, *(f"is_{role}" for role in ROLES), "tax_id", "code", "mnemonic", "sort_key", "version", "updated_at")
CREDIT_RIGHT = "parties.credit.edit"

Pairs = Sequence[tuple[Party, PartyData]]


def save_party(
    *, actor: Actor, at: datetime, data: PartyData, party_id: UUID | None = None, version: int | None = None
) -> Party:
    """Make or change a party. Raises ValidationRefused, Conflict (twins by tax id or code), StaleVersion."""
    with transaction.atomic():
        party = _load(party_id, version) if party_id else Party(created_at=at)
        check_party(data, party_id)
        write_parties([(party, data)], actor=actor, at=at)
    return party


def write_parties(wanted: Pairs, *, actor: Actor, at: datetime) -> None:
    """Write parties that were checked: new ones, and known ones that are locked. Raises Conflict, PermissionRefused."""
    new = {party.pk for party, _data in wanted if party._state.adding}
    terms = _terms_of([party.pk for party, _data in wanted if party.pk not in new])
    wanted = [(party, _with_known_state(data, terms.get(party.pk, {}))) for party, data in wanted]
    before = {party.pk: {} if party.pk in new else _values_of(party, terms[party.pk]) for party, _data in wanted}
    for party, data in wanted:
        guard_credit(before[party.pk], data, actor)
    for (party, data), code in zip(wanted, _codes(wanted, at), strict=True):
        _fill(party, data, code, at)
    _write_rows(wanted, new)
    _write_roles(wanted)
    _write_children(wanted, new)
    changes = [(party, audit.changed_fields(before[party.pk], _values_from(party, data))) for party, data in wanted]
    audit.record_many(
        audit.entry(party, "create" if party.pk in new else "change", actor=actor, at=at, changes=each)
        for party, each in changes
    )
    told = [PartySaved(party.pk, changed=tuple(each), is_new=party.pk in new) for party, each in changes]
    events.publish_all(told, actor=actor)


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


# --- what there was ------------------------------------------------------------------------------
Terms = Mapping[str, Mapping[str, Any]]


def _terms_of(party_ids: Sequence[UUID]) -> dict[UUID, dict[str, dict[str, Any]]]:
    """The terms on file of known parties by role, of roles that ended, too; a statement for each role."""
    found: dict[UUID, dict[str, dict[str, Any]]] = {party_id: {} for party_id in party_ids}
    for role, model in ROLES.items() if party_ids else ():
        for row in model._default_manager.filter(party__in=party_ids).values():
            found[row.pop("party_id")][role] = row
    return found


def _with_known_state(data: PartyData, terms: Terms) -> PartyData:
    """A supplier's state moves by its life cycle alone: saving the form, the API or an import never lifts a block."""
    if data.supplier is None or "supplier" not in terms:
        return data
    return replace(data, supplier=replace(data.supplier, state=terms["supplier"]["state"]))


def guard_credit(before: Mapping[str, Any], data: PartyData, actor: Actor) -> None:
    """Changing what a customer may owe is a right of its own (separation of duties)."""
    before_limit = before.get("credit_limit", "")
    after_limit = _text(data.customer.credit_limit) if data.customer else before_limit
    if before_limit != after_limit:
        actor.require(CREDIT_RIGHT)


def _values_of(party: Party, terms: Terms) -> dict[str, Any]:
    """A party as it is, for the trail."""
    return _values(party, {role: terms[role] for role in ROLES if getattr(party, f"is_{role}") and role in terms})


def _values_from(party: Party, data: PartyData) -> dict[str, Any]:
    """A party as it becomes, for the trail."""
    return _values(party, {role: asdict(given) for role in ROLES if (given := getattr(data, role)) is not None})


def _values(party: Party, terms: Terms) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(party, name) for name in (*PLAIN, "code", "tax_id")}
    for role in ROLES:
        values[f"is_{role}"] = role in terms
        for key, value in terms.get(role, {}).items():
            values[key if role == "customer" else f"{role}.{key}"] = _text(value)
    return values


def _text(value: Any) -> str:
    """A value as the trail shows it; 5 and 5.00 are the same."""
    if value is None:
        return ""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


# --- what it becomes -----------------------------------------------------------------------------
def _codes(wanted: Pairs, at: datetime) -> list[str]:
    """Codes as they are given or were, else the next of the first role's numbers; a statement for each role in need."""
    given = [data.code.strip() or party.code for party, data in wanted]
    roles = [next(role for role in ROLES if getattr(data, role) is not None) for _party, data in wanted]
    missing = [role for role, code in zip(roles, given, strict=True) if not code]
    day = day_of(at)
    numbers = {role: iter(next_numbers(f"parties.{role}", day, missing.count(role))) for role in set(missing)}
    return [code or next(numbers[role]) for role, code in zip(roles, given, strict=True)]


def _fill(party: Party, data: PartyData, code: str, at: datetime) -> None:
    """Set a party's own columns."""
    for name in PLAIN:
        value = getattr(data, name)
        setattr(party, name, value.strip() if isinstance(value, str) else value)
    party.tax_id = data.tax_id.strip().upper()
    for role in ROLES:
        setattr(party, f"is_{role}", getattr(data, role) is not None)
    party.mnemonic = mnemonic_of(party.name)
    party.sort_key = sort_key_of(party.name)
    party.code = code
    party.version = party.version if party._state.adding else party.version + 1
    party.updated_at = at


def _write_rows(wanted: Pairs, new: set[UUID]) -> None:
    try:
        with transaction.atomic():
            Party.objects.bulk_create([party for party, _data in wanted if party.pk in new])
            update_rows([party for party, _data in wanted if party.pk not in new], WRITTEN)
    except IntegrityError:
        raise _somebody_was_quicker("tax_id" if any(data.tax_id for _party, data in wanted) else "code") from None


def _somebody_was_quicker(field: str) -> Conflict:
    """Refuse a party that somebody else saved at the same moment."""
    return Conflict(
        _("Somebody saved a partner with the same tax id or code at this moment."),
        code="party_exists",
        field=field,
        way_out=_("Look for it in the list."),
    )


def _write_roles(wanted: Pairs) -> None:
    """A role that is not played any more keeps its row: documents may still need its terms."""
    for role, model in ROLES.items():
        rows = [(party, asdict(given)) for party, data in wanted if (given := getattr(data, role)) is not None]
        if not rows:
            continue
        made = [model(party=party, **values) for party, values in rows]
        model._default_manager.bulk_create(
            made, update_conflicts=True, unique_fields=["party"], update_fields=list(rows[0][1])
        )
        for (party, _terms), row in zip(rows, made, strict=True):
            setattr(party, role, row)


def _write_children(wanted: Pairs, new: set[UUID]) -> None:
    contacts = [(party, data.contacts) for party, data in wanted if data.contacts is not None]
    addresses = [(party, data.addresses) for party, data in wanted if data.addresses is not None]
    _replace(Contact, ContactData, contacts, "is_primary", new)
    _replace(Address, AddressData, addresses, "is_default", new)


def _replace(
    model: type[models.Model], kind: Any, given: Sequence[tuple[Party, Sequence[Any]]], first_flag: str, new: set[UUID]
) -> None:
    """Make the parties' rows these: those that are left out go, known ids are kept, exactly one of each is the first."""
    manager = model._default_manager
    there = [party.pk for party, _rows in given if party.pk not in new]
    known = dict(manager.filter(party__in=there).values_list("pk", "party_id")) if there else {}
    made: list[models.Model] = []
    kept: set[UUID] = set()
    for party, rows in given:
        chosen = next((place for place, row in enumerate(rows) if getattr(row, first_flag)), 0)
        for place, row in enumerate(rows):
            values = asdict(row) | {first_flag: place == chosen}
            own_id = values.pop("id")
            if known.get(own_id) == party.pk:
                kept.add(own_id)
                values["id"] = own_id
            made.append(model(party=party, **values))
    if known:
        manager.filter(pk__in=known.keys() - kept).delete()
        manager.filter(party__in=there).update(**{first_flag: False})
    names = [each.name for each in fields(kind) if each.name != "id"]
    if made:
        manager.bulk_create(made, update_conflicts=True, unique_fields=["id"], update_fields=names)
