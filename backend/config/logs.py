"""Structured logs: every line carries request id, company and actor, as JSON or for reading at a console."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from backend.kernel.log_context import actor_name, request_id, tenant_name

_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request", "server_time", "status_code"}


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD}


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id.get(),
            "tenant": tenant_name.get(),
            "actor": actor_name.get(),
            **_extras(record),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


class ConsoleFormatter(logging.Formatter):
    """A short line for people."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        extras = " ".join(f"{key}={value}" for key, value in _extras(record).items())
        where = f"{tenant_name.get()}/{actor_name.get()}"
        line = (
            f"{stamp} {record.levelname[:4]} [{request_id.get()[:8]} {where}] {record.getMessage()} {extras}".rstrip()
        )
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def logging_for(*, style: str) -> dict[str, Any]:
    """Django's LOGGING setting; style is ``json`` or ``console``."""
    formatter = JsonFormatter if style == "json" else ConsoleFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "django_tenants": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "fontTools": {"level": "ERROR"},
        },
    }
