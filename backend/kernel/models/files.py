"""Files and comments on anything that has a UUID. Both carry who may see them."""

from django.db import models

from backend.kernel.ids import uuid7


class Visibility(models.TextChoices):
    INTERNAL = "internal"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"


class Attachment(models.Model):
    """A file of a document or master; bytes lie under the company's own prefix, served through authorisation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(db_index=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="attachments/", max_length=200)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.INTERNAL)
    party_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=120)

    class Meta:
        db_table = "kernel_attachment"


class Comment(models.Model):
    """A message on a document: internal, or shared with the supplier or the customer of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(db_index=True)
    text = models.TextField(max_length=4000)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.INTERNAL)
    party_id = models.UUIDField(null=True)
    author_kind = models.CharField(max_length=10)
    author_id = models.UUIDField(null=True)
    author_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_comment"


class ThreadRead(models.Model):
    """Until when a member has read the messages of a document; what came later is new to them."""

    id = models.BigAutoField(primary_key=True)
    subject_id = models.UUIDField()
    reader_id = models.UUIDField()
    read_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_thread_read"
        constraints = [models.UniqueConstraint(fields=["subject_id", "reader_id"], name="thread_read_once")]
