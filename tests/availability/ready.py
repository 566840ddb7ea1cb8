"""Loaded once by the process that the load's processes are forked from: the product, not connected to anything."""

import django

import tests.environment  # noqa: F401

django.setup()

import backend.availability.services.demand  # noqa: E402, F401
import tests.factories.inventory  # noqa: E402, F401
