"""Writes of workflow."""

from backend.workflow.parameters import set_parameter
from backend.workflow.services.mail import send_mail
from backend.workflow.services.notifications import mark_read, notify
from backend.workflow.services.tasks import TaskInput, complete_tasks, create_task, create_tasks
from backend.workflow.services.views import delete_view, save_view

__all__ = [
    "TaskInput",
    "complete_tasks",
    "create_task",
    "create_tasks",
    "delete_view",
    "mark_read",
    "notify",
    "save_view",
    "send_mail",
    "set_parameter",
]
