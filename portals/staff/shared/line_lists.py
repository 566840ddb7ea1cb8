"""Lists that also show their documents by line: the lines of the documents that the filters leave."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet

from portals.staff.shared.lists import StaffList


class DocumentList(StaffList):
    """`line_model` has the lines, `line_related` what a row of them reads besides."""

    line_model: ClassVar[type[models.Model]]
    line_related: ClassVar[tuple[str, ...]] = ()

    def line_rows(self) -> QuerySet[Any]:
        documents = self.rows().filter(self.condition(self.state.filters)).order_by()
        lines = self.line_model._default_manager.filter(document__in=documents.values("pk"))
        return lines.select_related(*self.line_related)

    @property
    def filtered(self) -> QuerySet[Any]:  # type: ignore[override]
        return self.line_rows() if self.by_lines else self.rows().filter(self.condition(self.state.filters))
