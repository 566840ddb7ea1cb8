"""Lines of the rail about the goods of a document: which pieces it moves, and from or to which bins."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.inventory.selectors.bins import has_bins, place_of
from backend.inventory.selectors.pieces import wants_serials
from backend.inventory.services.naming import OUT, PAPERS
from portals.ui.components import RelatedLine


def goods_lines(document: Any) -> list[RelatedLine]:
    """Where pieces and bins of the document are named or shown; two statements, none for documents without goods."""
    paper = PAPERS.get(document.DOC_TYPE)
    if paper is None:
        return []
    where, found = {"doc_type": document.DOC_TYPE, "pk": document.pk}, []
    if wants_serials(document):
        found.append(RelatedLine(_("Serial numbers"), reverse("staff:serial_entry", kwargs=where), icon="barcode"))
    if has_bins(place_of(document)):
        words = _("Pick list") if paper.way == OUT else _("Bins")
        found.append(RelatedLine(words, reverse("staff:bin_entry", kwargs=where), icon="map-pin"))
    return found
