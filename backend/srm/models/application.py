"""Firms that want to become suppliers. Nothing is made of an application before somebody takes it up."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.ids import uuid7


class ApplicationState(models.TextChoices):
    NEW = "new", _("New")
    ACCEPTED = "accepted", _("Taken up")
    DECLINED = "declined", _("Declined")


class SupplierApplication(models.Model):
    """Typed by a stranger: it is shown, never trusted. ``party`` is the supplier that was made of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company_name = models.CharField(max_length=120)
    tax_id = models.CharField(max_length=30, blank=True, default="")
    contact_name = models.CharField(max_length=60)
    email = models.EmailField()
    phone = models.CharField(max_length=30, blank=True, default="")
    main_products = models.CharField(max_length=300, blank=True, default="")
    message = models.CharField(max_length=1000, blank=True, default="")
    language = models.CharField(max_length=10, default="zh-hans")
    state = models.CharField(max_length=8, choices=ApplicationState, default=ApplicationState.NEW)
    reason = models.CharField(max_length=300, blank=True, default="")
    party = models.ForeignKey("parties.Party", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        db_table = "srm_application"
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=models.Q(state="new"), name="srm_one_open_application")
        ]

    def __str__(self) -> str:
        return self.company_name

    def state_label(self, axis: str) -> str:
        return str(self.get_state_display())
