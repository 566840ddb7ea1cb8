"""Loading this module subscribes inventory to what is told below it."""

from backend.inventory.services import methods  # noqa: F401 - imported for what it subscribes
