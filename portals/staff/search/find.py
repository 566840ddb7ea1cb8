"""What the command palette and the search page find: documents by number, partners, items, pages and actions.

A prefix narrows: `>` actions and pages, `#` document numbers, `@` people and partners.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backend.catalog.models import Item
from backend.inventory.selectors.pieces import find_pieces, state_of
from backend.parties.models import Party
from portals.staff.sales.scope import OWN_ORDERS, OWN_QUOTES, SEE_ALL
from portals.staff.shared.registry import KINDS, Kind, visible_kinds
from portals.ui import formats, navigation
from portals.ui.chips import Chip, chip

_EACH = 6


@dataclass(frozen=True)
class Hit:
    """A row of the palette."""

    title: str
    url: str
    icon: str = "file"
    sub: str = ""
    chips: Sequence[Chip] = ()
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class HitGroup:
    label: Any
    items: list[Hit] = field(default_factory=list)


def _address(name: str, **kwargs: Any) -> str:
    try:
        return reverse(f"staff:{name}", kwargs=kwargs or None)
    except NoReverseMatch:
        return ""


# --- documents ---------------------------------------------------------------------------------------
def _select(kind: Kind) -> str:
    party = f"(SELECT name FROM party p WHERE p.id = d.{kind.party})" if kind.party else "''"
    amount = f"d.{kind.amount}" if kind.amount else "NULL::numeric"
    states = ", ".join(f"d.{column}" for _axis, column in kind.axes) or "''"
    of_party = f" OR d.{kind.party} = %(party)s" if kind.party else ""
    return (
        f"(SELECT '{kind.doc_type}' AS kind, d.number, d.approval, d.doc_date, {amount} AS amount, {party} AS party,"
        f" array[{states}]::text[] AS states FROM {kind.table} d"
        f" WHERE (d.number LIKE %(like)s{of_party}) AND {_scope(kind)} ORDER BY d.number DESC LIMIT %(each)s)"
    )


def _scope(kind: Kind) -> str:
    """Orders and quotations follow the same visibility as their pages."""
    own = {"sales.order": OWN_ORDERS, "sales.quote": OWN_QUOTES}.get(kind.doc_type)
    return f"(%(all_orders)s OR {own.format('d')})" if own else "true"


def find_documents(actor: Any, words: str, limit: int = _EACH, party: Party | None = None) -> list[Hit]:
    """Documents whose number contains the words, and the last ones of a partner that was found, in one statement."""
    kinds = visible_kinds(actor)
    if not kinds or len(words) < 2:
        return []
    escaped = words.upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "like": f"%{escaped}%",
        "each": limit,
        "member": actor.member_id,
        "all_orders": actor.may(SEE_ALL),
        "limit": limit,
        "party": party.pk if party else None,
    }
    statement = " UNION ALL ".join(_select(kind) for kind in kinds)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({statement}) x ORDER BY doc_date DESC, number DESC LIMIT %(limit)s", values)
        rows = cursor.fetchall()
    return [hit for row in rows if (hit := _document_hit(actor, *row))]


def _document_hit(
    actor: Any, doc_type: str, number: str, approval: str, day: Any, amount: Any, party: str, states: list[str]
) -> Hit | None:
    kind = KINDS[doc_type]
    url = kind.url(number)
    if not url:
        return None
    parts = [str(kind.label), party or ""]
    if amount is not None and (actor.may("catalog.price.view") or not kind.priced):
        parts.append(formats.money(amount))
    parts.append(formats.short_day(day))
    marks = [chip("approval", approval)]
    marks += [
        chip(axis, state) for (axis, _column), state in zip(kind.axes, states, strict=False) if approval == "approved"
    ][:1]
    return Hit(number, url, kind.icon, " · ".join(part for part in parts if part), tuple(marks))


# --- masters ---------------------------------------------------------------------------------------------
def by_words(words: str, *names: str) -> Q:
    """Every word occurs in one of the fields."""
    found = Q()
    for word in words.split()[:5]:
        one = Q()
        for name in names:
            one |= Q(**{f"{name}__icontains": word})
        found &= one
    return found


def find_parties(actor: Any, words: str, limit: int = _EACH) -> list[Party]:
    """Customers and suppliers this actor may see, by name, code, pinyin, tax number or phone."""
    roles = Q()
    if actor.may("parties.customer.view"):
        roles |= Q(is_customer=True)
    if actor.may("parties.supplier.view"):
        roles |= Q(is_supplier=True) | Q(is_carrier=True)
    if not roles or not words:
        return []
    match = by_words(words, "name", "code", "mnemonic", "short_name", "tax_id", "phone")
    return list(Party.objects.filter(roles, match, active=True).order_by("sort_key", "id")[:limit])


def _party_hit(party: Party) -> Hit | None:
    name = "customer_detail" if party.is_customer else "supplier_detail"
    url = _address(name, pk=party.pk)
    role = _("customer") if party.is_customer else _("supplier") if party.is_supplier else _("carrier")
    return Hit(party.name, url, "building-store", f"{role} · {party.code}") if url else None


def find_items(actor: Any, words: str, limit: int = _EACH) -> list[Item]:
    """Items by code, name, pinyin, specification or barcode."""
    if not words or not actor.may("catalog.item.view"):
        return []
    match = by_words(words, "name", "code", "mnemonic", "spec", "barcode")
    return list(Item.objects.filter(match, active=True).order_by("sort_key", "id")[:limit])


def _item_hit(item: Item) -> Hit | None:
    url = _address("item_detail", pk=item.pk)
    return Hit(item.name, url, "box", f"{item.code} · {item.spec}".rstrip(" ·")) if url else None


def find_serials(actor: Any, words: str, limit: int = _EACH) -> list[Hit]:
    """Pieces whose serial number begins so."""
    if len(words) < 3 or not actor.may("inventory.stock.view"):
        return []
    found = []
    for piece in find_pieces(words, limit):
        url = _address("serial_detail", pk=piece.pk)
        found.append(Hit(piece.serial_no, url, "barcode", piece.item.name, (chip("serial", state_of(piece)),)))
    return found


# --- pages and actions -------------------------------------------------------------------------------------
def find_pages(request: HttpRequest, words: str) -> list[Hit]:
    """Entries of the navigation whose name contains the words."""
    found: dict[str, Hit] = {}
    for group in navigation.build(navigation.viewer_of(request), {}):
        for link in group.links or (group,):
            if words.lower() in str(link.label).lower():
                found.setdefault(link.url, Hit(str(link.label), link.url, group.icon))
    return list(found.values())[:_EACH]


def find_actions(request: HttpRequest, words: str, parties: Sequence[Party] = ()) -> list[Hit]:
    """What may be started: by name, and for the partner that was found."""
    found = []
    may = request.actor.may  # type: ignore[attr-defined]
    for party in parties[:1]:
        if party.is_customer and may("sales.order.edit") and (url := _address("sales_order_new")):
            found.append(
                Hit(_("New sales order for %(name)s") % {"name": party.label}, f"{url}?customer={party.pk}", "plus")
            )
        if party.is_customer and may("invoicing.receipt.edit") and (url := _address("receipt_new")):
            found.append(
                Hit(
                    _("Record a receipt from %(name)s") % {"name": party.label},
                    f"{url}?customer={party.pk}",
                    "cash-banknote",
                )
            )
        if party.is_supplier and may("purchasing.order.edit") and (url := _address("purchase_order_new")):
            found.append(
                Hit(_("New purchase order to %(name)s") % {"name": party.label}, f"{url}?supplier={party.pk}", "plus")
            )
    for link in navigation.quick_create(request):
        title = _("New: %(what)s") % {"what": link.label}
        if words.lower() in title.lower():
            found.append(Hit(title, link.url, "plus"))
    return found[:_EACH]


def find(request: HttpRequest, query: str) -> list[HitGroup]:
    """The groups for a query, best first; nothing typed offers what may be started."""
    actor = request.actor  # type: ignore[attr-defined]
    query = query.strip()[:80]
    prefix, words = (query[0], query[1:].strip()) if query[:1] in {">", "#", "@"} else ("", query)
    parties = find_parties(actor, words) if prefix in {"", "@"} else []
    groups = [
        HitGroup(_("Partners"), [hit for party in parties if (hit := _party_hit(party))]),
        HitGroup(
            _("Documents"),
            find_documents(actor, words, party=parties[0] if parties else None) if prefix in {"", "#"} else [],
        ),
        HitGroup(
            _("Items"), [hit for item in find_items(actor, words) if (hit := _item_hit(item))] if not prefix else []
        ),
        HitGroup(_("Serial numbers"), find_serials(actor, words) if prefix in {"", "#"} else []),
        HitGroup(_("Actions"), find_actions(request, words, parties) if prefix in {"", ">"} else []),
        HitGroup(pgettext("search", "Pages"), find_pages(request, words) if prefix in {"", ">"} else []),
    ]
    return [group for group in groups if group.items]
