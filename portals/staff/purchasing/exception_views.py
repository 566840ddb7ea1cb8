"""The exception board: what suppliers owe us an answer, goods or the truth for, and which customer's line each of it hurts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Aggregate, Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from backend.kernel.document import Approval, Closing
from backend.kernel.errors import NotFoundRefused
from backend.kernel.prepared import Prepared, Questions
from backend.parties.models import Party
from backend.processes.exceptions import remind_supplier
from backend.purchasing.models import ExceptionKind, Node, PurchaseException, PurchaseOrder
from backend.purchasing.selectors.board import Board, Card, Lane, read_board
from backend.purchasing.selectors.hurt import Hurt
from backend.purchasing.services.exceptions import acknowledge_exception
from portals.staff.sales.entry import uuid_of
from portals.staff.search.views import party_name
from portals.staff.shared.acting import who_and_when
from portals.ui import formats
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address

VIEW, EDIT = "purchasing.order.view", "purchasing.order.edit"
MOST, MOST_OF_A_SUPPLIER, ALL_OF_ONE = 6, 4, 100
MOST_LANES = 9


@dataclass(frozen=True)
class Drawn:
    """A card in words."""

    pk: UUID
    number: str
    url: str
    since: str
    base: str
    title: str
    detail: str
    hurt: str
    hurt_url: str
    at_risk: bool
    state: str
    note: str
    decide: bool


@require_safe
@staff_view(VIEW)
def exception_board(request: HttpRequest) -> HttpResponse:
    """Exceptions in lanes, by type or by supplier; one lane in full when it is asked for."""
    actor = request.actor  # type: ignore[attr-defined]
    by_supplier = request.GET.get("by") == "supplier"
    mine = request.GET.get("mine") == "1"
    supplier = uuid_of(request.GET.get("supplier", ""))
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in ExceptionKind.values else ""
    board = read_board(
        by_supplier=by_supplier,
        buyer_id=actor.member_id if mine else None,
        supplier_id=supplier,
        kind=kind,
        most=ALL_OF_ONE if kind or supplier else MOST_OF_A_SUPPLIER if by_supplier else MOST,
        most_lanes=300 if request.GET.get("lanes") == "all" else MOST_LANES,
    )
    names = _customers(board)
    context = {
        "board": board,
        "lanes": [_lane(lane, names, by_supplier, mine) for lane in board.lanes],
        "by_supplier": by_supplier,
        "mine": mine,
        "kind": kind,
        "supplier": supplier,
        "supplier_name": party_name(str(supplier)) if supplier else "",
        "kind_label": ExceptionKind(kind).label if kind else "",
        "open_orders": _OPEN.figures("orders", _open_orders)["count"],
        "may_edit": actor.may(EDIT),
        "here": request.get_full_path(),
        "inbox": reverse("staff:proposal_inbox"),
    }
    return render(request, "staff/purchasing/exceptions.html", context)


def _customers(board: Board) -> dict[UUID, str]:
    """Names of the customers on the cards; nothing is read when nobody is hurt."""
    ids = {card.hurt.party_id for lane in board.lanes for card in lane.cards if card.hurt and card.hurt.party_id}
    return {party.pk: party.label for party in _named(ids)}


_named = Prepared(lambda ids: Party.objects.filter(pk__in=ids).only("name", "short_name"))
_OPEN = Questions(1)


def _open_orders() -> tuple[QuerySet[PurchaseOrder], dict[str, Aggregate]]:
    found = PurchaseOrder.objects.filter(approval=Approval.APPROVED, closing=Closing.OPEN)
    return found, {"count": Count("pk")}


def _lane(lane: Lane, names: dict[UUID, str], by_supplier: bool, mine: bool) -> dict[str, Any]:
    here = reverse("staff:exception_board")
    if by_supplier:
        label = lane.cards[0].row.supplier.label if lane.cards else ""
        query = f"?by=supplier&supplier={lane.key}"
    else:
        label, query = str(ExceptionKind(lane.key).label), f"?kind={lane.key}"
    return {
        "key": lane.key,
        "label": label,
        "count": lane.count,
        "open": lane.open,
        "cards": [_card(card, names, here) for card in lane.cards],
        "more": lane.count - len(lane.cards),
        "more_url": query + ("&mine=1" if mine else ""),
    }


def _card(card: Card, names: dict[UUID, str], here: str) -> Drawn:
    row = card.row
    doc = ("purchasing.asn", row.asn.number) if row.asn else ("purchasing.order", row.order.number)
    hurt = card.hurt
    return Drawn(
        pk=row.pk,
        number=doc[1],
        url=document_address(*doc) or "",
        since=formats.short_day(row.opened_at),
        base=f"{here}{row.pk}/",
        title=title_of(row),
        detail=_detail(row),
        hurt=_hurt_words(hurt, names) if hurt else "",
        hurt_url=(document_address(hurt.ref_type, hurt.ref_number) or "") if hurt else "",
        at_risk=bool(hurt and hurt.at_risk),
        state=row.state,
        note=" · ".join(part for part in (row.acknowledged_by_name, row.note) if part),
        decide=row.kind == ExceptionKind.PROPOSAL,
    )


def title_of(row: PurchaseException) -> str:
    """What is wrong, as short as it can be said."""
    facts, kind = row.facts, row.kind
    unit = str(row.order_line.item.unit) if row.order_line else ""
    if kind in {ExceptionKind.NOT_VIEWED, ExceptionKind.NOT_CONFIRMED}:
        lines = ngettext("%(count)s line without an answer", "%(count)s lines without an answer", facts["lines"])
        return lines % {"count": facts["lines"]}
    if kind == ExceptionKind.PROPOSAL:
        words = [_("another price")] if facts.get("price") else []
        words += [_("part rejected")] if facts.get("rejected") else []
        words += [_("another day")] if not words else []
        return _("%(who)s proposes: %(what)s") % {"who": facts.get("by", ""), "what": _(", ").join(words)}
    if kind == ExceptionKind.CONFIRMED_LATE:
        return _("%(wanted)s → %(day)s, %(qty)s %(unit)s") % {
            "wanted": _day(facts["wanted"]),
            "day": _day(facts["date"]),
            "qty": _qty(facts["qty"]),
            "unit": unit,
        }
    if kind == ExceptionKind.NODE_LATE:
        return _("“%(node)s” was planned for %(day)s") % {
            "node": Node(facts["node"]).label,
            "day": _day(facts["planned"]),
        }
    if kind == ExceptionKind.ASN_DIFFERS:
        words_of = {"short": _("%(qty)s announced, %(got)s came"), "over": _("%(qty)s announced, %(got)s came")}
        words_of["damaged"] = _("%(bad)s of %(qty)s damaged")
        numbers = {"qty": facts["qty"], "got": facts["received"], "bad": facts["damaged"]}
        return words_of[facts["outcome"]] % {key: _qty(value) for key, value in numbers.items()}
    due = _("due %(day)s") % {"day": _day(facts["due"])}
    return f"{due} · {formats.qty(facts['qty'])} {unit}".strip()


def _day(text: str) -> str:
    return formats.short_day(date.fromisoformat(text))


def _qty(number: Any) -> str:
    return formats.qty(Decimal(str(number)))


def _detail(row: PurchaseException) -> str:
    item = f"{row.order_line.item.name} · " if row.order_line else ""
    return f"{item}{row.supplier.label}"


def _hurt_words(hurt: Hurt, names: dict[UUID, str]) -> str:
    who = names.get(hurt.party_id, "") if hurt.party_id else ""
    line = _("%(number)s line %(line)s %(customer)s") % {
        "number": hurt.ref_number,
        "line": hurt.line_no,
        "customer": who,
    }
    if not hurt.at_risk:
        return _("%(line)s: still on time") % {"line": line.strip()}
    if hurt.days_late is None:
        return _("%(line)s: no known date") % {"line": line.strip()}
    days = ngettext("%(days)s day late", "%(days)s days late", hurt.days_late) % {"days": hurt.days_late}
    more = hurt.lines - 1
    found = _("%(line)s: %(qty)s are %(days)s") % {"line": line.strip(), "qty": formats.qty(hurt.qty), "days": days}
    return f"{found} · +{more}" if more > 0 else found


# --- what a buyer does ---------------------------------------------------------------------------------------
def _back(request: HttpRequest) -> HttpResponse:
    to = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    return HttpResponseRedirect(to if safe else reverse("staff:exception_board"))


@require_POST
@staff_view(EDIT)
def exception_acknowledge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody takes care of it; it leaves the board when its cause is gone."""
    acknowledge_exception(exception_id=pk, note=request.POST.get("note", ""), **who_and_when(request))
    messages.success(request, _("Yours now. It goes by itself once its cause is gone."))
    return _back(request)


@require_POST
@staff_view(EDIT)
def exception_remind(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the supplier in the order's messages; that is taking care of it too."""
    row = PurchaseException.objects.filter(pk=pk).exclude(state="solved").first()
    if row is None:
        raise NotFoundRefused(_("There is no such exception."), value=pk)
    remind_supplier(exception_id=pk, **who_and_when(request))
    messages.success(request, _("The supplier has your message."))
    return _back(request)
