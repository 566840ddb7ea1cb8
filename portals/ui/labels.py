"""Labels with a QR code for a label printer (60 × 40 mm): what lies in the box, a place, an item or a piece of it, and the
address that a scan opens (typed into a field by a scanner it stands for its code, ``inventory.selectors.labels``)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.kernel.errors import ValidationRefused
from portals.ui import formats
from portals.ui.printing import qr_svg, render_pdf

MOST = 300
_LINE = 16  # signs that fit below the QR code


@dataclass(frozen=True)
class Label:
    """``under`` stands below the QR code: what to type when it cannot be read. A title that is read from afar is ``large``."""

    title: str
    sub: str
    facts: Sequence[tuple[Any, Any]]
    link: str
    under: str
    large: bool = False


def labels_pdf(title: str, labels: Sequence[Label]) -> bytes:
    """One label a page; raises ValidationRefused for none and for more than can be printed at a time."""
    if not labels:
        raise ValidationRefused(_("Nothing is selected that has a label."), field="id")
    if len(labels) > MOST:
        words = ngettext("At most %(count)s label at a time.", "At most %(count)s labels at a time.", MOST)
        way_out = _("Filter the list and print a part of it.")
        raise ValidationRefused(words % {"count": MOST}, field="id", value=len(labels), way_out=way_out)
    return render_pdf(
        "labels",
        {
            "title": title,
            "lang": "zh" if formats.is_chinese() else "en",
            "labels": [
                {
                    "title": label.title,
                    "sub": label.sub,
                    "facts": [[str(name), str(value)] for name, value in label.facts if value not in (None, "")],
                    "qr": qr_svg(label.link),
                    "under": _foldable(label.under),
                    "large": label.large,
                }
                for label in labels
            ],
        },
    )


def _foldable(text: str) -> str:
    """A long number may go on in the next line after any of its signs."""
    return "\u200b".join(text) if len(text) > _LINE else text


def notice_labels(notice: Any, address: str) -> list[Label]:
    """A label for each line of a shipping notice; the scan of any of them receives the notice."""
    return [
        Label(
            line.item.name,
            f"{line.item.code} {line.item.spec}".strip(),
            [
                (_("Quantity"), f"{formats.qty(line.qty)} {line.item.unit}"),
                (_("Lot"), line.lot_no),
                (_("Expires"), formats.day(line.expiry_date) if line.expiry_date else ""),
                (_("Purchase order"), line.order_number),
                (_("Supplier"), notice.supplier.label),
            ],
            address,
            notice.number,
        )
        for line in notice.lines.all()
    ]


def receipt_labels(receipt: Any, address_of: Any) -> list[Label]:
    """A label for each lot of a receipt; ``address_of`` gives the page of a line's lot or item."""
    return [
        Label(
            line.item.name,
            f"{line.item.code} {line.item.spec}".strip(),
            [
                (_("Quantity"), f"{formats.qty(line.qty)} {line.item.unit}"),
                (_("Lot"), line.lot_no),
                (_("Supplier's lot"), line.supplier_lot_no if line.supplier_lot_no != line.lot_no else ""),
                (_("Made on"), formats.day(line.mfg_date) if line.mfg_date else ""),
                (_("Expires"), formats.day(line.expiry_date) if line.expiry_date else ""),
                (_("Received"), f"{formats.day(receipt.doc_date)} {receipt.number}"),
            ],
            address_of(line),
            line.lot_no or line.item.code,
        )
        for line in receipt.lines.all()
    ]


def bin_labels(bins: Iterable[Any], address_of: Callable[[Any], str]) -> list[Label]:
    """For the shelf: the bin, its warehouse and zone."""
    return [
        Label(row.code, str(row.warehouse), [(_("Zone"), row.zone)], address_of(row), row.code, True) for row in bins
    ]


def item_labels(items: Iterable[Any], address_of: Callable[[Any], str]) -> list[Label]:
    """For the box or the shelf of an item; below the code its barcode, where it has one."""
    return [
        Label(
            item.name,
            f"{item.code} {item.spec}".strip(),
            [(_("Barcode"), item.barcode), (_("Unit"), item.unit)],
            address_of(item),
            item.barcode or item.code,
        )
        for item in items
    ]


def piece_labels(pieces: Iterable[Any], address_of: Callable[[Any], str]) -> list[Label]:
    """For a single piece: its number stays with it wherever it goes."""
    return [
        Label(
            piece.item.name,
            f"{piece.item.code} {piece.item.spec}".strip(),
            [(_("Serial number"), piece.serial_no)],
            address_of(piece),
            piece.serial_no,
        )
        for piece in pieces
    ]
