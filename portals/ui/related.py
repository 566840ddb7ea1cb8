"""The rail of a document page, read from the kernel: related documents, timeline, messages, files."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.kernel import audit
from backend.kernel.actor import Actor
from portals.ui import formats
from portals.ui.components import FileRef, Message, TimelineEntry
from portals.ui.field_names import field_name

DOC_TYPE_NAMES: dict[str, Any] = {
    "sales.quote": gettext_lazy("Quotation"),
    "sales.order": gettext_lazy("Sales order"),
    "sales.delivery": gettext_lazy("Delivery"),
    "sales.consignment": gettext_lazy("Consignment"),
    "invoicing.sales_invoice": gettext_lazy("Sales invoice"),
    "invoicing.receipt": gettext_lazy("Receipt"),
    "purchasing.rfq": gettext_lazy("Request for quotation"),
    "purchasing.blanket": gettext_lazy("Blanket order"),
    "purchasing.order": gettext_lazy("Purchase order"),
    "purchasing.asn": gettext_lazy("Ship notice"),
    "purchasing.receipt": gettext_lazy("Receipt of goods"),
    "purchasing.material": gettext_lazy("Material of a subcontract order"),
    "production.order": gettext_lazy("Production order"),
    "production.material": gettext_lazy("Material of a production order"),
    "production.receipt": gettext_lazy("Product receipt"),
    "purchasing.inspection": gettext_lazy("Incoming inspection"),
    "invoicing.purchase_invoice": gettext_lazy("Purchase invoice"),
    "invoicing.statement": gettext_lazy("Statement"),
    "invoicing.payment": gettext_lazy("Payment"),
    "invoicing.netting": gettext_lazy("Receivable set off against payable"),
    "invoicing.debt_transfer": gettext_lazy("Debt moved to another party"),
    "invoicing.refund": gettext_lazy("Refund"),
    "inventory.opening_stock": gettext_lazy("Opening stock"),
    "purchasing.landed_cost": gettext_lazy("Landed cost"),
    "inventory.cost_adjustment": gettext_lazy("Cost adjustment"),
    "inventory.costing_run": gettext_lazy("Monthly costing"),
    "accounting.voucher": gettext_lazy("Voucher"),
    "service.ticket": gettext_lazy("Ticket"),
    "srm.claim": gettext_lazy("Quality claim"),
}

CHANNELS: dict[str, Any] = {
    "web": gettext_lazy("web"),
    "phone": gettext_lazy("phone"),
    "api": "API",
    "portal": gettext_lazy("portal"),
    "link": gettext_lazy("link"),
    "job": gettext_lazy("automatic"),
    "import": gettext_lazy("import"),
}

VERBS: dict[str, Any] = {
    "create": gettext_lazy("made it"),
    "save": gettext_lazy("changed it"),
    "name_serials": gettext_lazy("named the serial numbers"),
    "name_bins": gettext_lazy("named the bins"),
    "change": gettext_lazy("changed it"),
    "update": gettext_lazy("changed it"),
    "submit": gettext_lazy("submitted it"),
    "approve": gettext_lazy("approved it"),
    "unapprove": gettext_lazy("took the approval back"),
    "reject": gettext_lazy("rejected it"),
    "void": gettext_lazy("voided it"),
    "close": gettext_lazy("closed it"),
    "reopen": gettext_lazy("reopened it"),
    "amend": gettext_lazy("amended it"),
    "confirm": gettext_lazy("confirmed it"),
    "accept": gettext_lazy("accepted it"),
    "decline": gettext_lazy("declined it"),
    "counter": gettext_lazy("proposed a change"),
    "send": gettext_lazy("sent it"),
    "view": gettext_lazy("opened it"),
    "sign": gettext_lazy("signed it"),
    "deliver": gettext_lazy("delivered it"),
    "pick": gettext_lazy("picked the goods"),
    "pack": gettext_lazy("packed the goods"),
    "put_back": gettext_lazy("put the goods back"),
    "receive": gettext_lazy("received it"),
    "post": gettext_lazy("posted it"),
    "match": gettext_lazy("matched it"),
    "release": gettext_lazy("released it"),
    "pay": pgettext_lazy("audit", "paid it"),
    "delete": gettext_lazy("deleted it"),
    "print": gettext_lazy("printed it"),
    "export": gettext_lazy("exported it"),
    "hand_in": gettext_lazy("handed in a document"),
    "document_accepted": gettext_lazy("accepted a document"),
    "document_rejected": gettext_lazy("rejected a document"),
    "request_bank_account": gettext_lazy("asked for another bank account"),
    "bank_account_effective": gettext_lazy("agreed to the bank account"),
    "bank_account_rejected": gettext_lazy("rejected the bank account"),
    "supplier_potential": gettext_lazy("noted it as a potential supplier"),
    "supplier_pending": gettext_lazy("put it up for approval"),
    "supplier_approved": gettext_lazy("approved the supplier"),
    "supplier_preferred": gettext_lazy("made it a preferred supplier"),
    "supplier_watch": gettext_lazy("put it on watch"),
    "supplier_suspended": gettext_lazy("suspended the supplier"),
    "supplier_blocked": gettext_lazy("blocked the supplier"),
}


_TRUTH = {"True": pgettext_lazy("answer", "Yes"), "False": pgettext_lazy("answer", "No")}
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def type_name(doc_type: str) -> str:
    """What people call the type."""
    return str(DOC_TYPE_NAMES.get(doc_type, doc_type))


def timeline(
    subject_id: UUID,
    *,
    also: Iterable[UUID] = (),
    limit: int = 20,
    words: Mapping[str, Any] | None = None,
    reader: Actor | None = None,
) -> list[TimelineEntry]:
    """Who did what, when, by which way in. `words` says a verb of this document better than the common ones.

    `reader`: what changed of prices and costs is for those who may see them.
    """
    return entries(audit.timeline(subject_id, also=also)[:limit], words=words, reader=reader)


def entries(
    rows: Iterable[Any], *, words: Mapping[str, Any] | None = None, reader: Actor | None = None
) -> list[TimelineEntry]:
    """The same of entries that were read before."""
    known = VERBS | dict(words or {})
    hidden = _hidden_from(reader) if reader else None
    return [_entry(row, known, hidden) for row in rows]


# What these note is no reason: the papers that were made, the level that was agreed to.
_NAMED = frozenset({"agree", "order", "ask_quotes"})
# What is noted of a whole line tells its price in words, so it is hidden with the prices.
_COSTS = re.compile(r"cost|value|purchase_price")
_PRICES = re.compile(r"cost|value|price|amount|discount|freight|duty|rate|limit|^line|^\d")


def _hidden_from(reader: Actor) -> re.Pattern[str] | None:
    """The names of what this reader may not see the changes of."""
    if not reader.may("catalog.price.view"):
        return _PRICES
    return None if reader.may("catalog.cost.view") else _COSTS


def _entry(row: Any, known: Mapping[str, Any], hidden: re.Pattern[str] | None) -> TimelineEntry:
    what = str(known.get(row.verb, row.verb.replace("_", " ")))
    if said := _changes(row, hidden):
        what = f"{what} · {_('; ').join(said[:3])}"
    named = row.verb in _NAMED and row.reason
    if named:
        what = f"{what} · {row.reason}"
    return TimelineEntry(
        who=row.actor_name,
        what=what,
        at=row.at,
        way=CHANNELS.get(row.channel, row.channel),
        reason="" if named else row.reason,
        signal=row.actor_kind in {"supplier", "customer"},
    )


def _changes(row: Any, hidden: re.Pattern[str] | None) -> list[str]:
    shown = {name: value for name, value in row.changes.items() if not (hidden and hidden.search(name))}
    changes = [] if row.verb == "create" else [_change(name, value) for name, value in shown.items()]
    return list(filter(None, changes))


def changes_of(row: Any, reader: Actor) -> list[str]:
    """All that an entry of the trail says of what changed, in words; prices and costs for those who may see them."""
    return _changes(row, _hidden_from(reader))


def _change(name: str, value: Any) -> str:
    """`Price 3.50 → 4.00`, `Signed: Li`; of what is known by a key only, that it changed."""
    if not isinstance(value, (list, tuple)) or len(value) != 2 or not any(value):
        return ""
    before, after = (_said(each, counted="qty" in name) for each in value)
    if before == after:
        return ""
    if name.isdigit():  # a line told in words: what it was is said where the line stands
        before = ""
    if _is_key(before) or _is_key(after):
        return field_name(name)
    if not before:
        return _("%(what)s: %(words)s") % {"what": field_name(name), "words": after}
    return f"{field_name(name)} {before} → {after}"


def _said(value: Any, *, counted: bool = False) -> str:
    """A noted value as people say it: yes and no, and numbers without the zeros of their column."""
    text = str(value)
    if text in _TRUTH:
        return str(_TRUTH[text])
    if counted and _NUMBER.fullmatch(text):
        return formats.qty(text)
    return formats.unit_cost(text) if _LONG_NUMBER.fullmatch(text) else text


def _is_key(text: str) -> bool:
    return bool(_KEY.fullmatch(text))


def messages(rows: Iterable[Any], *, mine: UUID | None = None, since: Any = None) -> list[Message]:
    """Comments as the conversation on a document, oldest first. ``since``: what partners wrote later is new to the reader."""
    shared = {"supplier": _("the supplier reads it"), "customer": _("the customer reads it")}
    return [
        Message(
            who=row.author_name,
            text=row.text,
            at=row.created_at,
            mine=bool(mine and row.author_id == mine),
            note=shared.get(row.visibility, "") if row.author_kind == "staff" else "",
            new=since is not None and row.author_kind in shared and row.created_at > since,
        )
        for row in rows
    ]


def file_refs(attachments: Iterable[Any], *, url_name: str = "") -> list[FileRef]:
    """Attachments as the rail shows them; ``url_name`` is the face's own download page (a session ends at its face)."""
    return [
        FileRef(
            name=each.name,
            url=reverse(url_name, args=[each.pk]) if url_name else f"/files/{each.pk}",
            size=each.size,
            image=str(each.content_type).startswith("image/"),
        )
        for each in attachments
    ]
