"""Links between documents, line to line with the quantity that went down."""

from django.db import models


class DocumentLink(models.Model):
    """``source`` gave rise to ``target``. Line ids are null for links between whole documents."""

    id = models.BigAutoField(primary_key=True)
    source_type = models.CharField(max_length=40)
    source_id = models.UUIDField()
    source_line_id = models.UUIDField(null=True)
    target_type = models.CharField(max_length=40)
    target_id = models.UUIDField()
    target_line_id = models.UUIDField(null=True)
    qty = models.DecimalField(max_digits=18, decimal_places=4, null=True)

    class Meta:
        db_table = "kernel_document_link"
        indexes = [
            models.Index(fields=["source_id"], name="link_source"),
            models.Index(fields=["target_id"], name="link_target"),
        ]
