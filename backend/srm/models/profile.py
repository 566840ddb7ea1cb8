"""What a supplier says about itself, beyond what every partner has."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SupplierProfile(models.Model):
    """``categories`` are the kinds of items it supplies: they decide which documents it needs."""

    party = models.OneToOneField("parties.Party", models.CASCADE, primary_key=True, related_name="srm_profile")
    origin = models.CharField(
        max_length=8,
        choices=[("manual", _("Entered by us")), ("invited", _("Invited")), ("applied", _("Applied by itself"))],
        default="manual",
    )
    legal_representative = models.CharField(max_length=60, blank=True, default="")
    registered_address = models.CharField(max_length=200, blank=True, default="")
    website = models.CharField(max_length=120, blank=True, default="")
    main_products = models.CharField(max_length=300, blank=True, default="")
    categories = models.ManyToManyField("catalog.ItemCategory", blank=True, db_table="srm_profile_category")
    submitted_at = models.DateTimeField(null=True)
    submitted_by_name = models.CharField(max_length=120, blank=True, default="")
    returned_reason = models.CharField(max_length=300, blank=True, default="")
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "srm_profile"
