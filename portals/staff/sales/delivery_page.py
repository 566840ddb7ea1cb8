"""The page of a delivery: what left, where it is, who has it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from backend.kernel import clock
from backend.kernel.document import Progress
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import total
from backend.logistics.models import Milestone, MilestoneKind, Shipment
from backend.logistics.selectors import shipments_of, tracking_url
from backend.sales.models import SalesDelivery, SalesDeliveryLine
from backend.sales.services.handling import all_picked
from portals.staff.sales.scope import visible_deliveries
from portals.staff.shared.currency import figures_words
from portals.staff.shared.dialogs import Ask, Dialog, reason_dialog, typed
from portals.staff.shared.printing import other_language
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Crumb, Fact, TimelineEntry, Total
from portals.ui.counted import price_cell, qty_cell
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn
from portals.ui.navigation import document_address


@dataclass(frozen=True)
class DeliveryPage:
    """Everything the page of a delivery reads."""

    delivery: SalesDelivery
    lines: list[SalesDeliveryLine]
    shipment: Shipment | None  # what has not left may have one, too: it is picked and packed

    @property
    def milestones(self) -> list[Milestone]:
        """Where the goods were, in time."""
        found = self.shipment.milestones.all() if self.shipment else ()
        return sorted(found, key=lambda each: (each.at, each.pk))

    @property
    def is_packed(self) -> bool:
        return any(each.kind == MilestoneKind.PACKED for each in self.milestones)


def load_delivery(actor: Any, number: str) -> SalesDelivery:
    """The delivery, when this actor may see it; not found otherwise."""
    found = visible_deliveries(actor).select_related("customer", "warehouse", "carrier").filter(number=number).first()
    if found is None:
        raise NotFoundRefused(_("There is no such delivery."), value=number)
    return found


def read_delivery(delivery: SalesDelivery) -> DeliveryPage:
    lines = delivery.lines.select_related("item__unit", "line_unit", "lot", "order_line").order_by("line_no")
    shipment = shipments_of([delivery.pk]).get(delivery.pk)
    return DeliveryPage(delivery, list(lines), shipment)


def url_of(name: str, delivery: SalesDelivery) -> str:
    return reverse(f"staff:sales_delivery_{name}", kwargs={"number": delivery.number})


def _post(label: Any, name: str, delivery: SalesDelivery, icon: str, look: str = "") -> Action:
    fields = {"version": delivery.version}
    return Action(label, url_of(name, delivery), icon=icon, method="post", look=look, fields=fields)


def chips_of(page: DeliveryPage) -> list[Chip]:
    delivery = page.delivery
    chips = [chip("approval", delivery.approval)]
    if delivery.signed_at:
        chips.append(chip("shipment", "signed"))
    elif page.milestones:
        chips.append(chip("shipment", page.milestones[-1].kind))
    elif delivery.is_approved:
        chips.append(chip("shipment", "dispatched"))
    return [*chips, chip("invoice", delivery.invoiced)] if delivery.is_approved else chips


def steps(page: DeliveryPage, actor: Any) -> dict[str, Any]:
    """The primary step and the others."""
    delivery = page.delivery
    primary: Action | None = None
    secondary: list[Action] = []
    more: list[Action] = []
    if delivery.is_draft:
        if actor.may("sales.delivery.approve"):
            qty = formats.qty(total(line.qty for line in page.lines))
            primary = _post(_("Ship %(qty)s") % {"qty": qty}, "approval", delivery, "truck-fast", "primary")
        if actor.may("sales.delivery.edit"):
            secondary += _handling(page)
            secondary.append(Action(_("Edit"), url_of("edit", delivery), icon="edit"))
            more += _handling_otherwise(page, actor)
    elif delivery.is_approved:
        primary, secondary, more = _after_shipping(delivery, actor)
    printing = [
        other_language(url_of("print", delivery)),
    ]
    if delivery.is_draft and actor.may("sales.delivery.edit"):
        printing.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    return {"primary": primary, "secondary": secondary, "more": [*more, *printing]}


def _handling(page: DeliveryPage) -> list[Action]:
    """The next step of the warehouse before the goods leave."""
    if not all_picked(page.lines):
        return [_post(_("Confirm picking"), "picking", page.delivery, "list-check")]
    return [] if page.is_packed else [_post(_("Confirm packing"), "packing", page.delivery, "package")]


def _handling_otherwise(page: DeliveryPage, actor: Any) -> list[Action]:
    found = []
    if not all_picked(page.lines) and actor.may("inventory.stock.view"):
        scan = f"{reverse('staff:scan')}?pick={page.delivery.number}"
        found.append(Action(_("Pick by scanning"), scan, icon="barcode"))
    if any(line.picked_at for line in page.lines):
        found.append(_post(_("Put back, not picked"), "picking_undo", page.delivery, "arrow-back-up"))
    return found


def _after_shipping(delivery: SalesDelivery, actor: Any) -> tuple[Action | None, list[Action], list[Action]]:
    primary, secondary, more = None, [], []
    if delivery.invoiced != Progress.FULL and actor.may("invoicing.sales_invoice.edit"):
        primary = _post(_("Create invoice"), "invoice", delivery, "file-invoice", "primary")
    if delivery.signed_at is None and actor.may("sales.delivery.edit"):
        secondary.append(Action(_("Proof of delivery"), icon="clipboard-check", dialog="sign", wide_only=True))
    if delivery.signed_at is None and actor.may("logistics.shipment.edit"):
        more.append(Action(_("Report where it is"), icon="map-pin", dialog="milestone"))
    if actor.may("service.ticket.edit"):
        more.append(
            Action(_("Open a ticket"), f"{reverse('staff:ticket_new')}?delivery={delivery.number}", icon="headset")
        )
    if actor.may("logistics.shipment.edit") and actor.may("catalog.price.view"):
        more.append(Action(_("Freight charged"), icon="coin-yuan", dialog="freight"))
    if actor.may("sales.return.edit"):
        url = f"{reverse('staff:sales_return_new')}?delivery={delivery.number}"
        more.append(Action(_("Take goods back"), url, icon="arrow-back-up"))
    if actor.may("sales.delivery.unapprove"):
        more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return primary, secondary, more


def dialogs_of(request: HttpRequest, page: DeliveryPage) -> list[Dialog]:
    delivery = page.delivery
    found = [
        reason_dialog(
            request,
            "void",
            _("Void the delivery"),
            url_of("voiding", delivery),
            _("Void"),
            delivery.version,
            required=False,
            danger=True,
        ),
        reason_dialog(
            request,
            "unapprove",
            _("Take the delivery back"),
            url_of("unapproval", delivery),
            _("Unapprove"),
            delivery.version,
            text=_("Stock, cost and the voucher are reversed; the order waits again."),
        ),
    ]
    if delivery.is_approved and page.shipment:
        quoted = page.shipment.quoted_freight
        found.append(
            Dialog(
                "freight",
                _("What the carrier charged"),
                reverse("staff:shipment_freight", kwargs={"pk": page.shipment.pk}),
                _("Save"),
                (Ask("freight", _("Freight"), "number", typed(request, "freight", page.shipment.freight)),),
                _("The lane said %(amount)s.") % {"amount": formats.money(quoted)} if quoted is not None else "",
            )
        )
    if not delivery.is_approved or delivery.signed_at:
        return found
    today = clock.today().isoformat()
    found.append(
        Dialog(
            "sign",
            _("Proof of delivery"),
            url_of("signature", delivery),
            _("Save"),
            (
                Ask("signed_by", _("Received by"), "text", typed(request, "signed_by"), most=60),
                Ask("signed_on", _("On"), "date", typed(request, "signed_on", today)),
                Ask("note", _("Note"), "textarea", typed(request, "note"), required=False, most=200),
            ),
        )
    )
    if page.shipment:
        before = {MilestoneKind.PICKED, MilestoneKind.PACKED, MilestoneKind.DELIVERED}  # steps of their own
        kinds = [(kind.value, kind.label) for kind in MilestoneKind if kind not in before]
        found.append(
            Dialog(
                "milestone",
                _("Where the goods are"),
                url_of("milestone", delivery),
                _("Report"),
                (
                    Ask("kind", _("What happened"), "select", typed(request, "kind", "in_transit"), options=kinds),
                    Ask("place", _("Place"), "text", typed(request, "place"), required=False, most=100),
                    Ask("note", _("Note"), "textarea", typed(request, "note"), required=False, most=200),
                ),
            )
        )
    return found


def facts_of(page: DeliveryPage, actor: Any) -> list[Fact]:
    delivery = page.delivery
    url = (
        reverse("staff:customer_detail", kwargs={"pk": delivery.customer_id})
        if actor.may("parties.customer.view")
        else ""
    )
    figures = figures_words(delivery, delivery.customer) if actor.may("catalog.price.view") else ""
    on_its_way = page.shipment if delivery.is_approved else None
    carrier = on_its_way.carrier_name if on_its_way else (delivery.carrier.label if delivery.carrier else "")
    shipped = formats.moment(delivery.approved_at) if delivery.approved_at else ""
    signed = _("signed by %(who)s, %(when)s") % {"who": delivery.signed_by, "when": formats.moment(delivery.signed_at)}
    return [
        Fact(
            _("Customer"), delivery.customer.name, " · ".join(part for part in (delivery.ship_to, figures) if part), url
        ),
        Fact(
            _("Date"),
            formats.day(delivery.doc_date),
            _("shipped %(when)s") % {"when": shipped} if shipped else "",
            numeric=True,
        ),
        Fact(_("Expected"), formats.day(delivery.expected_date), signed if delivery.signed_at else "", numeric=True),
        Fact(_("Carrier"), carrier or "–", delivery.tracking_no),
        Fact(_("Warehouse"), delivery.warehouse.name, delivery.created_by_name),
    ]


def columns_of(prices: bool, cost: bool, picking: bool = False) -> list[LineColumn]:
    columns = [
        LineColumn("item", _("Item"), "item"),
        LineColumn("order", pgettext("document", "Order")),
        LineColumn("lot", _("Lot")),
        LineColumn("qty", _("Quantity"), "qty", strong=True),
    ]
    if picking:
        columns.append(LineColumn("picked", _("Picked")))
    if prices:
        columns += [
            LineColumn("price", _("Price incl. tax"), "price"),
            LineColumn("gross", _("Total incl. tax"), "money", strong=True),
        ]
    if cost:
        columns.append(LineColumn("cost", _("Cost"), "money"))
    return [*columns, LineColumn("invoiced", _("Invoiced"), "qty", phone="hide")]


def line_of(line: SalesDeliveryLine, may_see_orders: bool) -> Line:
    sub = " · ".join(part for part in (line.item.code, line.item.spec) if part)
    expiry = formats.day(line.lot.expiry_date) if line.lot and line.lot.expiry_date else ""
    return Line(
        line.line_no,
        {
            "item": Cell(line.item.name, sub),
            "order": Cell(
                line.order_number, url=document_address("sales.order", line.order_number) if may_see_orders else ""
            ),
            "lot": Cell(line.lot.lot_no, _("expires %(day)s") % {"day": expiry} if expiry else "") if line.lot else "–",
            "qty": qty_cell(line),
            "picked": formats.moment(line.picked_at) if line.picked_at else "–",
            "price": price_cell(line),
            "gross": line.gross_amount,
            "cost": line.cost_amount,
            "invoiced": line.invoiced_qty or None,
        },
    )


def milestones_of(page: DeliveryPage) -> list[TimelineEntry]:
    """Where the goods were, newest first."""
    return [
        TimelineEntry(
            who=each.get_kind_display(),
            what=" · ".join(part for part in (each.place, each.note) if part),
            at=each.at,
            way=each.actor_name,
            signal=each.kind == MilestoneKind.DAMAGED,
        )
        for each in reversed(page.milestones)
    ]


def banner_of(page: DeliveryPage) -> Banner | None:
    delivery = page.delivery
    expected = delivery.expected_date if delivery.is_approved and not delivery.signed_at else None
    if expected is None or expected >= clock.today():
        return None
    days = (clock.today() - expected).days
    words = _("It was expected on %(day)s and nobody has signed.") % {"day": formats.short_day(expected)}
    return Banner(ngettext("%(days)s day late.", "%(days)s days late.", days) % {"days": days}, words, icon="truck")


def sheet_of(request: HttpRequest, page: DeliveryPage, *, error: Any = None) -> DocumentSheet:
    actor, delivery = request.actor, page.delivery  # type: ignore[attr-defined]
    prices, cost = actor.may("catalog.price.view"), actor.may("catalog.cost.view") and delivery.is_approved
    totals = [Total(_("Quantity in all"), formats.qty(total(line.qty for line in page.lines)))]
    if cost:
        totals.append(Total(_("Cost"), formats.money(total(line.cost_amount for line in page.lines))))
    if prices:
        totals += [
            Total(_("Net"), formats.money(delivery.net_amount)),
            Total(_("Tax"), formats.money(delivery.tax_amount)),
            Total(_("Total incl. tax"), formats.money(delivery.gross_amount), grand=True),
        ]
    return DocumentSheet(
        number=delivery.number,
        title=_("Delivery"),
        chips=chips_of(page),
        crumbs=[Crumb(_("Sales")), Crumb(_("Deliveries"), reverse("staff:sales_delivery_list"))],
        print_url=url_of("print", delivery),
        banner=banner_of(page),
        facts=facts_of(page, actor),
        columns=columns_of(prices, cost, any(line.picked_at for line in page.lines)),
        lines=[line_of(line, actor.may("sales.order.view")) for line in page.lines],
        totals=totals,
        remark=delivery.remark,
        amount_in_words=delivery.gross_amount if prices else None,
        error=error,
        **steps(page, actor),
        **rail_of(request, delivery, partner="customer", voucher_note=_("made when the delivery is booked")),
    )


def shipment_context(page: DeliveryPage) -> dict[str, Any]:
    """The card about the way of the goods."""
    shipment = page.shipment
    return {
        "shipment": shipment,
        "milestones": milestones_of(page),
        "tracking_url": tracking_url(shipment) if shipment else "",
    }
