"""The company's own currency, and documents of another one: their rate says what one of it is worth in ours.

A document in the company's own currency has no rate. One in another may lack it until somebody compares amounts.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backend.kernel.errors import ValidationRefused
from backend.kernel.money import cents

HOME = "CNY"


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


def gross_at_home(document: Any) -> Decimal | None:
    """What a document is worth in the company's own currency, tax included; None while its rate is not known."""
    gross: Decimal = document.gross_amount
    if getattr(document, "currency", HOME) == HOME:
        return gross
    return cents(gross * document.exchange_rate) if document.exchange_rate else None
