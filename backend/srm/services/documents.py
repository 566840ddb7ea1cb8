"""Qualification documents: sent in, accepted, rejected, replaced."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from stdnum.cn import uscc

from backend.catalog.models import ItemCategory
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.files import attach_file
from backend.kernel.language import in_books
from backend.parties.models import Party
from backend.srm.events import QualificationReviewed
from backend.srm.models import DocumentState, DocumentType, QualificationDocument
from backend.srm.selectors.qualification import supplier_for
from backend.srm.services.inputs import DocumentTypeData, QualificationData
from backend.srm.services.life import refresh_obstacles
from backend.srm.services.messages import ask_staff, tell_supplier, todo
from backend.srm.states import DOCUMENT
from backend.workflow.services import complete_tasks

REVIEW = "srm.qualification.review"


def submit_document(
    *, party_id: UUID, data: QualificationData, actor: Actor, at: datetime, upload: Any = None
) -> QualificationDocument:
    """Hand a document in, by the supplier or for it; one that waited already gives way to this one."""
    party = supplier_for(actor, party_id)
    with transaction.atomic():
        kind = DocumentType.objects.filter(pk=data.type_id, active=True).first()
        _check(party, kind, data, upload, at)
        assert kind is not None
        made = QualificationDocument(
            party=party,
            type=kind,
            number=data.number.strip(),
            issued_by=data.issued_by.strip(),
            valid_from=data.valid_from,
            expiry_date=data.expiry_date,
            submitted_at=at,
            submitted_by_name=actor.name,
        )
        waiting = QualificationDocument.objects.filter(party=party, type=kind, state=DocumentState.WAITING)
        waiting.update(state=DocumentState.REPLACED)
        made.save(force_insert=True)
        if upload is not None:
            kept = attach_file(
                subject=made, upload=upload, actor=actor, at=at, visibility="supplier", party_id=party.pk
            )
            QualificationDocument.objects.filter(pk=made.pk).update(attachment_id=kept.pk)
            made.attachment_id = kept.pk
        audit.record(party, "hand_in", actor=actor, at=at, changes={"document": ["", in_books(made.__str__)]})
        refresh_obstacles(party_id=party.pk, actor=actor, at=at)
        words = {"supplier": party.label, "document": in_books(made.__str__)}
        key = f"qualification:{party.pk}:{kind.pk}"
        ask_staff(
            todo("srm.document_to_review", words, key=key, page="srm.qualification", pk=party.pk, permission=REVIEW), at
        )
    return made


def _check(party: Party, kind: DocumentType | None, data: QualificationData, upload: Any, at: datetime) -> None:
    if kind is None:
        raise ValidationRefused(_("Choose the kind of document."), field="type_id", value=data.type_id)
    problems: list[Refusal] = []
    if not data.number.strip():
        problems.append(ValidationRefused(_("The number on the document is needed."), field="number"))
    elif kind.number_check == "uscc" and party.language.startswith("zh"):
        problems += _wrong_credit_code(party, data.number.strip().upper())
    if kind.expires and data.expiry_date is None and not data.no_expiry:
        problems.append(
            ValidationRefused(
                _("Until when is it good?"),
                field="expiry_date",
                way_out=_("Type the day, or tick that it is good without end."),
            )
        )
    if data.expiry_date and data.expiry_date < clock.day_of(at):
        problems.append(
            ValidationRefused(
                _("This document has expired already."),
                field="expiry_date",
                value=data.expiry_date,
                way_out=_("Hand in the one that is in force."),
            )
        )
    if upload is None:
        problems.append(ValidationRefused(_("Add a scan or a photo of the document."), field="file"))
    if problems:
        raise Refusal.many(problems)


def _wrong_credit_code(party: Party, number: str) -> list[Refusal]:
    if not uscc.is_valid(number):
        return [
            ValidationRefused(
                _("%(value)s is not a valid unified social credit code.") % {"value": number},
                code="tax_id_wrong",
                field="number",
                value=number,
                way_out=_("It has 18 characters and the last one checks the others: compare it with the licence."),
            )
        ]
    if party.tax_id and party.tax_id != number:
        return [
            ValidationRefused(
                _("The licence says %(value)s, the supplier's tax id is %(known)s.")
                % {"value": number, "known": party.tax_id},
                code="tax_id_differs",
                field="number",
                value=number,
                way_out=_("Hand in the licence of this firm, or have the tax id corrected."),
            )
        ]
    return []


def accept_document(*, document_id: UUID, actor: Actor, at: datetime) -> QualificationDocument:
    """The document is good: it takes the place of the one in force and may free a supplier that was suspended."""
    with transaction.atomic():
        row = _locked(document_id)
        before = DOCUMENT.advance(row, "accept")
        in_force = QualificationDocument.objects.filter(party=row.party_id, type=row.type_id, state="accepted")
        in_force.update(state=DocumentState.REPLACED)
        _decide(row, before, actor, at, "")
    return row


def reject_document(*, document_id: UUID, reason: str, actor: Actor, at: datetime) -> QualificationDocument:
    """The document is not good; the supplier reads why."""
    if not reason.strip():
        raise ValidationRefused(_("Say what is wrong, so that the supplier can mend it."), field="reason")
    with transaction.atomic():
        row = _locked(document_id)
        before = DOCUMENT.advance(row, "reject")
        _decide(row, before, actor, at, reason.strip()[:300])
        tell_supplier(
            row.party,
            "supplier.document_rejected",
            {"document": in_books(row.__str__), "reason": row.review_reason},
            key=f"rejected:{row.pk}",
            actor=actor,
            at=at,
        )
    return row


def _locked(document_id: UUID) -> QualificationDocument:
    found = QualificationDocument.objects.select_for_update(of=("self",)).select_related("type", "party")
    row = found.filter(pk=document_id).first()
    if row is None:
        raise NotFoundRefused(_("There is no such document."), value=document_id)
    return row


def _decide(row: QualificationDocument, before: str, actor: Actor, at: datetime, reason: str) -> None:
    row.review_reason, row.reviewed_at, row.reviewed_by_name = reason, at, actor.name
    row.save(update_fields=["state", "review_reason", "reviewed_at", "reviewed_by_name"])
    audit.record(
        row.party,
        f"document_{row.state}",
        actor=actor,
        at=at,
        axis="document",
        before=before,
        after=row.state,
        reason=reason,
        changes={"document": ["", in_books(row.__str__)]},
    )
    complete_tasks(actor=actor, at=at, dedupe_key=f"qualification:{row.party_id}:{row.type_id}")
    refresh_obstacles(party_id=row.party_id, actor=actor, at=at)
    accepted = row.state == DocumentState.ACCEPTED
    events.publish(QualificationReviewed(row.pk, str(row.party_id), accepted, reason), actor=actor)


def save_document_type(
    *, data: DocumentTypeData, actor: Actor, at: datetime, type_id: UUID | None = None
) -> DocumentType:
    """Say which document suppliers need. A type that is in use is switched off, not deleted."""
    if not data.name.strip():
        raise ValidationRefused(_("A name is needed."), field="name")
    with transaction.atomic():
        row = DocumentType.objects.select_for_update().filter(pk=type_id).first() if type_id else DocumentType()
        if row is None:
            raise NotFoundRefused(_("There is no such document type."), value=type_id)
        if not type_id:
            row.code = f"own-{row.pk}"
        before = {name: getattr(row, name) for name in ("name", "mandatory", "expires", "active")} if type_id else {}
        if data.name.strip() != (row.name if type_id else ""):
            row.own_name = data.name.strip()[:60]
        row.mandatory, row.expires, row.active = data.mandatory, data.expires, data.active
        row.number_check = data.number_check
        row.save()
        row.categories.set(ItemCategory.objects.filter(pk__in=data.category_ids))
        after = {name: getattr(row, name) for name in ("name", "mandatory", "expires", "active")}
        changes = audit.changed_fields(before, after)
        audit.record(row, "change" if type_id else "create", actor=actor, at=at, changes=changes)
    return row
