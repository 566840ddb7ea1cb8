"""Company parameters and saved views of lists."""

from django.db import models

from backend.kernel.ids import uuid7


class Setting(models.Model):
    """One parameter; keys, types and defaults are declared in ``workflow.parameters``."""

    key = models.CharField(max_length=60, primary_key=True, db_collation="C")
    value = models.JSONField()
    updated_at = models.DateTimeField()
    updated_by_name = models.CharField(max_length=120, default="")

    class Meta:
        db_table = "workflow_setting"


class SavedView(models.Model):
    """A list's filters, columns and sorting under a name; the row with an empty name is the member's default."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member_id = models.UUIDField()
    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60, blank=True, default="")
    query = models.TextField(blank=True, default="")
    columns = models.JSONField(default=list)
    shared = models.BooleanField(default=False)

    class Meta:
        db_table = "workflow_saved_view"
        constraints = [models.UniqueConstraint(fields=["member_id", "page", "name"], name="saved_view_once")]
