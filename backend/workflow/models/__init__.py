from backend.workflow.models.settings import SavedView, Setting
from backend.workflow.models.task import Notification, Task

__all__ = ["Notification", "SavedView", "Setting", "Task"]
