"""Who approves what from which amount on, who stands in for whom, and the journal of what was decided.

Invariants: of a level the rule with the highest amount that a document reaches applies; a document has one open approval at
most; its levels are those of the day it was handed in; what was decided is never changed (the database refuses it).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class ApprovalRule(models.Model):
    """From this amount on this level of a kind of document is decided by whoever holds a role, or by one person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    doc_type = models.CharField(max_length=40, db_collation="C")
    level = models.PositiveSmallIntegerField()
    amount_from = fields.money()
    role = models.ForeignKey("access.Role", models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey("access.Member", models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()
    updated_by_name = models.CharField(max_length=120, default="")

    class Meta:
        db_table = "workflow_approval_rule"
        constraints = [
            models.UniqueConstraint(fields=["doc_type", "level", "amount_from"], name="approval_rule_once"),
            models.CheckConstraint(
                condition=models.Q(role=None, member__isnull=False) | models.Q(role__isnull=False, member=None),
                name="approval_rule_names_one",
            ),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=9, amount_from__gte=0), name="approval_rule_bounds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.doc_type} {self.level}"


class ApprovalDelegation(models.Model):
    """While it runs the person counts as absent: what waits for the person waits for the substitute."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("access.Member", models.CASCADE, related_name="+")
    substitute = models.ForeignKey("access.Member", models.CASCADE, related_name="+")
    date_from = models.DateField()
    date_to = models.DateField()
    reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=120, default="")

    class Meta:
        db_table = "workflow_approval_delegation"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(date_from__lte=models.F("date_to")) & ~models.Q(person=models.F("substitute")),
                name="approval_delegation_makes_sense",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.substitute}"


class ApprovalState(models.TextChoices):
    OPEN = "open", _("Under way")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Approval(models.Model):
    """One round of approving a document. ``authors`` wrote it: they do not decide about it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_number = models.CharField(max_length=40)
    amount = fields.money()
    authors = ArrayField(models.UUIDField(), default=list)
    state = models.CharField(max_length=10, choices=ApprovalState, default=ApprovalState.OPEN)
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "workflow_approval"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id"], condition=models.Q(state="open"), name="approval_open_once_per_document"
            )
        ]
        indexes = [models.Index(fields=["subject_id", "-id"], name="approval_subject")]

    def __str__(self) -> str:
        return self.subject_number


class StepState(models.TextChoices):
    WAITING = "waiting", _("Later")
    OPEN = "open", _("To decide")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    DROPPED = "dropped", _("Not needed any more")


class ApprovalStep(models.Model):
    """One level. ``for_name`` is the absent person in whose place it was decided; ``approver`` names who was to decide."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    approval = models.ForeignKey(Approval, models.CASCADE, related_name="steps", db_index=False)
    level = models.PositiveSmallIntegerField()
    role = models.ForeignKey("access.Role", models.SET_NULL, null=True, related_name="+")
    member = models.ForeignKey("access.Member", models.SET_NULL, null=True, related_name="+")
    approver = models.CharField(max_length=120, default="")
    state = models.CharField(max_length=10, choices=StepState, default=StepState.WAITING)
    opened_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.UUIDField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True, default="")
    for_name = models.CharField(max_length=120, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "workflow_approval_step"
        constraints = [
            models.UniqueConstraint(fields=["approval", "level"], name="approval_step_once"),
            models.UniqueConstraint(
                fields=["approval"], condition=models.Q(state="open"), name="approval_one_level_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="approval_step_open", condition=models.Q(state="open"))]
