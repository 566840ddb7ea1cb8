"""Setting approvals up: the rules of the company, and who stands in for whom while he is away."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.access.models import Member, Role
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.workflow.approvals.engine import free_all, hand_over
from backend.workflow.approvals.rules import RULES, offered
from backend.workflow.events import SubstituteNamed
from backend.workflow.models import ApprovalDelegation, ApprovalRule

MANAGE = "workflow.setting.manage"
MOST_LEVELS = 9


@dataclass(frozen=True)
class RuleData:
    """A rule as keyed; exactly one of ``role_id`` and ``member_id``."""

    doc_type: str
    level: int
    amount_from: Decimal
    role_id: UUID | None = None
    member_id: UUID | None = None


def save_rule(*, data: RuleData, actor: Actor, at: datetime, rule_id: UUID | None = None) -> ApprovalRule:
    """Write a rule; documents that are in approval keep the levels they were handed in with."""
    actor.require(MANAGE)
    _check(data)
    with transaction.atomic():
        rule = _load(rule_id) if rule_id else ApprovalRule()
        twin = ApprovalRule.objects.filter(
            doc_type=data.doc_type, level=data.level, amount_from=data.amount_from
        ).exclude(pk=rule.pk)
        if twin.exists():
            raise ValidationRefused(
                _("There is a rule for this level and amount already."),
                field="amount_from",
                value=data.amount_from,
                way_out=_("Change that rule."),
            )
        before = _words(rule) if rule_id else {}
        for name in ("doc_type", "level", "amount_from", "role_id", "member_id"):
            setattr(rule, name, getattr(data, name))
        rule.updated_at, rule.updated_by_name = at, actor.name
        rule.save()
        changes = audit.changed_fields(before, _words(rule))
        audit.record(rule, "save" if rule_id else "create", actor=actor, at=at, changes=changes)
        RULES.changed()
    return rule


def delete_rule(*, rule_id: UUID, actor: Actor, at: datetime) -> str:
    """Ask no more for it. With the last rule of a kind what is under way is free to be approved as it was before."""
    actor.require(MANAGE)
    with transaction.atomic():
        rule = _load(rule_id)
        audit.record(rule, "delete", actor=actor, at=at, changes=audit.changed_fields({}, _words(rule)))
        doc_type = rule.doc_type
        rule.delete()
        RULES.changed()
        if not ApprovalRule.objects.filter(doc_type=doc_type).exists():
            free_all(doc_type, actor=actor, at=at)
    return doc_type


def _load(rule_id: UUID) -> ApprovalRule:
    found = ApprovalRule.objects.select_for_update().filter(pk=rule_id).first()
    if found is None:
        raise NotFoundRefused(_("There is no such rule."), value=rule_id)
    return found


def _check(data: RuleData) -> None:
    problems = []
    if data.doc_type not in offered():
        problems.append(ValidationRefused(_("There is no such kind of document."), field="doc_type"))
    if not 1 <= data.level <= MOST_LEVELS:
        problems.append(ValidationRefused(_("Levels go from 1 to 9."), field="level", value=data.level))
    if data.amount_from < 0:
        problems.append(ValidationRefused(_("An amount cannot be negative."), field="amount_from"))
    staff = {"kind": "staff"}
    role = Role.objects.filter(pk=data.role_id, **staff).exists() if data.role_id else False
    member = Member.objects.filter(pk=data.member_id, active=True, **staff).exists() if data.member_id else False
    if role == member or (data.role_id and data.member_id):
        problems.append(
            ValidationRefused(
                _("Choose either a role or a person."), field="role_id", way_out=_("One of both decides the level.")
            )
        )
    if problems:
        raise ValidationRefused.many(problems)


def _words(rule: ApprovalRule) -> dict[str, str]:
    names = ("doc_type", "level", "amount_from", "role_id", "member_id")
    return {name: str(getattr(rule, name) or "") for name in names}


# --- substitutes -------------------------------------------------------------------------------
@dataclass(frozen=True)
class DelegationData:
    """Who is away, from when until when, and who decides in the meantime."""

    person_id: UUID
    substitute_id: UUID
    date_from: date
    date_to: date
    reason: str = ""


def save_delegation(
    *, data: DelegationData, actor: Actor, at: datetime, delegation_id: UUID | None = None
) -> ApprovalDelegation:
    """Name a substitute, for oneself or, by those who manage settings, for a colleague; to-dos follow at once."""
    with transaction.atomic():
        if delegation_id:
            kept = _own_delegation(delegation_id, actor)
        else:
            kept = ApprovalDelegation(created_at=at, created_by_name=actor.name)
        if data.person_id != actor.member_id:
            actor.require(MANAGE)
        _check_delegation(data, clock.day_of(at), kept)
        before = _acting_words(kept) if delegation_id else {}
        for name in ("person_id", "substitute_id", "date_from", "date_to"):
            setattr(kept, name, getattr(data, name))
        kept.reason = data.reason.strip()[:200]
        kept.save()
        changes = audit.changed_fields(before, _acting_words(kept))
        verb = "save" if delegation_id else "create"
        audit.record(kept, verb, actor=actor, at=at, changes=changes, reason=kept.reason)
        events.publish(SubstituteNamed(kept.pk), actor=actor)
        hand_over(at=at)
    return kept


def _acting_words(kept: ApprovalDelegation) -> dict[str, str]:
    return {"substitute_id": str(kept.substitute_id), "dates": f"{kept.date_from} – {kept.date_to}"}


def _own_delegation(delegation_id: UUID, actor: Actor) -> ApprovalDelegation:
    """A substitution that the actor may change: his own, or any for those who manage settings."""
    found = ApprovalDelegation.objects.select_for_update().filter(pk=delegation_id).first()
    if found is None or (found.person_id != actor.member_id and not actor.may(MANAGE)):
        raise NotFoundRefused(_("There is no such substitution."), value=delegation_id)
    return found


def _check_delegation(data: DelegationData, today: date, kept: ApprovalDelegation) -> None:
    people = Member.objects.select_for_update().filter(
        pk__in=[data.person_id, data.substitute_id], kind="staff", active=True
    )
    problems = []
    if len(people.order_by("pk")) < 2:
        words = _("Choose two colleagues: who is away, and who stands in.")
        problems.append(ValidationRefused(words, field="substitute_id", value=data.substitute_id))
    if data.date_from > data.date_to or data.date_to < today:
        words = _("It ends before it begins.") if data.date_from > data.date_to else _("These days are over.")
        problems.append(ValidationRefused(words, field="date_to", value=data.date_to))
    overlap = ApprovalDelegation.objects.filter(
        person=data.person_id, date_from__lte=data.date_to, date_to__gte=data.date_from
    ).exclude(pk=kept.pk)
    if overlap.exists():
        problems.append(
            ValidationRefused(
                _("There is a substitute for some of these days already."),
                field="date_from",
                value=data.date_from,
                way_out=_("End that one first."),
            )
        )
    if problems:
        raise ValidationRefused.many(problems)


def end_delegation(*, delegation_id: UUID, actor: Actor, at: datetime) -> None:
    """The person is back: from now on the to-dos are his own again."""
    with transaction.atomic():
        found = _own_delegation(delegation_id, actor)
        audit.record(found, "delete", actor=actor, at=at)
        found.delete()
        hand_over(at=at)
