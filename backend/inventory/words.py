"""How quantities are written in sentences."""

from backend.kernel.money import plain

__all__ = ["plain"]
