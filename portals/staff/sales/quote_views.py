"""Quotations: entry, the page, sending, accepting, and the order they become."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.kernel import clock
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import total
from backend.sales.models import QuoteState, SalesQuote, SalesQuoteLine
from backend.sales.services import quotes
from backend.sales.services.inputs import QuoteData
from portals.staff.sales import entry, forms
from portals.staff.sales.order_page import symbol
from portals.staff.sales.order_views import chosen_customer, draw_entry, save_entry
from portals.staff.sales.quote_tables import state_chip
from portals.staff.sales.scope import visible_quotes
from portals.staff.shared.acting import step, version_of, who_and_when
from portals.staff.shared.dialogs import Ask, Dialog, reason_dialog, typed
from portals.staff.shared.printing import other_language
from portals.staff.shared.rail import rail_of
from portals.staff.shared.words import price_source
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact, Total
from portals.ui.counted import price_cell, qty_cell
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.guards import staff_view


def load_quote(actor: Any, number: str) -> SalesQuote:
    """The quotation, when this actor may see it; not found otherwise."""
    found = visible_quotes(actor).select_related("customer", "warehouse").filter(number=number).first()
    if found is None:
        raise NotFoundRefused(_("There is no such quotation."), value=number)
    return found


def url_of(name: str, quote: SalesQuote) -> str:
    return reverse(f"staff:sales_quote_{name}", kwargs={"number": quote.number})


def crumbs(quote: SalesQuote | None = None) -> list[Crumb]:
    found = [Crumb(_("Sales")), Crumb(_("Quotations"), reverse("staff:sales_quote_list"))]
    return [*found, Crumb(quote.number, url_of("detail", quote))] if quote else found


# --- page ------------------------------------------------------------------------------------------------
def _post(label: Any, name: str, quote: SalesQuote, icon: str, look: str = "", hint: Any = "") -> Action:
    return Action(
        label, url_of(name, quote), icon=icon, method="post", look=look, fields={"version": quote.version}, hint=hint
    )


def steps(quote: SalesQuote, lines: Sequence[SalesQuoteLine], actor: Any) -> dict[str, Any]:
    """The next sensible step and the others."""
    primary, secondary, more = None, [], []
    edit = actor.may("sales.quote.edit")
    left = any(line.ordered_qty < line.qty for line in lines)
    to_order = _post(_("Make an order"), "order", quote, "shopping-cart", "primary")
    if quote.approval == Approval.VOIDED:
        return {"more": _printing(quote)}
    if quote.state == QuoteState.OPEN and edit:
        primary = _post(_("Send to the customer"), "sending", quote, "send", "primary")
        secondary.append(Action(_("Edit"), url_of("edit", quote), icon="edit"))
    elif quote.state == QuoteState.SENT and edit:
        primary = Action(_("Accepted by the customer…"), icon="check", dialog="accept", look="primary")
        secondary.append(_post(_("Revise"), "revision", quote, "git-branch"))
        more.append(_post(_("Send again"), "sending", quote, "send"))
        more.append(Action(_("Declined…"), icon="thumb-down", dialog="decline"))
    elif quote.state == QuoteState.ACCEPTED and left and actor.may("sales.order.edit"):
        primary = to_order
    elif quote.state == QuoteState.DECLINED and edit:
        secondary.append(_post(_("Revise"), "revision", quote, "git-branch"))
    if left and quote.state != QuoteState.ACCEPTED and actor.may("sales.order.edit"):
        more.append(_post(_("Make an order"), "order", quote, "shopping-cart"))
    if edit and quote.is_draft:
        more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    return {"primary": primary, "secondary": secondary, "more": [*more, *_printing(quote)]}


def _printing(quote: SalesQuote) -> list[Action]:
    return [
        other_language(url_of("print", quote)),
    ]


def dialogs_of(request: HttpRequest, quote: SalesQuote) -> list[Dialog]:
    name = Ask("accepted_by", _("Name of who accepted"), "text", typed(request, "accepted_by"), most=120)
    text = _("The name, the time and a seal over lines and amounts are kept with the quotation.")
    accept = Dialog("accept", _("Accepted by the customer"), url_of("acceptance", quote), _("Accepted"), (name,), text)
    decline = reason_dialog(
        request, "decline", _("Declined by the customer"), url_of("declining", quote), _("Declined"), quote.version
    )
    void = reason_dialog(
        request,
        "void",
        _("Void the quotation"),
        url_of("voiding", quote),
        _("Void"),
        quote.version,
        required=False,
        danger=True,
    )
    return [accept, decline, void]


def columns(prices: bool) -> list[LineColumn]:
    found = [LineColumn("item", _("Item"), "item"), LineColumn("qty", _("Quantity"), "qty", strong=True)]
    if prices:
        found += [
            LineColumn("price", _("Price incl. tax"), "price"),
            LineColumn("discount", _("Discount"), "percent", phone="hide"),
            LineColumn("gross", _("Total incl. tax"), "money", strong=True),
        ]
    return [*found, LineColumn("ordered", _("Ordered"), "qty")]


def line_of(line: SalesQuoteLine) -> Line:
    sub = " · ".join(part for part in (line.item.code, line.item.spec, line.description) if part)
    return Line(
        line.line_no,
        {
            "item": Cell(line.item.name, sub),
            "qty": qty_cell(line),
            "price": price_cell(line, price_source(line.price_source)),
            "discount": line.discount_pct or None,
            "gross": line.gross_amount,
            "ordered": line.ordered_qty or None,
        },
    )


def banner_of(quote: SalesQuote) -> Banner | None:
    if (
        quote.state in {QuoteState.OPEN, QuoteState.SENT}
        and quote.valid_until < clock.today()
        and quote.approval != Approval.VOIDED
    ):
        words = _("It was valid until %(day)s; revise it to offer it again.") % {
            "day": formats.short_day(quote.valid_until)
        }
        return Banner(_("Expired."), words, icon="calendar-time")
    return None


def facts_of(quote: SalesQuote, actor: Any) -> list[Fact]:
    url = (
        reverse("staff:customer_detail", kwargs={"pk": quote.customer_id}) if actor.may("parties.customer.view") else ""
    )
    sent = _("sent %(when)s") % {"when": formats.moment(quote.sent_at)} if quote.sent_at else ""
    by = _("%(who)s, %(when)s") % {"who": quote.accepted_by_name, "when": formats.moment(quote.accepted_at)}
    return [
        Fact(_("Customer"), quote.customer.name, "", url),
        Fact(_("Date"), formats.day(quote.doc_date), sent, numeric=True),
        Fact(_("Valid until"), formats.day(quote.valid_until), numeric=True),
        Fact(_("Requested"), formats.day(quote.requested_date), quote.warehouse.name, numeric=True),
        Fact(_("Accepted"), by if quote.accepted_at else "–", quote.accepted_digest[:16]),
    ]


def sheet_of(request: HttpRequest, quote: SalesQuote, *, error: Any = None) -> DocumentSheet:
    actor = request.actor  # type: ignore[attr-defined]
    prices = actor.may("catalog.price.view")
    lines = list(quote.lines.select_related("item__unit", "line_unit").order_by("line_no"))
    totals = [Total(_("Quantity in all"), formats.qty(total(line.qty for line in lines)))]
    if prices:
        totals += [
            Total(_("Net"), formats.money(quote.net_amount)),
            Total(_("Tax"), formats.money(quote.tax_amount)),
            Total(_("Total incl. tax"), f"{symbol(quote.currency)}{formats.money(quote.gross_amount)}", grand=True),
        ]
    chips = [state_chip(quote)]
    if quote.revision:
        chips.append(chip("", _("revision %(no)s") % {"no": quote.revision}))
    return DocumentSheet(
        number=quote.number,
        title=_("Quotation"),
        chips=chips,
        crumbs=crumbs(),
        print_url=url_of("print", quote),
        banner=banner_of(quote),
        facts=facts_of(quote, actor),
        columns=columns(prices),
        lines=[line_of(line) for line in lines],
        totals=totals,
        remark=quote.remark,
        amount_in_words=quote.gross_amount if prices else None,
        currency=quote.currency,
        error=error,
        **steps(quote, lines, actor),
        **rail_of(request, quote, partner="customer") | {"vouchers": None},
    )


def draw_quote(request: HttpRequest, quote: SalesQuote, error: Any = None) -> HttpResponse:
    sheet = sheet_of(request, quote, error=error)
    return draw(request, sheet, template="staff/document.html", dialogs=dialogs_of(request, quote))


@staff_view("sales.quote.view")
def quote_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_quote(request, load_quote(request.actor, number))  # type: ignore[attr-defined]


# --- entry -----------------------------------------------------------------------------------------------
def _entry(request: HttpRequest, quote: SalesQuote | None) -> HttpResponse:
    grid = entry.empty_grid()
    if quote is not None:
        lines = quote.lines.select_related("item__unit", "line_unit").order_by("line_no")
        grid = entry.grid_of(list(lines), includes_tax=quote.price_includes_tax)
    block, status = None, 200
    if request.method == "POST":
        form = forms.QuoteForm(request.POST)

        def save(lines: tuple[Any, ...]) -> SalesQuote:
            return quotes.save_quote(
                data=QuoteData(lines=lines, **form.values()),
                quote_id=quote.pk if quote else None,
                version=version_of(request) if quote else None,
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save)
        if saved is not None:
            messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
            return HttpResponseRedirect(url_of("detail", saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        form = forms.QuoteForm(initial=forms.quote_initial(quote, chosen_customer(request)))
    return draw_entry(
        request,
        "staff/sales/quote_form.html",
        form=form,
        grid=grid,
        status=status,
        error=block,
        quote=quote,
        version=request.POST.get("version") or (quote.version if quote else ""),
        title=_("Edit %(number)s") % {"number": quote.number} if quote else _("New quotation"),
        crumbs=crumbs(quote),
        cancel_url=url_of("detail", quote) if quote else reverse("staff:sales_quote_list"),
    )


@staff_view("sales.quote.edit")
def quote_new(request: HttpRequest) -> HttpResponse:
    return _entry(request, None)


@staff_view("sales.quote.edit")
def quote_edit(request: HttpRequest, number: str) -> HttpResponse:
    quote = load_quote(request.actor, number)  # type: ignore[attr-defined]
    if not quote.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s was sent: revise it first.") % {"number": number})
        return HttpResponseRedirect(url_of("detail", quote))
    return _entry(request, quote)


# --- steps -----------------------------------------------------------------------------------------------
def _step(
    request: HttpRequest, number: str, service: Callable[..., Any], done: Any, *, back: Any = None, **kwargs: Any
) -> HttpResponse:
    quote = load_quote(request.actor, number)  # type: ignore[attr-defined]
    return step(
        request,
        lambda: service(quote_id=quote.pk, **who_and_when(request), **kwargs),
        done=done,
        back=back or url_of("detail", quote),
        refused=lambda error: draw_quote(request, load_quote(request.actor, number), error),  # type: ignore[attr-defined]
    )


@require_POST
@staff_view("sales.quote.edit")
def quote_send(request: HttpRequest, number: str) -> HttpResponse:
    done, seen = _("Sent: the customer may accept it now."), version_of(request)
    return _step(request, number, quotes.send_quote, done, version=seen)


@require_POST
@staff_view("sales.quote.edit")
def quote_revise(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, quotes.revise_quote, _("A draft again, with the next revision."))


@require_POST
@staff_view("sales.quote.edit")
def quote_accept(request: HttpRequest, number: str) -> HttpResponse:
    name = request.POST.get("accepted_by", "")
    return _step(request, number, quotes.accept_quote, _("Accepted."), accepted_by=name)


@require_POST
@staff_view("sales.quote.edit")
def quote_decline(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, quotes.decline_quote, _("Declined."), reason=request.POST.get("reason", "")[:300])


@require_POST
@staff_view("sales.quote.edit")
def quote_void(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, quotes.void_quote, _("Voided."), reason=request.POST.get("reason", "")[:300])


@require_POST
@staff_view("sales.order.edit")
def quote_order(request: HttpRequest, number: str) -> HttpResponse:
    def order_url(order: Any) -> str:
        return reverse("staff:sales_order_detail", kwargs={"number": order.number})

    return _step(request, number, quotes.order_from_quote, _("A draft order at the quoted prices."), back=order_url)
