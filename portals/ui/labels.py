"""Labels with a QR code for a label printer (60 × 40 mm): what lies in the box, its lot, and the address that a scan opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portals.ui import formats
from portals.ui.printing import qr_svg, render_pdf

MOST = 300


@dataclass(frozen=True)
class Label:
    """``under`` stands below the QR code: what to type when it cannot be read."""

    title: str
    sub: str
    facts: Sequence[tuple[Any, Any]]
    link: str
    under: str


def labels_pdf(title: str, labels: Sequence[Label]) -> bytes:
    """One label a page."""
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
                    "under": label.under,
                }
                for label in labels[:MOST]
            ],
        },
    )


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
