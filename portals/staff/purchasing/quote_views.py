"""A quote that came by mail, telephone or on paper, keyed here for its supplier (SRM-05).

What is keyed is sealed like any other quote: this page shows what is being typed and never what was sent before.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.models import Attachment
from backend.kernel.money import ZERO
from backend.purchasing.models import Quote, QuoteSource, Rfq, RfqInvitation, RfqLine
from backend.purchasing.selectors import rfqs as reads
from backend.purchasing.services.inputs import QuoteData, QuoteLineInput, StepInput
from backend.purchasing.services.quotes import submit_quote
from portals.staff.sales.entry import number_of, uuid_of
from portals.staff.sales.forms import PRICE_MODES
from portals.staff.sales.order_views import save_entry
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.grids import kept
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.components import Crumb
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid, read_lines
from portals.ui.navigation import trail

VALID_DAYS = 30
COLUMNS = (
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("asked", pgettext_lazy("quantity", "Asked"), out=True, numeric=True),
    GridColumn("price", gettext_lazy("Unit price"), "price", strong=True),
    GridColumn("lead", gettext_lazy("Lead time, days"), "qty"),
    GridColumn("tiers", gettext_lazy("Cheaper from (100=9; 500=8.5)"), size="w-l"),
    GridColumn("min", gettext_lazy("Minimum order"), "qty"),
    GridColumn("tax", gettext_lazy("Tax %"), "percent"),
    GridColumn("alternate", gettext_lazy("Offered instead"), size="w-l"),
)
_TYPED = ("price", "lead", "tiers", "min", "tax", "alternate")


class QuoteForm(StaffForm):
    """The head of a keyed quote."""

    source = forms.ChoiceField(
        label=gettext_lazy("How it came in"),
        choices=[choice for choice in QuoteSource.choices if choice[0] != QuoteSource.PORTAL],
    )
    valid_until = forms.DateField(label=gettext_lazy("Holds until"), widget=DateInput())
    freight = forms.DecimalField(
        label=gettext_lazy("Freight"), min_value=0, max_digits=14, decimal_places=2, required=False
    )
    includes_tax = forms.ChoiceField(label=gettext_lazy("Prices"), choices=PRICE_MODES)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def values(self) -> dict[str, Any]:
        """For `QuoteData`."""
        clean = self.cleaned_data
        return {
            "source": clean["source"],
            "valid_until": clean["valid_until"],
            "freight": clean["freight"] or ZERO,
            "includes_tax": clean["includes_tax"] == "1",
            "note": clean["note"],
        }


@staff_view("purchasing.rfq.edit")
def rfq_quote(request: HttpRequest, number: str, pk: UUID) -> HttpResponse:
    """Key the offer of a supplier that was asked."""
    rfq = reads.rfq_for(request.actor, number)  # type: ignore[attr-defined]
    invitation = _invitation(rfq, pk)
    grid, block, status = _grid(list(rfq.lines.all())), None, 200
    if request.method == "POST":
        form = QuoteForm(request.POST)

        def save(lines: tuple[QuoteLineInput, ...]) -> Quote:
            return submit_quote(
                rfq_id=rfq.pk,
                supplier_id=invitation.supplier_id,
                data=QuoteData(lines=lines, **form.values()),
                upload=reading.upload(request.FILES, "file"),
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save, _read)
        if saved is not None:
            words = _("The quote of %(supplier)s is in; nobody reads it before %(moment)s.")
            messages.success(
                request, words % {"supplier": invitation.supplier.label, "moment": formats.moment(rfq.deadline)}
            )
            return HttpResponseRedirect(reverse("staff:rfq_detail", kwargs={"number": number}))
        grid, status = kept(grid, request.POST, refusal, _TYPED), refusal.status if refusal else 400
    else:
        form = QuoteForm(initial={"valid_until": clock.today() + timedelta(days=VALID_DAYS), "includes_tax": "1"})
    url = reverse("staff:rfq_detail", kwargs={"number": number})
    context = {
        "form": form,
        "grid": grid,
        "error": block,
        "rfq": rfq,
        "supplier": invitation.supplier,
        "crumbs": [*trail("staff:rfq_list"), Crumb(rfq.number, url)],
        "cancel_url": url,
    }
    return render(request, "staff/purchasing/quote_form.html", context, status=status)


def _invitation(rfq: Rfq, supplier_id: UUID) -> RfqInvitation:
    found = next((row for row in rfq.invitations.all() if row.supplier_id == supplier_id), None)
    if found is None or not rfq.published_at:
        raise NotFoundRefused(_("There is no such document."), value=supplier_id)
    return found


def _grid(lines: Sequence[RfqLine]) -> LineGrid:
    rows = [
        GridRow(
            {
                "id": str(line.pk),
                "item": f"{line.line_no}. {line.item.name} {line.item.spec}".strip(),
                "asked": f"{formats.qty(line.qty)} {line.item.unit}",
                "tax": line.item.tax_code.rate,
            }
        )
        for line in lines
    ]
    return LineGrid(COLUMNS, rows=rows, fixed=True)


def _read(post: Any) -> tuple[QuoteLineInput, ...]:
    """The lines that have a price; raises one refusal naming every cell that cannot be read."""
    problems: list[Refusal] = []
    found = [made for line in read_lines(post, COLUMNS) if (made := _line(line, problems))]
    if problems:
        raise Refusal.many(problems)
    return tuple(found)


def _line(line: EntryLine, problems: list[Refusal]) -> QuoteLineInput | None:
    line_id, price = uuid_of(line.text("id")), number_of(line, "price", problems)
    if line_id is None or price is None:
        return None
    lead = reading.count_of(line.text("lead") or "0")
    if lead is None:
        problems.append(
            ValidationRefused(_("0 to 999 days."), line=line.no, field="lead", value=line.text("lead")[:20])
        )
    return QuoteLineInput(
        line_id,
        price,
        lead or 0,
        _tiers(line, problems),
        number_of(line, "min", problems) or ZERO,
        number_of(line, "tax", problems),
        line.text("alternate")[:200],
    )


def _tiers(line: EntryLine, problems: list[Refusal]) -> list[StepInput]:
    """``100=9; 500=8.5``: from so many on for so much."""
    found = []
    for part in filter(None, (part.strip() for part in re.split("[;；]", line.text("tiers")))):
        least, _equals, price = part.replace("＝", "=").partition("=")
        amounts: list[Decimal | None] = [reading.amount_of(least), reading.amount_of(price)]
        if None in amounts:
            words = _("Write each step like 100=9, several with a semicolon between them.")
            problems.append(ValidationRefused(words, line=line.no, field="tiers", value=part[:40]))
            continue
        found.append(StepInput(amounts[0] or ZERO, amounts[1] or ZERO))
    return found


def papers_of(rfq: Rfq) -> dict[UUID, list[Attachment]]:
    """The papers of keyed quotes by supplier, once they are read; two statements."""
    quotes = dict(Quote.objects.filter(rfq=rfq).exclude(source=QuoteSource.PORTAL).values_list("pk", "supplier_id"))
    found: dict[UUID, list[Attachment]] = {}
    if quotes:
        for row in Attachment.objects.filter(subject_type=Quote.DOC_TYPE, subject_id__in=quotes).order_by("pk"):
            found.setdefault(quotes[row.subject_id], []).append(row)
    return found
