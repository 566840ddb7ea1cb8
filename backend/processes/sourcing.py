"""Source to order: suppliers are asked, buyers told when quotes can be read, those who lost are thanked."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from backend.access.selectors import members_of_party
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.language import reads_chinese
from backend.kernel.tenancy import current, time_zone
from backend.parties.models import Party
from backend.processes import addresses
from backend.processes.telling import mail_party
from backend.purchasing.events import MaterialPriceRose, RfqAwarded, RfqCancelled, RfqOpened, RfqPublished
from backend.purchasing.models import PriceAlert, Rfq
from backend.purchasing.selectors.rfqs import compare, rfq_for
from backend.purchasing.services.material_prices import note_quotes
from backend.workflow.services import TaskInput, complete_tasks, create_task, create_tasks, notify

RFQ = Rfq.DOC_TYPE


def _moment(value: Any) -> str:
    local = value.astimezone(time_zone())
    return f"{local:%Y-%m-%d %H:%M}" if reads_chinese() else date_format(local, "j M Y, H:i")


def _tell(rfq: Rfq, suppliers: Iterable[UUID | str], kind: str, key: str, actor: Actor) -> None:
    """Users of the supplier in their portal and by mail; a supplier without users by a plain mail."""
    params = {
        "number": rfq.number,
        "title": rfq.title,
        "company": getattr(current(), "name", ""),
        "lines": rfq.lines.count(),
        "deadline": _moment(rfq.deadline),
    }
    url = addresses.supplier(RFQ, rfq.number)
    for party in Party.objects.filter(pk__in=list(suppliers)).order_by("pk"):
        dedupe = f"{key}:{rfq.pk.hex}:{party.pk.hex}"
        told = notify(
            kind=kind,
            params=params,
            url=url,
            dedupe_key=dedupe,
            party_id=party.pk,
            permission="supplier.rfq.view",
            actor=actor,
            at=timezone.now(),
        )
        if not told and not members_of_party(party.pk):
            mail_party(party, kind, params, url, key=dedupe, role="sales")


def _rfq(event: Any) -> Rfq | None:
    return Rfq.objects.filter(pk=event.aggregate_id).first()


@subscribe(RfqPublished, when="after_commit")
def ask_suppliers(event: RfqPublished, actor: Actor) -> None:
    rfq = _rfq(event)
    if rfq and rfq.state == "published":
        kind = "supplier.rfq_extended" if event.extended else "supplier.rfq_published"
        _tell(rfq, event.supplier_ids, kind, f"rfq{rfq.version if event.extended else ''}", actor)


@subscribe(RfqOpened, when="after_commit")
def tell_buyer_of_quotes(event: RfqOpened, actor: Actor) -> None:
    """SRM-05, SRM-07: the deadline has passed, somebody compares."""
    rfq = _rfq(event)
    if rfq is None or rfq.state != "closed":
        return
    asked = list(rfq.invitations.values_list("revision", flat=True))
    create_task(
        kind="purchasing.rfq_to_award",
        params={
            "number": rfq.number,
            "title": rfq.title,
            "quotes": sum(1 for revision in asked if revision),
            "asked": len(asked),
        },
        dedupe_key=f"award:{rfq.pk}",
        assignee_id=rfq.buyer_id,
        permission="purchasing.rfq.award",
        subject=rfq,
        at=timezone.now(),
    )


@subscribe(RfqOpened, when="after_commit")
def hear_of_prices(event: RfqOpened, actor: Actor) -> None:
    """SRM-09: what was quoted is kept by item; a jump becomes an alert."""
    rfq = _rfq(event)
    if rfq is None or rfq.opened_at is None:
        return
    compared = compare(rfq_for(Actor.system(), rfq.number), today=clock.today())
    quoted = [
        (line.item_id, one.offer.supplier_id, one.offer.net)
        for line in compared.lines.values()
        for one in compared.by_line[line.pk]
    ]
    note_quotes(quoted=quoted, reference=rfq.number, actor=actor, at=timezone.now())


@subscribe(MaterialPriceRose, when="after_commit")
def ask_for_new_prices(event: MaterialPriceRose, actor: Actor) -> None:
    """SRM-09: whoever keeps the price lists hears of it at once, with what it touches a click away."""
    alert = PriceAlert.objects.select_related("item").filter(pk=event.aggregate_id, state="open").first()
    if alert is None:
        return
    params = {
        "item": alert.item.name,
        "percent": f"{alert.change_pct:.1f}",
        "price": f"{alert.price:,.2f}",
        "mean": f"{alert.mean:,.2f}",
        "days": alert.days,
    }
    kind, right, at = "purchasing.price_alert", "catalog.price_list.edit", timezone.now()
    task = TaskInput(
        kind=kind,
        dedupe_key=f"price-alert:{alert.item_id}",
        params=params,
        permission=right,
        subject_type=PriceAlert.DOC_TYPE,
        subject_id=alert.pk,
        subject_number=str(alert.pk),
    )
    create_tasks([task], at=at)
    url = addresses.PRICE_ALERT.format(pk=alert.pk)
    key = f"price-alert:{alert.pk}:{alert.price:f}"
    notify(kind=kind, params=params, permission=right, url=url, dedupe_key=key, actor=actor, at=at)


@subscribe(RfqAwarded, when="after_commit")
def thank_those_who_lost(event: RfqAwarded, actor: Actor) -> None:
    """SRM-08: a polite notice; who won hears of it by the order."""
    rfq = _rfq(event)
    if rfq is None or rfq.state != "awarded":
        return
    complete_tasks(dedupe_key=f"award:{rfq.pk}", actor=actor, at=timezone.now())
    _tell(rfq, event.supplier_ids, "supplier.rfq_lost", f"rfq-lost{rfq.version}", actor)


@subscribe(RfqCancelled, when="after_commit")
def tell_of_cancelling(event: RfqCancelled, actor: Actor) -> None:
    rfq = _rfq(event)
    if rfq is None:
        return
    complete_tasks(dedupe_key=f"award:{rfq.pk}", actor=actor, at=timezone.now())
    _tell(rfq, event.supplier_ids, "supplier.rfq_cancelled", "rfq-cancelled", actor)
