"""A party and its roles. One legal person is one row, whatever it is to the company (no twin by tax id)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.ids import uuid7


class Party(models.Model):
    """A firm or person. ``mnemonic`` holds pinyin initials for type-ahead, ``sort_key`` the full pinyin."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=30, unique=True, db_collation="C")
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40, blank=True, default="")
    mnemonic = models.CharField(max_length=60, blank=True, default="")
    sort_key = models.CharField(max_length=200, blank=True, default="", db_collation="C")
    tax_id = models.CharField(max_length=30, blank=True, default="")
    is_customer = models.BooleanField(default=False)
    is_supplier = models.BooleanField(default=False)
    is_carrier = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="zh-hans")
    currency = models.CharField(max_length=3, default="CNY")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    remark = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "party"
        constraints = [
            models.UniqueConstraint(fields=["tax_id"], condition=~models.Q(tax_id=""), name="party_tax_id_once"),
            models.CheckConstraint(
                condition=models.Q(is_customer=True) | models.Q(is_supplier=True) | models.Q(is_carrier=True),
                name="party_has_a_role",
            ),
        ]
        indexes = [models.Index(fields=["sort_key", "id"], name="party_sort")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.short_name or self.name


class CustomerRole(models.Model):
    """What a party is as a customer. ``credit_limit`` null means no limit."""

    party = models.OneToOneField(Party, models.CASCADE, primary_key=True, related_name="customer")
    level = models.CharField(max_length=20, blank=True, default="")
    credit_limit = fields.money(null=True, blank=True, default=None)
    payment_days = models.PositiveSmallIntegerField(default=30)
    ship_complete = models.BooleanField(default=False)
    salesperson_id = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "party_customer"


class SupplierState(models.TextChoices):
    POTENTIAL = "potential", _("Potential")
    PENDING = "pending", _("Waiting for approval")
    APPROVED = "approved", _("Approved supplier")
    PREFERRED = "preferred", _("Preferred")
    WATCH = "watch", _("On watch")
    SUSPENDED = "suspended", _("Suspended")
    BLOCKED = "blocked", _("Blocked")


class SupplierRole(models.Model):
    """What a party is as a supplier. Replenishment takes ``lead_days`` + ``transport_days`` (SCM-02).

    ``state`` moves through ``services.suppliers`` alone; ``blocked_by`` names the document that stands in the
    way, ``state_reason`` what somebody said about it.
    """

    party = models.OneToOneField(Party, models.CASCADE, primary_key=True, related_name="supplier")
    state = models.CharField(max_length=12, choices=SupplierState, default=SupplierState.APPROVED)
    state_reason = models.CharField(max_length=300, blank=True, default="")
    blocked_by = models.CharField(max_length=200, blank=True, default="")
    lead_days = models.PositiveSmallIntegerField(default=5)
    transport_days = models.PositiveSmallIntegerField(default=2)
    payment_days = models.PositiveSmallIntegerField(default=30)
    over_receipt_pct = fields.rate()
    date_tolerance_days = models.PositiveSmallIntegerField(default=0)
    buyer_id = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "party_supplier"

    def __str__(self) -> str:
        return str(self.party)

    def state_label(self, axis: str) -> str:
        return str(self.get_state_display())


class CarrierRole(models.Model):
    """What a party is as a carrier; ``tracking_url`` has {number} in it."""

    party = models.OneToOneField(Party, models.CASCADE, primary_key=True, related_name="carrier")
    tracking_url = models.CharField(max_length=200, blank=True, default="")
    days = models.PositiveSmallIntegerField(default=1)

    class Meta:
        db_table = "party_carrier"


class ContactRole(models.TextChoices):
    """What a person at a partner looks after; mails go to whoever looks after the matter."""

    SALES = "sales", pgettext_lazy("contact", "Orders and quotes")
    LOGISTICS = "logistics", pgettext_lazy("contact", "Logistics")
    FINANCE = "finance", pgettext_lazy("contact", "Finance")
    QUALITY = "quality", pgettext_lazy("contact", "Quality")
    MANAGEMENT = "management", pgettext_lazy("contact", "Management")


class Contact(models.Model):
    """A person at a party."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=60)
    position = models.CharField(max_length=60, blank=True, default="")
    role = models.CharField(
        max_length=10, choices=ContactRole, blank=True, default="", db_default=""
    )  # empty: whatever comes
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    is_primary = models.BooleanField(default=False)

    class Meta:
        db_table = "party_contact"
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=models.Q(is_primary=True), name="party_one_primary_contact"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """Where goods or mail go."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="addresses")
    province = models.CharField(max_length=40, blank=True, default="")
    city = models.CharField(max_length=40, blank=True, default="")
    district = models.CharField(max_length=40, blank=True, default="")
    street = models.CharField(max_length=200)
    contact_name = models.CharField(max_length=60, blank=True, default="")
    contact_phone = models.CharField(max_length=30, blank=True, default="")
    is_default = models.BooleanField(default=False)

    class Meta:
        db_table = "party_address"

    def __str__(self) -> str:
        return " ".join(part for part in (self.province, self.city, self.district, self.street) if part)
