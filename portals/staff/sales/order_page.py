"""The page of a sales order: what it says, what it promised and why."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.availability.models import DemandLine
from backend.kernel.document import Approval, Closing, Progress
from backend.kernel.money import ZERO, total
from backend.processes.nearest import better_way
from backend.sales.models import CreditState, SalesOrder, SalesOrderLine
from backend.sales.services import credit
from portals.staff.sales import promises
from portals.staff.sales.order_read import OrderData
from portals.staff.sales.order_steps import more_steps, primary_step, secondary_steps, url_of
from portals.staff.shared import related
from portals.staff.shared.coming import sees_suppliers
from portals.staff.shared.currency import rate_words, worth_at_home
from portals.staff.shared.goods import kept_pieces
from portals.staff.shared.lists import PRICES
from portals.staff.shared.rail import rail_of
from portals.staff.shared.words import price_source
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Crumb, Fact, GraphNode, Promise, Rung, Total, Why
from portals.ui.counted import price_cell, qty_cell
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, Stock
from portals.ui.navigation import document_address


def state_chips(data: OrderData) -> list[Chip]:
    """Approval, delivery, invoice, settlement; a credit hold in place of the approval it stops."""
    order = data.order
    held = order.credit_state == CreditState.HOLD
    first = chip("credit", order.credit_state) if held else chip("approval", order.approval)
    chips = [first]
    if order.approval == Approval.VOIDED:
        return chips
    if order.closing == Closing.MANUAL_CLOSED:
        chips.append(chip("closing", order.closing))
    note = ""
    if order.is_approved and data.reserved and order.shipped != Progress.FULL:
        note = _("%(qty)s reserved") % {"qty": formats.qty(data.reserved)}
    chips.append(chip("delivery", order.shipped, percent=_share(data, "shipped_qty"), note=note))
    chips.append(chip("invoice", order.invoiced, percent=_share(data, "invoiced_qty")))
    chips.append(chip("settlement", order.settled))
    return chips


def _share(data: OrderData, column: str) -> Decimal | None:
    wanted = total(line.gross_amount for line in data.lines)
    if not wanted:
        return None
    done = total(line.gross_amount * getattr(line, column) / line.qty for line in data.lines)
    return 100 * done / wanted


# --- banner, facts, lines ---------------------------------------------------------------------------------
def banner_of(data: OrderData, actor: Any) -> Banner | None:
    """At most one: a date that moved and that the customer does not know, else a credit hold."""
    order = data.order
    if data.moved:
        return _moved_banner(data, actor)
    if order.credit_state == CreditState.HOLD:
        who = _("Somebody who may release credit and did not write the order decides.")
        return Banner(_("On credit hold."), f"{order.credit_note} {who}", look="bad", icon="shield-x")
    return _nearer_banner(order, actor)


def _nearer_banner(order: SalesOrder, actor: Any) -> Banner | None:
    """A draft that would leave from a nearer warehouse, with why, days and cost (SCM-11)."""
    plan = better_way(order) if order.is_draft and actor.may("sales.order.edit") else None
    if plan is None:
        return None
    option = plan.option(plan.chosen)
    assert option is not None
    facts = [*plan.reasons]
    if option.days is not None:
        facts.append(
            ngettext("%(days)s day on the way.", "%(days)s days on the way.", option.days) % {"days": option.days}
        )
    if option.cost is not None and actor.may(PRICES):
        facts.append(_("Freight %(amount)s.") % {"amount": formats.money(option.cost)})
    url = reverse("staff:sales_order_allocation", kwargs={"number": order.number})
    look = Action(_("Compare the warehouses"), url, look="soft", small=True)
    title = _("It would better leave from %(place)s.") % {"place": option.words}
    return Banner(title, " ".join(facts), icon="building-warehouse", look="info", actions=[look])


def _moved_banner(data: OrderData, actor: Any) -> Banner:
    first = data.moved[0]
    fact = _("Line %(line)s: %(qty)s moved to %(new)s.") % {
        "line": first.demand.ref_line_no,
        "qty": formats.qty(first.demand.open_qty - first.demand.reserved_qty),
        "new": formats.short_day(first.new_date) if first.new_date else _("no known date"),
    }
    named = sees_suppliers(actor)
    said = [(first.cause_text if named else "") or first.cause_number]
    words = _("%(when)s, %(who)s: %(what)s. It was %(old)s.") % {
        "who": first.by_name if named else _("Purchasing"),
        "when": formats.moment(first.at),
        "what": " · ".join(part for part in said if part) or first.cause,
        "old": formats.short_day(first.old_date),
    }
    if first.customer_reason:
        words += " " + _("The customer reads: “%(words)s”") % {"words": first.customer_reason}
    others = len(data.moved) - 1
    if others:
        words += " " + ngettext("%(count)s more line moved.", "%(count)s more lines moved.", others) % {"count": others}
    actions = (
        [Action(_("Tell the customer"), dialog="tell", look="soft", small=True)]
        if actor.may("sales.order.edit")
        else []
    )
    return Banner(fact, words, icon="calendar-time", actions=actions)


def _credit_left(exposure: credit.Exposure | None) -> str:
    """What the customer may still order; it says so where orders are not in it, because nobody knows their rate."""
    if exposure is None or exposure.limit is None:
        return ""
    figures = {"left": formats.whole_money(exposure.left), "limit": formats.whole_money(exposure.limit)}
    if exposure.is_known:
        return _("credit left %(left)s of %(limit)s") % figures
    return _("credit left %(left)s of %(limit)s before what has no exchange rate") % figures


def facts_of(data: OrderData, actor: Any) -> list[Fact]:
    order, customer = data.order, data.order.customer
    may_see = actor.may("parties.customer.view")
    whole = _("whole order at once") if customer.customer.ship_complete else _("may come in parts")
    url = reverse("staff:customer_detail", kwargs={"pk": customer.pk}) if may_see else ""
    terms = ngettext("%(warehouse)s · %(days)s day", "%(warehouse)s · %(days)s days", order.payment_days) % {
        "warehouse": order.warehouse,
        "days": order.payment_days,
    }
    return [
        Fact(_("Customer"), customer.name, _credit_left(data.exposure), url),
        Fact(_("Date"), formats.day(order.doc_date), _made(order), numeric=True),
        Fact(_("Requested"), formats.day(order.requested_date), whole, numeric=True),
        Fact(
            _("Salesperson"),
            order.salesperson_name or "–",
            order.customer_ref and _("their number %(ref)s") % {"ref": order.customer_ref},
        ),
        Fact(
            _("Ship to and terms"),
            order.ship_to or "–",
            " · ".join(part for part in (terms, rate_words(order)) if part),
        ),
    ]


def _made(order: SalesOrder) -> str:
    return _("%(time)s by %(who)s") % {"time": formats.moment(order.created_at), "who": order.created_by_name}


def columns_of(prices: bool) -> list[LineColumn]:
    columns = [LineColumn("item", _("Item"), "item"), LineColumn("qty", _("Quantity"), "qty", strong=True)]
    if prices:
        columns += [
            LineColumn("price", _("Price incl. tax"), "price"),
            LineColumn("discount", _("Discount"), "percent", phone="hide"),
            LineColumn("gross", _("Total incl. tax"), "money", strong=True),
        ]
    return [
        *columns,
        LineColumn("stock", _("Available / needed"), "stock"),
        LineColumn("promise", _("Promised"), "promise"),
    ]


def why_of(data: OrderData, line: SalesOrderLine, actor: Any) -> Why | None:
    """The popover of a promise: its ladder is fetched when it opens, and is a page of its own without script."""
    demand = data.demands.get(line.pk)
    if demand is None or demand.open_qty <= 0 or not actor.may("availability.promise.view"):
        return None
    url = reverse("staff:sales_order_promise", kwargs={"number": data.order.number, "line_no": line.line_no})
    actions = []
    if any(row.demand_id == demand.pk for row in data.moved) and actor.may("sales.order.edit"):
        actions.append(Action(_("Tell the customer"), dialog="tell", look="soft"))
    if actor.may("sales.promise.override") and data.order.closing == Closing.OPEN:
        actions.append(Action(_("Promise another date…"), dialog="override", look="ghost"))
    title = _("Why %(words)s") % {"words": promises.summary(promises.parts_of(demand))}
    return Why(title, [Rung(_("How this date was computed"), url=url)], actions)


def promise_of(data: OrderData, line: SalesOrderLine, actor: Any) -> Any:
    """The promise of a line; a date a person answers for stands above the computed one."""
    demand, seen = data.demands.get(line.pk), data.previews.get(line.pk)
    if seen is not None:
        drawn = promises.cell(seen.parts, wanted=line.requested_date)
        return replace(drawn, source=_("if approved now"), source_url="") if isinstance(drawn, Promise) else "–"
    parts = promises.parts_of(demand) if demand else ()
    drawn = promises.cell(parts, wanted=line.requested_date, why=why_of(data, line, actor))
    if line.override_date and isinstance(drawn, Promise):
        words = _("%(day)s promised by hand: %(reason)s") % {
            "day": formats.short_day(line.override_date),
            "reason": line.override_reason,
        }
        drawn = replace(drawn, source=f"{words} · {drawn.source}".rstrip(" ·"))
    return drawn or "–"


def line_of(data: OrderData, line: SalesOrderLine, actor: Any) -> Line:
    """One line; the promise opens to how it was computed."""
    demand = data.demands.get(line.pk)
    sub = " · ".join(part for part in (line.item.code, line.item.spec, line.description) if part)
    done = _("shipped %(qty)s") % {"qty": formats.qty(line.shipped_qty)} if line.shipped_qty else ""
    cancelled = _("cancelled %(qty)s") % {"qty": formats.qty(line.cancelled_qty)} if line.cancelled_qty else ""
    cells = {
        "item": Cell(line.item.name, sub, url=_item_url(line.item_id) if actor.may("catalog.item.view") else ""),
        "qty": qty_cell(line, done, cancelled),
        "price": price_cell(line, price_source(line.price_source)),
        "discount": line.discount_pct or None,
        "gross": line.gross_amount,
        "stock": stock_of(data, line, demand),
        "promise": promise_of(data, line, actor),
    }
    return Line(line.line_no, cells)


def _item_url(item_id: UUID) -> str:
    try:
        return reverse("staff:item_detail", kwargs={"pk": item_id})
    except NoReverseMatch:
        return ""


def stock_of(data: OrderData, line: SalesOrderLine, demand: DemandLine | None) -> Stock | str:
    """What this order can have now (its own reservation included) against what it still needs."""
    if not line.item.is_stocked or line.open_qty <= 0:
        return "–"
    balance = data.balances.get(line.item_id)
    own = demand.reserved_qty if demand else ZERO
    free = (balance.available if balance else ZERO) + own
    reachable = own if demand else free
    short = max(line.open_qty - reachable, ZERO)
    return Stock(free, line.open_qty, short or None)


def totals_of(data: OrderData) -> list[Total]:
    order = data.order
    before = total(line.tax_incl_price * line.wanted_qty for line in data.lines).quantize(Decimal("0.01"))
    discount = before - order.gross_amount
    rates = sorted({line.tax_rate for line in data.lines})
    found = [Total(_("Quantity in all"), formats.qty(total(line.wanted_qty for line in data.lines)))]
    if any(line.discount_pct for line in data.lines):
        found.append(Total(_("Discount"), formats.money(discount)))
    found += [
        Total(_("Net"), formats.money(order.net_amount)),
        Total(_("Tax"), formats.money(order.tax_amount), hint=" · ".join(formats.percent(rate) for rate in rates)),
        Total(_("Total incl. tax"), f"{symbol(order.currency)}{formats.money(order.gross_amount)}", grand=True),
        *worth_at_home(order),
    ]
    return found


def symbol(currency: str) -> str:
    return {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}.get(currency, f"{currency} ")


# --- how it came about ------------------------------------------------------------------------------------
def pegged_nodes(data: OrderData) -> list[GraphNode]:
    """Orders that bring what is missing, bought or made by us, hung under the order although no document was made from it."""
    nodes: dict[str, GraphNode] = {}
    for line in data.lines:
        demand = data.demands.get(line.pk)
        for part in promises.parts_of(demand) if demand else ():
            if not part.source_number or part.source_number in nodes:
                continue
            late = bool(part.date and part.date > line.requested_date)
            sub = _("%(qty)s %(unit)s · due %(day)s") % {
                "qty": formats.qty(part.qty),
                "unit": line.item.unit,
                "day": formats.short_day(part.date),
            }
            nodes[part.source_number] = GraphNode(
                title=f"{_bringer(part.source_type)} {promises.short_number(part.source_number)}",
                sub=sub,
                level=1,
                look="sg" if late else "",
                url=document_address(part.source_type, part.source_number),
                key=str(part.source_id),
                parents=(str(data.order.pk),),
            )
    return list(nodes.values())


def _bringer(doc_type: str) -> str:
    return _("Production") if doc_type == "production.order" else _("Purchase")


def sheet_of(request: HttpRequest, data: OrderData, *, error: Any = None) -> DocumentSheet:
    """The page of the order for this reader."""
    actor, order = data.standing.reader(request.actor), data.order  # type: ignore[attr-defined]
    prices = actor.may("catalog.price.view")
    family = related.family_of(order.pk)
    drafts = [each for each in family.of_type("sales.delivery") if each.approval in {"draft", "submitted", "rejected"}]
    primary, others = primary_step(data, actor, drafts if actor.may("sales.delivery.view") else ())
    rail = rail_of(
        request,
        order,
        partner="customer",
        family=family,
        graph_sub=_graph_sub(order, len(data.lines), prices),
        extra_nodes=pegged_nodes(data),
        voucher_note=_("made when the delivery is booked"),
    )
    return DocumentSheet(
        number=order.number,
        title=_("Sales order"),
        chips=state_chips(data),
        crumbs=[Crumb(_("Sales")), Crumb(_("Sales orders"), reverse("staff:sales_order_list"))],
        primary=primary,
        primary_more=others,
        secondary=secondary_steps(data, actor),
        more=more_steps(data, actor),
        print_url=url_of("print", order),
        banner=banner_of(data, actor),
        facts=facts_of(data, actor),
        columns=columns_of(prices),
        lines=[line_of(data, line, actor) for line in data.lines],
        totals=totals_of(data)
        if prices
        else [Total(_("Quantity in all"), formats.qty(total(line.wanted_qty for line in data.lines)))],
        remark=order.remark,
        amount_in_words=order.gross_amount if prices else None,
        currency=order.currency,
        error=error,
        **rail | {"goods": kept_pieces(order, data.lines)},
    )


def _graph_sub(order: SalesOrder, count: int, prices: bool) -> str:
    words = [
        str(chip("approval", order.approval).label),
        ngettext("%(count)s line", "%(count)s lines", count) % {"count": count},
    ]
    if prices:
        words.append(formats.money(order.gross_amount))
    return " · ".join(words)
