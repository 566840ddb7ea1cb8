"""Writes of imports."""

from backend.imports.services.runs import ask_to_save, drop_run, start_import, start_rows, work_off

__all__ = ["ask_to_save", "drop_run", "start_import", "start_rows", "work_off"]
