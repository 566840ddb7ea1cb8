"""The company's own currency, and documents of another one: their rate says what one of it is worth in ours.

A document in the company's own currency has no rate. One in another may lack it until somebody compares amounts or it
binds. Orders alone are in another currency: what follows from them (goods, invoices, books) is in the company's own, each
line at the order's price times the order's rate.

An amount without its rate is not known at home: it is never counted one for one, and sums leave it out. That rule stands
here alone, for a document (``amount_at_home``), in a query (``column_at_home``) and in a written statement
(``sql_at_home``).
"""

from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, Q, Value, When
from django.db.models.functions import Round
from django.utils.translation import gettext as _

from backend.kernel.errors import Conflict, ValidationRefused, WayOut
from backend.kernel.money import cents, require_held, round_price

HOME = "CNY"
ONE = Decimal(1)


class RateMissing(Conflict):
    """A document in another currency, and nobody said what that is worth in the company's own."""

    code = "rate_missing"


def settle_rate(document: Any, currency: str, keyed: Decimal | None = None) -> None:
    """Set currency and rate of a draft (not saved): what was keyed, what it had, else that of the newest of its kind."""
    if keyed is not None and keyed <= 0:
        raise ValidationRefused(_("A rate is above zero."), field="exchange_rate", value=keyed)
    kept = document.exchange_rate if document.currency == currency else None
    document.currency = currency
    if currency == HOME:
        document.exchange_rate = None
        return
    document.exchange_rate = keyed or kept or _newest(type(document), currency)


def _newest(model: Any, currency: str) -> Decimal | None:
    rated = model._default_manager.filter(currency=currency, exchange_rate__isnull=False)
    found: Decimal | None = rated.order_by("-id").values_list("exchange_rate", flat=True).first()
    return found


def require_held_at_home(document: Any) -> None:
    """Raise AmountTooLarge for a document whose worth in the company's own currency no column holds."""
    rate = getattr(document, "exchange_rate", None)
    if rate:
        require_held(document.gross_amount * rate, field="exchange_rate")


def gross_at_home(document: Any) -> Decimal | None:
    """What a document is worth in the company's own currency, tax included; None while its rate is not known."""
    return amount_at_home(document.gross_amount, document)


def amount_at_home(amount: Decimal, document: Any) -> Decimal | None:
    """What an amount of a document is worth in the company's own currency; None while its rate is not known."""
    if getattr(document, "currency", HOME) == HOME:
        return amount
    rate: Decimal | None = getattr(document, "exchange_rate", None)
    return cents(amount * rate) if rate else None


def rate_of(document: Any, *, binds: bool | None = None) -> Decimal:
    """What one of the document's currency is worth in the company's own; raises RateMissing.

    ``binds`` is told while a draft is being approved: its state is ahead of what its page shows.
    """
    if document.currency == HOME:
        return ONE
    if not document.exchange_rate:
        stands = document.is_approved if binds is None else binds
        raise rate_missing(document.number, document.DOC_TYPE, document.currency, binds=stands)
    rate: Decimal = document.exchange_rate
    return rate


def column_at_home(amount: Any, path: str = "", *, rated: bool = True) -> Case:
    """An amount of documents in a query, in the company's own currency, by the path to them; empty without a rate.

    ``amount`` is a column or what is worked out of some.
    """
    said = F(amount) if isinstance(amount, str) else amount
    worth: Any = Round(said * F(f"{path}exchange_rate"), 2) if rated else Value(None)
    own = When(**{f"{path}currency": HOME}, then=said)
    return Case(own, default=worth, output_field=DecimalField(max_digits=18, decimal_places=2))


def sql_at_home(amount: str) -> str:
    """The same for a statement written by hand over one table of documents; empty without a rate."""
    return f"CASE WHEN currency = '{HOME}' THEN {amount} ELSE round({amount} * exchange_rate, 2) END"


def lacks_rate(path: str = "") -> Q:
    """Documents in a query, by the path to them, whose worth in the company's own currency is not known."""
    return Q(**{f"{path}exchange_rate": None}) & ~Q(**{f"{path}currency": HOME})


def at_home(price: Decimal, rate: Decimal) -> Decimal:
    """A price at a rate, to six decimals; a price of the company's own currency stays as it is."""
    return price if rate == ONE else round_price(price * rate)


def rate_missing(number: str, doc_type: str, currency: str, *, binds: bool) -> RateMissing:
    """The refusal to take figures of a document home before somebody entered its rate."""
    return RateMissing(
        _("%(document)s is in %(currency)s and has no exchange rate: goods and books are in %(home)s.")
        % {"document": number, "currency": currency, "home": HOME},
        document=number,
        field="exchange_rate",
        way_out=_("Amend it and enter the rate.") if binds else _("Edit it and enter the rate."),
        links=[WayOut(number, doc_type=doc_type, number=number)],
    )
