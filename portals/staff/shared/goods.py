"""Lines of the rail about the goods of a document: which pieces it moves."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.inventory.selectors.pieces import wants_serials
from backend.inventory.services.naming import PAPERS
from portals.ui.components import RelatedLine


def goods_lines(document: Any) -> list[RelatedLine]:
    """Where the serial numbers of the document are named or shown; one statement, none for documents without goods."""
    if document.DOC_TYPE not in PAPERS or not wants_serials(document):
        return []
    where = {"doc_type": document.DOC_TYPE, "pk": document.pk}
    return [RelatedLine(_("Serial numbers"), reverse("staff:serial_entry", kwargs=where), icon="barcode")]
