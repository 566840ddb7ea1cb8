"""Lines of the rail about the goods of a document: which pieces it moves, and from or to which bins."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.inventory.selectors.bins import has_bins, place_of
from backend.inventory.selectors.pieces import wants_serials
from backend.inventory.services.naming import OUT, PAPERS
from portals.ui.components import RelatedLine


def kept_pieces(order: Any, lines: Iterable[Any]) -> list[RelatedLine]:
    """Where pieces are kept for an order's lines; no statement, the lines know their items."""
    if not any(line.item.serial_tracked for line in lines):
        return []
    url = reverse("staff:serial_entry", kwargs={"doc_type": order.DOC_TYPE, "pk": order.pk})
    return [RelatedLine(_("Serial numbers"), url, icon="barcode")]


def goods_lines(document: Any) -> list[RelatedLine]:
    """Where pieces and bins of the document are named or shown; two statements, none for documents without goods."""
    paper = PAPERS.get(document.DOC_TYPE)
    if paper is None or paper.holds:
        return []
    where, found = {"doc_type": document.DOC_TYPE, "pk": document.pk}, []
    if wants_serials(document):
        words = _("Enter the serial numbers") if document.is_draft else _("Serial numbers")
        found.append(RelatedLine(words, reverse("staff:serial_entry", kwargs=where), icon="barcode"))
    if paper.bins and has_bins(place_of(document)):
        words = _("Pick list") if paper.way == OUT else _("Bins")
        found.append(RelatedLine(words, reverse("staff:bin_entry", kwargs=where), icon="map-pin"))
    return found
