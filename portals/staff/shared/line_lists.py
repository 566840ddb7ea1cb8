"""Lists that also show their documents by line: the lines of the documents that the filters leave."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet

from backend.kernel.document import Approval
from portals.staff.shared.lists import StaffList
from portals.ui.navigation import numbered


class DocumentList(StaffList):
    """`noun` is the stem of the addresses; `line_model` has the lines, `line_related` what a row of them reads besides."""

    noun: ClassVar[str]
    line_model: ClassVar[type[models.Model]]
    line_related: ClassVar[tuple[str, ...]] = ()

    def line_rows(self) -> QuerySet[Any]:
        documents = self.rows().filter(self.condition(self.state.filters)).order_by()
        lines = self.line_model._default_manager.filter(document__in=documents.values("pk"))
        return lines.select_related(*self.line_related)

    @property
    def filtered(self) -> QuerySet[Any]:  # type: ignore[override]
        return self.line_rows() if self.by_lines else self.rows().filter(self.condition(self.state.filters))

    def document_of(self, row: Any) -> Any:
        """The document of a row, which is one or a line of it."""
        return row.document if self.by_lines else row

    def row_url(self, row: Any) -> str:
        return numbered(f"staff:{self.noun}_detail", self.document_of(row).number)

    def row_mark(self, row: Any) -> str:
        return "off" if self.document_of(row).approval == Approval.VOIDED else ""
