"""Documents in another currency on pages: the field for their rate, and the words that say it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel.currency import HOME, amount_at_home, column_at_home, gross_at_home
from backend.parties.models import Party
from portals.ui import formats
from portals.ui.components import Total
from portals.ui.lists import Column


def rate_field() -> forms.DecimalField:
    """What one of the partner's currency is worth; drawn where a partner has one of its own."""
    return forms.DecimalField(
        label=gettext_lazy("Exchange rate"),
        required=False,
        min_value=Decimal("0.000001"),
        max_digits=10,
        decimal_places=6,
        help_text=gettext_lazy("CNY for one of the partner's currency. Left empty: the last one"),
    )


def keep_rate_where_needed(form: Any, role: str) -> None:
    """Drop the field where every partner of the role deals in the company's own currency."""
    if not Party.objects.filter(**{role: True}).exclude(currency=HOME).exists():
        del form.fields["exchange_rate"]


def keep_rate_of(form: Any, document: Any) -> None:
    """The field of an amendment: what the document has, and only if it is in another currency."""
    if document.currency == HOME:
        del form.fields["exchange_rate"]
        return
    field = form.fields["exchange_rate"]
    field.initial, field.help_text = document.exchange_rate, _("Holds for what is still to come")


def rate_words(document: Any) -> str:
    """What one of the currency of a document is worth; nothing for one of the company's own."""
    if document.currency == HOME:
        return ""
    if not document.exchange_rate:
        return _("%(currency)s, no rate yet") % {"currency": document.currency}
    rate = formats.plain(document.exchange_rate)
    return _("1 %(currency)s = %(rate)s %(home)s") % {"currency": document.currency, "rate": rate, "home": HOME}


def worth_at_home(document: Any) -> list[Total]:
    """What a document in another currency comes to in the company's own, under its totals; nothing without a rate."""
    worth = None if document.currency == HOME else gross_at_home(document)
    return [] if worth is None else [Total(_("In %(home)s") % {"home": HOME}, formats.money(worth))]


def amount_column(key: str, label: Any, *, of: str = "", rated: bool = True, **options: Any) -> Column:
    """An amount of documents in a list, in the company's own currency: so it adds up. Below it what the document says.

    ``of`` is the attribute of a row that leads to its document. Documents that are not ``rated``, and those that lack
    their rate, count for nothing and say their own amount alone.
    """

    def document_of(row: Any) -> Any:
        return getattr(row, of) if of else row

    def worth(row: Any) -> Decimal | None:
        return amount_at_home(getattr(row, key), document_of(row))

    def own(row: Any) -> str:
        currency = document_of(row).currency
        return "" if currency == HOME else f"{currency} {formats.money(getattr(row, key))}"

    total = column_at_home(key, f"{of}__" if of else "", rated=rated)
    return Column(key, label, "money", value=worth, sub=own, sort=key, total=total, **options)


def figures_words(document: Any, partner: Any) -> str:
    """Where the figures of goods and invoices come from when their partner's orders are in another currency."""
    if partner.currency == HOME or document.currency != HOME:
        return ""
    names = {"home": HOME, "currency": partner.currency}
    return _("In %(home)s: prices of orders in %(currency)s at the order's rate") % names
