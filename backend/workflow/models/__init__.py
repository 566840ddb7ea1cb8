from backend.workflow.models.approval import (
    Approval,
    ApprovalDelegation,
    ApprovalRule,
    ApprovalState,
    ApprovalStep,
    StepState,
)
from backend.workflow.models.settings import SavedView, Setting
from backend.workflow.models.task import Notification, Task

__all__ = [
    "Approval",
    "ApprovalDelegation",
    "ApprovalRule",
    "ApprovalState",
    "ApprovalStep",
    "Notification",
    "SavedView",
    "Setting",
    "StepState",
    "Task",
]
