"""The audit pack of an order: its paper, every answer, the conversation with its files and the trail, in one archive (SRM-24)."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from backend.kernel import audit
from backend.kernel.comments import comments_on
from backend.kernel.models import Attachment
from backend.purchasing.models import Asn, PurchaseOrder
from backend.purchasing.selectors.asns import asns_visible_to
from portals.staff.purchasing.order_views import ORDER
from portals.staff.purchasing.prints import order_print
from portals.staff.shared.lists import PRICES
from portals.staff.shared.words import VERBS
from portals.ui import formats, related
from portals.ui.chips import VOCABULARY
from portals.ui.guards import staff_view

EXPORT = "purchasing.order.export"


@require_safe
@staff_view(EXPORT)
def order_pack(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one order, for an auditor or a dispute; prices only for those who may see them."""
    actor = request.actor  # type: ignore[attr-defined]
    order = ORDER.load(actor, number)
    files = list(Attachment.objects.filter(subject_id__in=_subjects(order, actor)).order_by("created_at", "id"))
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(f"{number}.pdf", order_print(request, number=number).content)
        pack.writestr("answers.csv", _answers(order, prices=actor.may(PRICES)))
        pack.writestr("messages.csv", _messages(order, actor))
        pack.writestr("trail.csv", _trail(order, actor))
        pack.writestr("files.csv", _table(_file_head(), (_file_row(file) for file in files)))
        for file in files:
            _add(pack, file)
    answer = HttpResponse(body.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{number}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _subjects(order: PurchaseOrder, actor: Any) -> list[Any]:
    """The order and its shipping notices, when the reader may see those."""
    found = [order.pk]
    if actor.may("purchasing.asn.view"):
        found += (
            asns_visible_to(actor).filter(lines__order_line__document=order).values_list("pk", flat=True).distinct()
        )
    return found


def _add(pack: zipfile.ZipFile, file: Attachment) -> None:
    """A file under its own id, so that two of one name stay two; one that is gone from the store is left out."""
    try:
        with file.file.open("rb") as content:
            pack.writestr(f"files/{file.pk}/{file.name.replace('/', '_')}", content.read())
    except FileNotFoundError:
        return


def _table(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table that spreadsheets open in any language; a cell never begins a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([str(cell) for cell in head])
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _stamp(at: datetime) -> str:
    """Day and time in full: who opens the archive does so on another day."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _state(row: Any, code: str) -> str:
    """A state in words; a notice has its own, an order those of its several axes."""
    axes = ("asn",) if row.subject_type == Asn.DOC_TYPE else ("approval", "sending", "confirmation", "closing")
    known = next((VOCABULARY[axis][code] for axis in axes if code in VOCABULARY[axis]), None)
    return str(known[1]) if known else code


def _answers(order: PurchaseOrder, *, prices: bool) -> bytes:
    lines = {line.pk: line for line in order.lines.all()}
    head = [_("Answer"), _("State"), _("By"), _("When"), _("Line"), _("Item"), _("Quantity"), _("Comes on")]
    head += [_("Rejected"), _("Other price"), _("Reason"), _("Decided by"), _("Reason of the decision")]
    rows = []
    for answer in order.confirmations.all():
        for part in sorted(answer.lines.all(), key=lambda part: (lines[part.order_line_id].line_no, part.part_no)):
            line = lines[part.order_line_id]
            what = [line.line_no, line.item.name, formats.plain(part.qty), part.date, _("yes") if part.rejected else ""]
            price = formats.plain(part.price) if prices and part.price is not None else ""
            decided = [answer.decided_by_name, answer.decided_reason]
            who = [answer.revision, answer.get_state_display(), answer.by_name, _stamp(answer.at)]
            rows.append([*who, *what, price, part.reason or answer.note, *decided])
    return _table(head, rows)


def _messages(order: PurchaseOrder, actor: Any) -> bytes:
    shared = {"supplier": _("the supplier reads it"), "internal": _("internal")}
    rows = [
        [_stamp(row.created_at), row.author_name, shared.get(row.visibility, row.visibility), row.text]
        for subject in _subjects(order, actor)
        for row in comments_on(subject)
    ]
    return _table([_("When"), _("By"), _("Who reads it"), _("Message")], rows)


def _trail(order: PurchaseOrder, actor: Any) -> bytes:
    words = related.VERBS | VERBS
    rows = [
        [
            _stamp(row.at),
            row.actor_name,
            str(related.CHANNELS.get(row.channel, row.channel)),
            str(words.get(row.verb, row.verb)),
            _state(row, row.state_before),
            _state(row, row.state_after),
            _("; ").join(related.changes_of(row, actor)),
            row.reason,
        ]
        for row in audit.timeline(order.pk, also=_subjects(order, actor)[1:]).order_by("id")
    ]
    head = [
        _("When"),
        _("By"),
        pgettext("trail", "Channel"),
        _("What"),
        _("Before"),
        _("After"),
        _("Changes"),
        _("Reason"),
    ]
    return _table(head, rows)


def _file_head() -> list[str]:
    return [_("File"), _("By"), _("When"), "SHA-256", _("Folder")]


def _file_row(file: Attachment) -> list[Any]:
    return [file.name, file.created_by_name, _stamp(file.created_at), file.sha256, f"files/{file.pk}/"]
