"""The page of a production order: how it stands, what goes into it, what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.utils.translation import pgettext as _p

from backend.availability.selectors import PegView, pegs_of_supply
from backend.availability.selectors.material import MaterialRow
from backend.kernel import clock
from backend.kernel.document import Closing
from backend.kernel.money import ZERO
from backend.production import selectors as reads
from backend.production.models import MaterialKind, ProductionOrder
from portals.staff.production.words import ORDER_EDIT, item_fact
from portals.staff.purchasing.words import made, share
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Fact
from portals.ui.documents import DocumentSheet
from portals.ui.navigation import document_address, trail


@dataclass(frozen=True)
class OrderPage:
    """The order with its components; while it runs, when it is done and whose lines wait for it."""

    order: ProductionOrder
    rows: Sequence[MaterialRow]
    expected: date | None = None
    pegs: Sequence[PegView] = ()

    @property
    def running(self) -> bool:
        return self.order.is_approved and self.order.closing == Closing.OPEN

    @property
    def held(self) -> list[Any]:
        """Components that lie in the workshop for the order."""
        return [row for row in self.rows if row.component.held_qty > 0]

    @property
    def to_issue(self) -> list[Any]:
        return [row for row in self.rows if row.to_issue > 0] if self.running else []

    @property
    def late_rows(self) -> list[Any]:
        """Components that come after the order is to start, or nobody knows when."""
        start = self.order.start_date
        return [row for row in self.to_issue if row.waits and (row.comes is None or row.comes > start)]


def read_order(order: ProductionOrder) -> OrderPage:
    """The order's components; for one that runs also what hangs on it, in two statements more."""
    page = OrderPage(order, reads.components_of_order(order))
    if not page.running:
        return page
    return replace(page, expected=reads.expected_on(order), pegs=pegs_of_supply([order.pk])[order.pk])


def chips_of(page: OrderPage) -> list[Chip]:
    order = page.order
    chips = [chip("approval", order.approval)]
    if not order.is_approved:
        return chips
    if order.closing == Closing.MANUAL_CLOSED:
        chips.append(chip("closing", order.closing))
    chips.append(chip("issue", order.issue))
    chips.append(chip("made", order.receipt, percent=share(order.received_qty, order.qty)))
    return chips


# --- banner --------------------------------------------------------------------------------------
def banner_of(page: OrderPage) -> Banner | None:
    """At most one: material left over when all is made, else goods or material that are late."""
    order = page.order
    if not page.running:
        return None
    if order.left_qty <= 0:
        return _left_over(page) if page.held else None
    if order.finish_date < clock.today():
        words = _("%(qty)s %(unit)s were to be finished on %(day)s.") % {
            "qty": formats.qty(order.left_qty),
            "unit": order.item.unit,
            "day": formats.short_day(order.finish_date),
        }
        return Banner(_("Overdue."), words, look="bad", icon="calendar-time")
    return _late_material(page)


def _left_over(page: OrderPage) -> Banner:
    first, more = page.held[0].component, len(page.held) - 1
    words = _("%(qty)s %(unit)s of %(item)s: take them back, or write them off as lost.") % {
        "qty": formats.qty(first.held_qty),
        "unit": first.item.unit,
        "item": first.item.name,
    }
    if more:
        words += " " + ngettext("%(count)s more component.", "%(count)s more components.", more) % {"count": more}
    return Banner(_("Material is left in the workshop."), words, icon="package")


def _late_material(page: OrderPage) -> Banner | None:
    if not page.late_rows:
        return None
    worst = max(page.late_rows, key=lambda row: (row.comes is None, row.comes or clock.today()))
    item = worst.component.item
    if worst.comes is None:
        words = _("%(item)s is not there, and nobody knows when it comes.") % {"item": item.name}
    else:
        words = _("%(item)s comes on %(day)s; the order was to start on %(start)s.") % {
            "item": item.name,
            "day": formats.short_day(worst.comes),
            "start": formats.short_day(page.order.start_date),
        }
    see = Action(_("See the material"), "#material", look="soft", small=True)
    return Banner(_("Material is late."), words, icon="calendar-time", actions=[see])


def facts_of(page: OrderPage, actor: Any) -> list[Fact]:
    order = page.order
    unit = order.item.unit
    done = _("%(qty)s made, %(left)s left") % {
        "qty": formats.qty(order.received_qty),
        "left": formats.qty(max(order.left_qty, ZERO)),
    }
    return [
        item_fact(_("Product"), order.item, actor),
        Fact(_("Quantity"), f"{formats.qty(order.qty)} {unit}", done, numeric=True),
        Fact(_("Starts on"), formats.day(order.start_date), numeric=True),
        Fact(_("To be finished on"), formats.day(order.finish_date), _expected(page), numeric=True),
        Fact(_("Warehouse"), str(order.warehouse), _("material from here, goods into it")),
        Fact(_("Date"), formats.day(order.doc_date), made(order), numeric=True),
    ]


def _expected(page: OrderPage) -> str:
    """When it is done after all, where that is another day than planned."""
    if page.expected is None or page.expected == page.order.finish_date:
        return ""
    return _("expected %(day)s, its material allowing") % {"day": formats.short_day(page.expected)}


def waiting_of(page: OrderPage, actor: Any) -> list[tuple[PegView, str]]:
    """Whose lines wait for it, each with its page for those who may open it."""
    return [
        (peg, document_address(peg.ref_type, peg.ref_number) if actor.may(f"{peg.ref_type}.view") else "")
        for peg in page.pegs
    ]


# --- what may be done ------------------------------------------------------------------------------
def steps(page: OrderPage, actor: Any, kit: Any) -> dict[str, Any]:
    """The next sensible step, the others beside it, the rest in the menu."""
    order = page.order
    if order.is_draft:
        return _steps_before(order, actor, kit)
    nexts = _next_steps(page, actor)
    more = [*_rare_steps(page, actor, kit), *kit.printing(order)]
    return {"primary": nexts[0] if nexts else None, "primary_more": nexts[1:], "secondary": [], "more": more}


def _steps_before(order: ProductionOrder, actor: Any, kit: Any) -> dict[str, Any]:
    primary, secondary, more = None, [], []
    if actor.may("production.order.approve"):
        primary = kit.post(_("Approve"), "approval", order, "check", "primary")
    if actor.may(ORDER_EDIT):
        secondary.append(Action(_("Edit"), kit.url("edit", order), icon="edit"))
        more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    return {"primary": primary, "secondary": secondary, "more": [*more, *kit.printing(order)]}


def _next_steps(page: OrderPage, actor: Any) -> list[Action]:
    """Issue what is missing, receive what is made, then bring back what is over."""
    order, found = page.order, []
    if not order.is_approved:
        return []
    may_move = actor.may("production.material.edit")
    move = f"{reverse('staff:production_material_new')}?order={order.number}&kind="
    if page.to_issue and may_move:
        found.append(Action(_p("workshop", "Issue material"), f"{move}{MaterialKind.ISSUE}", icon="package-export"))
    if page.running and page.held and order.left_qty > 0 and actor.may("production.receipt.edit"):
        url = f"{reverse('staff:production_receipt_new')}?order={order.number}"
        found.append(Action(_("Receive products"), url, icon="package-import"))
    if page.held and may_move:
        found.append(Action(_p("workshop", "Take material back"), f"{move}{MaterialKind.RETURN}", icon="arrow-back-up"))
        found.append(Action(_p("workshop", "Material was lost"), f"{move}{MaterialKind.LOSS}", icon="alert-triangle"))
    return found


def _rare_steps(page: OrderPage, actor: Any, kit: Any) -> list[Action]:
    order, found = page.order, []
    if not (order.is_approved and actor.may("production.order.approve")):
        return []
    if page.running:
        if order.left_qty > 0:
            found.append(Action(_("Close the rest…"), icon="lock", dialog="close"))
        found.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    elif order.closing == Closing.MANUAL_CLOSED:
        found.append(kit.post(_("Reopen"), "reopening", order, "lock-open"))
    return found


def sheet_of(request: HttpRequest, page: OrderPage, kit: Any, error: Any = None) -> DocumentSheet:
    """The page of the order for this reader."""
    actor, order = request.actor, page.order  # type: ignore[attr-defined]
    return DocumentSheet(
        number=order.number,
        title=_("Production order"),
        chips=chips_of(page),
        crumbs=trail("staff:production_order_list"),
        print_url=kit.url("print", order),
        banner=banner_of(page),
        facts=facts_of(page, actor),
        remark=order.remark,
        error=error,
        **steps(page, actor, kit),
        **rail_of(request, order),
    )
