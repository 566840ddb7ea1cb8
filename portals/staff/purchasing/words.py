"""Small helpers that purchasing pages share."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.kernel.money import total
from portals.staff.shared.lists import PRICES
from portals.ui import formats
from portals.ui.components import Fact, Total
from portals.ui.documents import Cell


def item_cell(line: Any, actor: Any) -> Cell:
    """The item of a line with code, specification and description under it."""
    item = line.item
    sub = " · ".join(part for part in (item.code, item.spec, getattr(line, "description", "")) if part)
    url = reverse("staff:item_detail", kwargs={"pk": item.pk}) if actor.may("catalog.item.view") else ""
    return Cell(item.name, sub, url=url)


def supplier_fact(party: Any, actor: Any, sub: Any = "") -> Fact:
    url = reverse("staff:supplier_detail", kwargs={"pk": party.pk}) if actor.may("parties.supplier.view") else ""
    return Fact(_("Supplier"), party.name, sub, url)


def made(document: Any) -> str:
    """When and by whom a document was written; with the day where the document is dated otherwise."""
    time = formats.moment_beside(document.created_at, getattr(document, "doc_date", None))
    return _("%(time)s by %(who)s") % {"time": time, "who": document.created_by_name}


def sums(document: Any, lines: Sequence[Any], actor: Any) -> list[Total]:
    """Quantity, and the amounts for those who may see them."""
    found = [Total(_("Quantity in all"), formats.qty(total(line.qty for line in lines)))]
    if actor.may(PRICES):
        found += [
            Total(_("Net"), formats.money(document.net_amount)),
            Total(_("Tax"), formats.money(document.tax_amount)),
            Total(
                _("Total incl. tax"), f"{symbol(document.currency)}{formats.money(document.gross_amount)}", grand=True
            ),
        ]
    return found


def symbol(currency: str) -> str:
    return {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}.get(currency, f"{currency} ")


def share(done: Decimal, wanted: Decimal) -> Decimal | None:
    """Per cent of a quantity, or nothing when none is done."""
    return 100 * done / wanted if wanted and done else None
