"""Source to order: suppliers are asked, buyers told when quotes can be read, those who lost are thanked."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from backend.access.selectors import members_of_party
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.language import reads_chinese
from backend.kernel.tenancy import current, time_zone
from backend.parties.models import Party
from backend.processes import addresses
from backend.processes.telling import mail_party
from backend.purchasing.events import RfqAwarded, RfqCancelled, RfqOpened, RfqPublished
from backend.purchasing.models import Rfq
from backend.workflow.services import complete_tasks, create_task, notify

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
            mail_party(party, kind, params, url, key=dedupe)


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
