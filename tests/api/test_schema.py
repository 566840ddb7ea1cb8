"""The OpenAPI document, and every operation in it called with right and wrong data: never a fault, always as described."""

import io
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from schemathesis.checks import CheckContext  # noqa: F401 - part of the plan below

from backend.api.schema import document
