"""Sign-ups that wait for the link in the mail."""

from django.db import models

from backend.kernel.ids import uuid7
from tenants.models.company import Tenant


class SignUp(models.Model):
    """What was typed; the company is made when the link is clicked. Only digests of token and password are kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=60)
    company = models.CharField(max_length=120)
    slug = models.CharField(max_length=40)
    industry = models.CharField(max_length=20)
    taxpayer_type = models.CharField(max_length=12)
    language = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=40)
    with_demo_data = models.BooleanField(default=False)
    password = models.CharField(max_length=128)
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    tenant = models.ForeignKey(Tenant, models.SET_NULL, null=True, db_index=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenants_sign_up"
