from backend.imports.models.run import ImportRow, ImportRun, RowAction, RunState

__all__ = ["ImportRow", "ImportRun", "RowAction", "RunState"]
