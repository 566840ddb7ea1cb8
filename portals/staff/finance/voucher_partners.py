"""The partner of a voucher's line: picked from the list, or typed as a code, else as a name that one partner alone has."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel.errors import Refusal, ValidationRefused
from backend.parties.models import Party
from backend.parties.selectors import search_parties
from portals.staff.sales.entry import uuid_of
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn

COLUMNS = (
    GridColumn("party", gettext_lazy("Partner"), "party", pick_url=reverse_lazy("staff:voucher_partner_pick")),
    GridColumn("party_name", gettext_lazy("Partner's name"), out=True, size="w-l"),
)
_ROLES = (
    ("is_customer", gettext_lazy("Customer")),
    ("is_supplier", gettext_lazy("Supplier")),
    ("is_carrier", gettext_lazy("Carrier")),
)


def partners_of(lines: Sequence[EntryLine]) -> tuple[dict[int, Party], dict[int, Refusal]]:
    """The partners of lines and what is wrong with those that name none, by row; one statement."""
    ids = {found for line in lines if (found := uuid_of(line.text("party")))}
    words = {line.text("party_code") for line in lines} - {""}
    if not ids and not words:
        return {}, {}
    rows = Party.objects.filter(Q(pk__in=ids) | Q(code__in=words) | Q(name__in=words) | Q(short_name__in=words))
    known: dict[object, list[Party]] = defaultdict(list)
    for row in rows:
        for key in {row.pk, row.name, row.short_name} - {""}:
            known[key].append(row)
    known |= {row.code: [row] for row in rows}
    partners: dict[int, Party] = {}
    refused: dict[int, Refusal] = {}
    for line in lines:
        asked = uuid_of(line.text("party")) or line.text("party_code")
        named = known.get(asked, [])
        if len(named) == 1:
            partners[line.index] = named[0]
        elif asked:
            refused[line.index] = _refused(line, several=bool(named))
    return partners, refused


def _refused(line: EntryLine, *, several: bool) -> Refusal:
    name = line.text("party_code")
    words = _("Line %(line)s: several partners are called “%(name)s”.") if several else ""
    words = words or _("Line %(line)s: there is no partner “%(name)s”.")
    return ValidationRefused(
        words % {"line": line.no, "name": name[:40]},
        line=line.no,
        field="party",
        value=name[:40],
        way_out=_("Pick one from the list."),
    )


@staff_view("accounting.voucher.edit")
def partner_pick(request: HttpRequest) -> JsonResponse:
    """The type-ahead of partners: code, name, pinyin initials or tax id."""
    rows = search_parties(request.GET.get("q", ""), limit=12)
    return JsonResponse({"results": [_choice(row) for row in rows]})


def _choice(row: Party) -> dict[str, str]:
    roles = " · ".join(str(label) for name, label in _ROLES if getattr(row, name))
    return {"id": str(row.pk), "code": row.code, "name": row.name, "spec": roles, "pinyin": row.mnemonic}
