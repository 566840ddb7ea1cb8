"""Labels printed from a list or from the page of one thing: bins, items, pieces. A scan of a label opens its thing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.staff.shared.lists import StaffList
from portals.ui.components import Action
from portals.ui.labels import MOST, Label, bin_labels, item_labels, labels_pdf, piece_labels
from portals.ui.lists import BatchAction
from portals.ui.printing import pdf_response

LABELS = "labels"


@dataclass(frozen=True)
class LabelKind:
    """How labels of a kind are written, and the page that a scan of one opens."""

    page: str
    written: Callable[[Iterable[Any], Callable[[Any], str]], list[Label]]

    def print(self, request: HttpRequest, rows: Iterable[Any], name: str) -> HttpResponse:
        """The labels of the rows as a PDF."""

        def address_of(row: Any) -> str:
            return request.build_absolute_uri(reverse(self.page, kwargs={"pk": row.pk}))

        return pdf_response(labels_pdf(name, self.written(rows, address_of)), f"{name}-{LABELS}")


BINS = LabelKind("staff:bin_detail", bin_labels)
ITEMS = LabelKind("staff:item_detail", item_labels)
PIECES = LabelKind("staff:serial_detail", piece_labels)


def label_action(name: str, pk: UUID) -> Action:
    """The button on the page of one thing."""
    url = reverse(f"staff:{name}", kwargs={"pk": pk})
    return Action(_("Print label"), url, icon="qrcode", new_tab=True)


class LabelledList(StaffList):
    """A list whose selected rows have labels, printed in the order of the list."""

    label_kind: ClassVar[LabelKind]
    batch: ClassVar[Sequence[BatchAction]] = (BatchAction(LABELS, gettext_lazy("Print labels"), "qrcode"),)

    def run_batch(self, key: str, ids: Sequence[str], here: str) -> HttpResponse:
        if key != LABELS:
            return super().run_batch(key, ids, here)
        rows = self.rows().filter(pk__in=ids[: MOST + 1]).order_by(*self.ordering())
        return self.label_kind.print(self.request, rows, str(self.title))
