"""The Celery application: every task carries the schema it was sent from, in its headers.

tenant-schemas-celery writes the header and activates the schema around the task, through
``kernel.tenancy`` rules: a task that touches a company's data must be sent from within it.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

from celery.signals import setup_logging, task_postrun, task_prerun  # noqa: E402
from tenant_schemas_celery.app import CeleryApp as TenantAwareCelery  # noqa: E402

app = TenantAwareCelery("troika")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_kwargs: object) -> None:
    """Celery would install its own handlers; ours are configured by Django."""


@task_prerun.connect
def name_the_task_in_logs(task_id: str = "", task: object = None, **_kwargs: object) -> None:
    from backend.kernel import log_context, tenancy

    log_context.request_id.set(task_id)
    log_context.tenant_name.set(tenancy.schema_name())
    log_context.actor_name.set(getattr(task, "name", "-"))


@task_postrun.connect
def forget_the_task_in_logs(**_kwargs: object) -> None:
    from backend.kernel import log_context

    for variable in (log_context.request_id, log_context.tenant_name, log_context.actor_name):
        variable.set("-")
