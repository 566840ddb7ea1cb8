"""Changing how documents are numbered. Numbers given before stay; the counter of a stretch goes on."""

from datetime import date, datetime
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.models import NumberingRule

DATES = ("", "%Y", "%Y%m", "%Y%m%d", "%y%m", "%y%m%d")
# what a number must say so that it does not come twice when the counter starts again
_NEEDS = {"day": ("%Y%m%d", "%y%m%d"), "month": ("%Y%m", "%y%m", "%Y%m%d", "%y%m%d"), "year": DATES[1:], "never": DATES}


class _Subject:
    """A rule as the subject of the audit trail: rules have words for keys, the trail has UUIDs."""

    DOC_TYPE = "kernel.numbering_rule"

    def __init__(self, doc_type: str) -> None:
        self.pk = uuid5(NAMESPACE_OID, f"numbering:{doc_type}")
        self.name = doc_type

    def __str__(self) -> str:
        return self.name


def sample(rule: NumberingRule, day: date) -> str:
    """What the first number of a day looks like."""
    parts = (rule.prefix, day.strftime(rule.date_format) if rule.date_format else "", "1".zfill(rule.digits))
    return rule.separator.join(part for part in parts if part)


def save_rule(
    *, doc_type: str, prefix: str, date_format: str, separator: str, digits: int, reset: str, actor: Actor, at: datetime
) -> NumberingRule:
    """Change the rule of a type; raises ValidationRefused when numbers could come twice."""
    actor.require("workflow.setting.manage")
    prefix, separator = prefix.strip(), separator.strip()
    with transaction.atomic():
        rule = NumberingRule.objects.select_for_update().filter(doc_type=doc_type).first()
        if rule is None:
            raise NotFoundRefused(_("There is no such rule."), value=doc_type)
        _check(doc_type, prefix, date_format, digits, reset)
        before = {name: str(getattr(rule, name)) for name in ("prefix", "date_format", "separator", "digits", "reset")}
        rule.prefix, rule.date_format, rule.separator = prefix, date_format, separator
        rule.digits, rule.reset = digits, reset
        rule.save()
        after = {name: str(getattr(rule, name)) for name in before}
        changes = audit.changed_fields(before, after)
        audit.entry(_Subject(doc_type), "change", actor=actor, at=at, changes=changes).save(force_insert=True)
    return rule


def _check(doc_type: str, prefix: str, date_format: str, digits: int, reset: str) -> None:
    problems: list[Refusal] = []
    if not prefix or len(prefix) > 12:
        problems.append(ValidationRefused(_("A prefix has 1 to 12 characters."), field="prefix", value=prefix))
    elif NumberingRule.objects.filter(prefix=prefix).exclude(doc_type=doc_type).exists():
        words = _("Another kind of document has the prefix %(prefix)s.") % {"prefix": prefix}
        problems.append(ValidationRefused(words, field="prefix", value=prefix))
    if not 3 <= digits <= 9:
        problems.append(ValidationRefused(_("3 to 9 digits."), field="digits", value=digits))
    if reset not in _NEEDS or date_format not in _NEEDS[reset]:
        words = _("When the counter starts again, the number needs that date: otherwise it would come twice.")
        problems.append(ValidationRefused(words, field="date_format", value=date_format))
    if problems:
        raise Refusal.many(problems)
