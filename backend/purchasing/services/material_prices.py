"""Hearing of material prices: kept, held against the mean of the days before, an alert when one jumps (SRM-09).

The mean is that of ``purchasing.price_alert_days`` before the price's day; the alert begins at
``purchasing.price_alert_pct``. A later price of the same item renews its open alert and never makes a second one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Avg
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.money import HUNDRED, round_price
from backend.purchasing.events import MaterialPriceRose
from backend.purchasing.models import AlertState, MaterialPrice, PriceAlert, PriceSource
from backend.workflow import parameters
from backend.workflow.services import complete_tasks


class AlertSettled(Conflict):
    code = "price_alert_settled"


@dataclass(frozen=True)
class PriceHeard:
    """What an item costs without tax in the company's currency. ``day`` None: today."""

    item_id: UUID
    price: Decimal
    day: date | None = None
    note: str = ""


def note_price(*, data: PriceHeard, actor: Actor, at: datetime) -> MaterialPrice:
    """Keep a price from the market; raises ValidationRefused."""
    day, today = data.day or clock.day_of(at), clock.day_of(at)
    if data.price <= 0:
        raise ValidationRefused(_("A price is above zero."), field="price", value=data.price)
    if day > today:
        raise ValidationRefused(_("Nobody knows the price of a day to come."), field="day", value=day)
    if not Item.objects.filter(pk=data.item_id, active=True).exists():
        raise ValidationRefused(_("There is no such item."), field="item_id", value=data.item_id)
    heard = MaterialPrice(
        id=uuid7(),
        item_id=data.item_id,
        day=day,
        price=round_price(data.price),
        note=data.note.strip()[:200],
        by_name=actor.name,
        at=at,
    )
    _keep([heard], actor, at)
    return heard


def note_quotes(
    *, quoted: Sequence[tuple[UUID, UUID, Decimal]], reference: str, actor: Actor, at: datetime
) -> list[PriceAlert]:
    """Keep (item, supplier, net price) of an opened request, each once; the lowest of an item is what is heard."""
    rows = [
        MaterialPrice(
            id=uuid7(),
            item_id=item_id,
            supplier_id=supplier_id,
            day=clock.day_of(at),
            price=price,
            source=PriceSource.QUOTE,
            reference=reference,
            by_name=actor.name,
            at=at,
        )
        for item_id, supplier_id, price in quoted
        if price > 0
    ]
    return _keep(rows, actor, at)


def _keep(rows: Sequence[MaterialPrice], actor: Actor, at: datetime) -> list[PriceAlert]:
    with transaction.atomic():
        lowest: dict[UUID, MaterialPrice] = {}
        for row in rows:
            known = lowest.get(row.item_id)
            lowest[row.item_id] = row if known is None or row.price < known.price else known
        means = {item_id: mean for row in lowest.values() for item_id, mean in [(row.item_id, _mean_before(row))]}
        MaterialPrice.objects.bulk_create(rows, ignore_conflicts=True)
        raised = [alert for row in lowest.values() if (alert := _alert(row, means[row.item_id], actor, at)) is not None]
        events.publish_all(
            [MaterialPriceRose(alert.pk, item_id=alert.item_id, number=alert.item.code) for alert in raised],
            actor=actor,
        )
    return raised


def _mean_before(row: MaterialPrice) -> Decimal | None:
    """The mean of what was heard in the days before this price; nothing when nothing was heard."""
    since = row.day - timedelta(days=int(parameters.get("purchasing.price_alert_days")))
    earlier = MaterialPrice.objects.filter(item=row.item_id, day__gte=since, day__lte=row.day)
    mean = earlier.exclude(source=PriceSource.QUOTE, reference=row.reference or "-").aggregate(mean=Avg("price"))
    return mean["mean"]


def _alert(row: MaterialPrice, mean: Decimal | None, actor: Actor, at: datetime) -> PriceAlert | None:
    if not mean:
        return None
    change = (row.price / mean - 1) * HUNDRED
    if change < int(parameters.get("purchasing.price_alert_pct")):
        return None
    alert, _made = PriceAlert.objects.select_related("item").update_or_create(
        item_id=row.item_id,
        state=AlertState.OPEN,
        defaults={
            "price": row.price,
            "mean": round_price(mean),
            "change_pct": round(change, 4),
            "days": parameters.get("purchasing.price_alert_days"),
            "raised_at": at,
        },
    )
    changes = {"price": [f"{alert.mean:f}", f"{alert.price:f}"]}
    audit.record(alert, "raise", actor=actor, at=at, changes=changes)
    return alert


def settle_alert(*, alert_id: UUID, actor: Actor, at: datetime, note: str = "") -> PriceAlert:
    """Somebody decided what follows from it; raises AlertSettled the second time."""
    with transaction.atomic():
        alert = PriceAlert.objects.select_for_update(of=("self",)).select_related("item").filter(pk=alert_id).first()
        if alert is None:
            raise NotFoundRefused(_("There is no such alert."), value=alert_id)
        if alert.state == AlertState.SETTLED:
            raise AlertSettled(_("This alert is settled already."), field="state", value=alert.state)
        alert.state, alert.settled_at, alert.settled_by_name = AlertState.SETTLED, at, actor.name
        alert.note = note.strip()[:300]
        alert.save()
        complete_tasks(dedupe_key=f"price-alert:{alert.item_id}", actor=actor, at=at)
        audit.record(alert, "settle", actor=actor, at=at, reason=alert.note)
    return alert
