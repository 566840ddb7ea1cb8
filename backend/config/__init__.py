"""The composition root: settings, address tables, Celery and WSGI. Imports everything, imported by nothing."""

from backend.config.celery import app as celery_app

__all__ = ["celery_app"]
