"""To-dos and notifications."""

from django.db import models

from backend.kernel.ids import uuid7


class Task(models.Model):
    """Something a member (or anyone with a permission) should do about a document.

    ``kind`` names the template of words, ``params`` fill it, so a task reads in the reader's language.
    ``dedupe_key`` keeps one open task per matter.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    assignee_id = models.UUIDField(null=True)
    permission = models.CharField(max_length=60, default="")
    subject_type = models.CharField(max_length=40, default="")
    subject_id = models.UUIDField(null=True)
    subject_number = models.CharField(max_length=40, default="")
    due_date = models.DateField(null=True)
    dedupe_key = models.CharField(max_length=120, db_collation="C")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=120, default="")

    class Meta:
        db_table = "workflow_task"
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key"], condition=models.Q(done_at=None), name="task_open_once")
        ]
        indexes = [
            models.Index(fields=["subject_id"], name="task_subject"),
            models.Index(fields=["created_at"], name="task_open", condition=models.Q(done_at=None)),
        ]


class Notification(models.Model):
    """A line in a member's bell, optionally sent by mail too."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, default="")
    dedupe_key = models.CharField(max_length=160, unique=True, db_collation="C")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "workflow_notification"
        indexes = [models.Index(fields=["member_id", "-created_at"], name="notification_member")]
