"""The life of a request for quotation: written, published, opened after its deadline, cancelled.

Opening is checked by the database's own clock too: a wrong ``at`` unseals nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.currency import HOME
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Conflict, Refusal, ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.lifecycle import LifeCycle
from backend.kernel.numbering import next_number
from backend.parties.models import Party
from backend.parties.services.suppliers import require_orderable
from backend.purchasing.events import RfqCancelled, RfqOpened, RfqPublished
from backend.purchasing.models import Rfq, RfqInvitation, RfqLine, RfqState
from backend.purchasing.services.inputs import RfqData, RfqLineInput
from backend.purchasing.services.lines import fits_unit, items_of, wrong_quantity
from backend.purchasing.services.requisition_counts import recount
from backend.purchasing.services.saving import warehouse_of

STATE = LifeCycle(
    {
        "publish": ({"draft"}, "published"),
        "open": ({"published"}, "closed"),
        "award": ({"closed"}, "awarded"),
        "unaward": ({"awarded"}, "closed"),
        "cancel": ({"draft", "published", "closed"}, "cancelled"),
    },
    axis="state",
)
LINE_FIELDS = ("line_no", "item", "description", "qty", "need_date", "requisition_line_id")


class CannotEditRfq(Conflict):
    code = "cannot_edit_rfq"


class CannotPublishRfq(Conflict):
    code = "cannot_publish_rfq"


class CannotOpenRfq(Conflict):
    code = "rfq_sealed"


def save_rfq(
    *, data: RfqData, actor: Actor, at: datetime, rfq_id: UUID | None = None, version: int | None = None
) -> Rfq:
    """Write a draft, new or existing; raises CannotEditRfq once it is published, ValidationRefused naming every line."""
    with transaction.atomic():
        rfq = _open_draft(rfq_id, version, actor, at)
        old = {line.pk: line for line in rfq.lines.all()} if rfq_id else {}
        suppliers = _suppliers_of(data.supplier_ids)
        lines = _lines_of(rfq, data.lines, old)
        rfq.title = data.title.strip()[:120] or lines[0].item.name[:120]
        rfq.deadline, rfq.remark = data.deadline, data.remark
        rfq.warehouse = warehouse_of(data.warehouse_id)
        if not rfq_id:
            rfq.number = next_number(Rfq.DOC_TYPE, rfq.doc_date)
        rfq.save(force_insert=not rfq_id)
        _store(rfq, lines, old, suppliers, known=bool(rfq_id))
        recount((line.requisition_line_id for line in old.values()), actor=actor, at=at)
        audit.record(rfq, "save" if rfq_id else "create", actor=actor, at=at)
    return rfq


def _open_draft(rfq_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> Rfq:
    if rfq_id is None:
        rfq = Rfq(doc_date=clock.day_of(at), buyer_id=actor.member_id, buyer_name=actor.name[:60])
        rfq.stamp_created(actor, at)
        return rfq
    rfq = load_locked(Rfq, rfq_id)
    if rfq.state != RfqState.DRAFT:
        raise CannotEditRfq(
            _("%(rfq)s is published: what suppliers were asked stands.") % {"rfq": rfq},
            document=rfq.number,
            field="state",
            value=rfq.state,
            way_out=_("Move the deadline, or cancel it and write a new one."),
        )
    claim_version(rfq, version, at)
    return rfq


def _suppliers_of(ids: Iterable[UUID]) -> list[Party]:
    wanted = set(ids)
    found = list(
        Party.objects.select_related("supplier").filter(pk__in=wanted, is_supplier=True, supplier__isnull=False)
    )
    if len(found) != len(wanted):
        raise ValidationRefused(_("There is no such supplier."), field="suppliers", way_out=_("Choose from the list."))
    return sorted(found, key=lambda party: party.pk)


def _lines_of(rfq: Rfq, inputs: Sequence[RfqLineInput], old: dict[UUID, RfqLine]) -> list[RfqLine]:
    if not inputs:
        raise ValidationRefused(_("A request needs at least one line."), field="lines", way_out=_("Add what you need."))
    items, problems, lines = items_of(line.item_id for line in inputs), [], []
    for no, line in enumerate(inputs, 1):
        item = items.get(line.item_id)
        if item is None or not (item.active and item.purchasable):
            problems.append(
                ValidationRefused(_("This item is not bought."), line=no, field="item_id", value=line.item_id)
            )
            continue
        if line.qty <= 0 or not fits_unit(line.qty, item):
            problems.append(wrong_quantity(no, line.qty, item))
        known = line.id if line.id in old else None
        same = old[known] if known and old[known].item_id == item.pk else None
        lines.append(
            RfqLine(
                id=known or uuid7(),
                document=rfq,
                line_no=no,
                item=item,
                description=line.description[:300],
                qty=line.qty,
                need_date=line.need_date,
                requisition_line_id=same.requisition_line_id if same else None,
            )
        )
    if problems:
        raise Refusal.many(problems)
    return lines


def _store(
    rfq: Rfq, lines: Sequence[RfqLine], old: dict[UUID, RfqLine], suppliers: Sequence[Party], *, known: bool
) -> None:
    if known:
        kept = [line for line in lines if line.pk in old]
        rfq.lines.exclude(pk__in=[line.pk for line in kept]).delete()
        update_rows(kept, LINE_FIELDS)
        rfq.invitations.exclude(supplier__in=suppliers).delete()
    RfqLine.objects.bulk_create([line for line in lines if line.pk not in old])
    RfqInvitation.objects.bulk_create(
        [RfqInvitation(rfq=rfq, supplier=supplier) for supplier in suppliers], ignore_conflicts=True
    )


def publish_rfq(*, rfq_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Rfq:
    """Ask the suppliers; raises CannotOrderFrom for those that may not be asked, CannotPublishRfq, IllegalTransition."""
    with transaction.atomic():
        rfq = load_locked(Rfq, rfq_id, seen=version)
        before = STATE.advance(rfq, "publish")
        suppliers = list(Party.objects.select_related("supplier").filter(rfq_invitations__rfq=rfq).order_by("pk"))
        if not suppliers:
            raise CannotPublishRfq(
                _("%(rfq)s asks nobody.") % {"rfq": rfq}, document=rfq.number, field="suppliers",
                way_out=_("Choose the suppliers to ask."),
            )  # fmt: skip
        _require_future(rfq, rfq.deadline, at)
        require_orderable(suppliers, purpose="quote", document=rfq.number)
        rfq.published_at, rfq.approval = at, Approval.APPROVED
        claim_version(rfq, None, at)
        rfq.save()
        _log(rfq, "publish", before, actor, at)
        events.publish(_told(RfqPublished, rfq, suppliers), actor=actor)
    return rfq


def _told(event: type, rfq: Rfq, suppliers: Iterable[Party], **more: object) -> RfqPublished:
    told: RfqPublished = event(rfq.pk, rfq.number, tuple(party.pk for party in suppliers), **more)
    return told


def _require_future(rfq: Rfq, deadline: datetime, at: datetime) -> None:
    if deadline <= at:
        raise CannotPublishRfq(
            _("The deadline has passed already."),
            document=rfq.number,
            field="deadline",
            value=deadline,
            way_out=_("Give suppliers time to answer."),
        )


def extend_deadline(*, rfq_id: UUID, deadline: datetime, actor: Actor, at: datetime) -> Rfq:
    """Give everybody more time; a published deadline never comes nearer."""
    with transaction.atomic():
        rfq = load_locked(Rfq, rfq_id)
        if rfq.state != RfqState.PUBLISHED or deadline <= rfq.deadline:
            raise CannotEditRfq(
                _("The deadline of %(rfq)s only moves away, and only before it is opened.") % {"rfq": rfq},
                document=rfq.number,
                field="deadline",
                value=deadline,
            )
        _require_future(rfq, deadline, at)
        changes = {"deadline": [rfq.deadline.isoformat(), deadline.isoformat()]}
        rfq.deadline = deadline
        claim_version(rfq, None, at)
        rfq.save()
        audit.record(rfq, "extend", actor=actor, at=at, changes=changes)
        asked = Party.objects.filter(rfq_invitations__rfq=rfq).order_by("pk")
        events.publish(_told(RfqPublished, rfq, asked, extended=True), actor=actor)
    return rfq


def open_rfq(*, rfq_id: UUID, actor: Actor, at: datetime) -> Rfq:
    """Open the quotes once the deadline has passed, by ``at`` and by the clock of the database; else CannotOpenRfq."""
    with transaction.atomic():
        rfq = load_locked(Rfq, rfq_id)
        before = STATE.advance(rfq, "open")
        if min(at, clock.now()) < rfq.deadline:
            raise CannotOpenRfq(
                _("The quotes of %(rfq)s are sealed until its deadline.") % {"rfq": rfq},
                document=rfq.number,
                field="deadline",
                value=rfq.deadline,
                way_out=_("Nobody reads a price before, so that every supplier has the same chance."),
            )
        rfq.opened_at = at
        claim_version(rfq, None, at)
        rfq.save()
        _log(rfq, "open", before, actor, at)
        events.publish(RfqOpened(rfq.pk, rfq.number), actor=actor)
    return rfq


def open_due_rfqs(*, at: datetime) -> int:
    """Open every request whose deadline has passed; returns how many."""
    due = Rfq.objects.filter(state=RfqState.PUBLISHED, deadline__lte=at).order_by("pk").values_list("pk", flat=True)
    for rfq_id in list(due):
        open_rfq(rfq_id=rfq_id, actor=Actor.system(), at=at)
    return len(due)


def cancel_rfq(*, rfq_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Rfq:
    """Buy nothing by this request. Quotes that were sealed stay sealed."""
    with transaction.atomic():
        rfq = load_locked(Rfq, rfq_id)
        before = STATE.advance(rfq, "cancel")
        rfq.approval = Approval.VOIDED
        claim_version(rfq, None, at)
        rfq.save()
        _log(rfq, "cancel", before, actor, at, reason)
        asked = Party.objects.filter(rfq_invitations__rfq=rfq) if rfq.published_at else ()
        events.publish(RfqCancelled(rfq.pk, rfq.number, tuple(party.pk for party in asked)), actor=actor)
    return rfq


def set_terms(*, rfq_id: UUID, terms: dict[UUID, tuple[object, object]], actor: Actor, at: datetime) -> None:
    """Exchange rate and duty per supplier, for comparing: the buyer's own knowledge, not the supplier's offer."""
    with transaction.atomic():
        rfq = load_locked(Rfq, rfq_id)
        if rfq.state in {RfqState.AWARDED, RfqState.CANCELLED}:
            raise CannotEditRfq(_("%(rfq)s is decided.") % {"rfq": rfq}, document=rfq.number, field="state")
        rows = list(rfq.invitations.filter(supplier__in=terms).select_related("supplier"))
        changes = {}
        for row in rows:
            rate, duty = terms[row.supplier_id]
            if not row.is_abroad and (rate, duty) != (1, 0):
                raise ValidationRefused(
                    _("%(supplier)s quotes in %(home)s: neither a rate nor duty applies.")
                    % {"supplier": row.supplier, "home": HOME},
                    document=rfq.number,
                    field="duty_pct" if duty else "exchange_rate",
                    value=duty or rate,
                    way_out=_("Change the supplier's currency first, if goods come from abroad."),
                )
            if not (rate and rate > 0 and duty is not None and 0 <= duty <= 1000):  # type: ignore[operator]
                raise ValidationRefused(_("A rate is above zero, duty between 0 and 1000 %."), field="rate")
            changes[str(row.supplier_id)] = [f"{row.exchange_rate} {row.duty_pct}", f"{rate} {duty}"]
            row.exchange_rate, row.duty_pct = rate, duty  # type: ignore[assignment]
        update_rows(rows, ("exchange_rate", "duty_pct"))
        audit.record(rfq, "change", actor=actor, at=at, changes=changes)


def _log(rfq: Rfq, verb: str, before: str, actor: Actor, at: datetime, reason: str = "") -> None:
    audit.record(rfq, verb, actor=actor, at=at, axis="state", before=before, after=rfq.state, reason=reason)
