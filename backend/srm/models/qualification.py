"""Qualification documents (资质): which ones suppliers need, and those that came."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.ids import uuid7

# Types every company begins with; their names follow the reader's language until somebody renames them.
BUILTIN_NAMES = {
    "business_licence": _("Business licence"),
    "food_licence": _("Food business licence"),
    "production_licence": _("Production licence"),
    "iso9001": _("ISO 9001 certificate"),
}


class DocumentType(models.Model):
    """``mandatory`` without ``categories``: every supplier needs it; with: those that supply one of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    own_name = models.CharField(max_length=60, blank=True, default="")
    mandatory = models.BooleanField(default=False)
    expires = models.BooleanField(default=True)
    number_check = models.CharField(
        max_length=8,
        blank=True,
        default="",
        choices=[("", _("not checked")), ("uscc", _("unified social credit code"))],
    )
    categories = models.ManyToManyField("catalog.ItemCategory", blank=True, db_table="srm_document_type_category")
    active = models.BooleanField(default=True)
    sort = models.PositiveSmallIntegerField(default=100)

    class Meta:
        db_table = "srm_document_type"
        ordering = ["sort", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.own_name or str(BUILTIN_NAMES.get(self.code, self.code))


class DocumentState(models.TextChoices):
    WAITING = "waiting", _("To check")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    REPLACED = "replaced", _("Replaced")


class QualificationDocument(models.Model):
    """One certificate of a supplier. No expiry date: good without end. ``reminded`` is the last stage (days) told."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey("parties.Party", models.CASCADE, related_name="qualifications")
    type = models.ForeignKey(DocumentType, models.PROTECT, related_name="documents")
    number = models.CharField(max_length=60)
    issued_by = models.CharField(max_length=120, blank=True, default="")
    valid_from = models.DateField(null=True)
    expiry_date = models.DateField(null=True)
    attachment_id = models.UUIDField(null=True)
    state = models.CharField(max_length=8, choices=DocumentState, default=DocumentState.WAITING)
    review_reason = models.CharField(max_length=300, blank=True, default="")
    reminded = models.SmallIntegerField(null=True)
    submitted_at = models.DateTimeField()
    submitted_by_name = models.CharField(max_length=120)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by_name = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        db_table = "srm_qualification"
        constraints = [
            models.UniqueConstraint(
                fields=["party", "type"],
                condition=models.Q(state="accepted"),
                name="srm_one_document_in_force",
            )
        ]
        indexes = [models.Index(fields=["expiry_date"], condition=models.Q(state="accepted"), name="srm_expiring")]

    def __str__(self) -> str:
        return f"{self.type} {self.number}"

    def state_label(self, axis: str) -> str:
        return str(self.get_state_display())
