"""Proof of delivery: who has the goods since when, signed by the customer or noted by staff."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import ValidationRefused
from backend.logistics.services import mark_delivered
from backend.sales.events import DeliverySigned
from backend.sales.models import SalesDelivery
from backend.sales.services.checks import CannotDeliver, require_own


def sign_delivery(
    *, delivery_id: UUID, signed_by: str, actor: Actor, at: datetime, note: str = "", signed_at: datetime | None = None
) -> SalesDelivery:
    """Note that the customer has the goods. Raises CannotDeliver before they left or when signed already."""
    with transaction.atomic():
        delivery = load_locked(SalesDelivery, delivery_id)
        require_own(actor, delivery, delivery.customer_id)
        _check(delivery, signed_by, signed_at or at, at)
        delivery.signed_at = signed_at or at
        delivery.signed_by = signed_by.strip()[:60]
        delivery.version += 1
        delivery.updated_at = at
        delivery.save(update_fields=["signed_at", "signed_by", "version", "updated_at"])
        mark_delivered(
            source_id=delivery.pk, signed_by=delivery.signed_by, note=note, actor=actor, at=delivery.signed_at
        )
        audit.record(delivery, "sign", actor=actor, at=at, reason=note, changes={"signed_by": ["", delivery.signed_by]})
        signed = DeliverySigned(delivery.pk, delivery.number, delivery.customer_id, delivery.signed_by)
        events.publish(signed, actor=actor)
    return delivery


def _check(delivery: SalesDelivery, signed_by: str, signed_at: datetime, at: datetime) -> None:
    if not signed_by.strip():
        raise ValidationRefused(
            _("Who received the goods?"), document=delivery.number, field="signed_by", way_out=_("Type a name.")
        )
    if signed_at > at:
        raise ValidationRefused(
            _("Goods cannot be received in the future."), document=delivery.number, field="signed_at", value=signed_at
        )
    if not delivery.is_approved:
        raise CannotDeliver(
            _("%(delivery)s has not left yet.") % {"delivery": delivery},
            document=delivery.number,
            field="approval",
            value=delivery.approval,
            way_out=_("Ship it first."),
        )
    if delivery.signed_at:
        raise CannotDeliver(
            _("%(delivery)s was received by %(name)s already.") % {"delivery": delivery, "name": delivery.signed_by},
            code="already_signed",
            document=delivery.number,
            field="signed_by",
            value=delivery.signed_by,
        )
