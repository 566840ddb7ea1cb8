"""Service: a ticket in two taps from a delivered line, its answers, its end."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.kernel import clock
from backend.kernel.comments import comments_on
from backend.kernel.errors import Refusal
from backend.kernel.models import Attachment
from backend.sales import selectors as sales
from backend.service import selectors as service
from backend.service.models import Ticket
from backend.service.services import tickets
from backend.service.services.tickets import TicketData
from backend.workflow import parameters
from portals.customer.frame import found_or_404, page, who_and_when
from portals.ui import related, typed
from portals.ui.guards import customer_view
from portals.ui.sent_once import form_key, sent_once

PER_PAGE = 30
DELIVERED_DAYS = 90
MOST_LINES = 40
MOST_FILES = 6
ICONS = {
    "damage": "package-off",
    "shortage": "minus",
    "wrong_item": "arrows-exchange",
    "quality": "alert-circle",
    "question": "message-circle",
}


@require_safe
@customer_view("customer.ticket.edit")
def ticket_list(request: HttpRequest) -> HttpResponse:
    """The company's tickets, newest first."""
    found = service.tickets_visible_to(request.actor)  # type: ignore[attr-defined]
    return page(
        request,
        "customer/ticket_list.html",
        "tickets",
        {"paged": Paginator(found, PER_PAGE).get_page(request.GET.get("page"))},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@customer_view("customer.ticket.edit")
def ticket_new(request: HttpRequest) -> HttpResponse:
    """What is wrong with which goods (CPT-02)."""
    if request.method != "POST":
        return _draw_form(request)
    try:
        number = sent_once(request, "ticket", lambda: _open(request))
    except Refusal as refusal:
        return _draw_form(request, refusal)
    messages.success(request, _("%(number)s is with us. You get a mail with the answer.") % {"number": number})
    return redirect("customer:ticket_detail", number=number)


def _open(request: HttpRequest) -> str:
    posted = request.POST
    ticket = tickets.open_ticket(
        data=TicketData(
            category=typed.words(posted, "category", 20),
            subject=typed.words(posted, "subject", 120),
            description=typed.words(posted, "description", 4000),
            delivery_line_id=typed.key(posted.get("line", "")),
            affected_qty=typed.number(posted, "qty"),
        ),
        files=request.FILES.getlist("photos")[:MOST_FILES],
        **who_and_when(request),
    )
    return str(ticket.number)


def _draw_form(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    since = clock.today() - timedelta(days=DELIVERED_DAYS)
    lines = list(sales.delivered_lines_of(request.actor, since=since)[:MOST_LINES])  # type: ignore[attr-defined]
    given = request.POST if refusal else request.GET
    context: dict[str, Any] = {
        "lines": lines,
        "chosen": given.get("line") or (str(lines[0].pk) if lines and not refusal else ""),
        "categories": [
            {"code": code, "label": label, "icon": ICONS[code]}
            for code, label in Ticket._meta.get_field("category").flatchoices
        ],
        "category": given.get("category", ""),
        "response_hours": parameters.get("service.response_hours"),
        "key": form_key(request.POST),
    }
    return page(request, "customer/ticket_new.html", "tickets", context, refusal)


@require_safe
@customer_view("customer.ticket.edit")
def ticket_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket with its answers."""
    return _draw(request, _ticket(request, number))


def _ticket(request: HttpRequest, number: str) -> Ticket:
    found = service.tickets_visible_to(request.actor).filter(number=number).first()  # type: ignore[attr-defined]
    ticket: Ticket = found_or_404(found)
    return ticket


def _draw(request: HttpRequest, ticket: Ticket, refusal: Refusal | None = None) -> HttpResponse:
    shared = Attachment.objects.filter(subject_id=ticket.pk, visibility="customer")
    context = {
        "ticket": ticket,
        "messages_shared": comments_on(ticket.pk, visibility="customer"),
        "files": related.file_refs(shared, url_name="customer:file"),
        "may_write": ticket.state not in {"confirmed", "closed"},
        "solved": ticket.state == "solved",
    }
    return page(request, "customer/ticket_detail.html", "tickets", context, refusal)


@require_POST
@customer_view("customer.ticket.edit")
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Write on the ticket, with photos when there are any."""
    ticket = _ticket(request, number)
    try:
        tickets.reply_to_ticket(
            ticket_id=ticket.pk,
            text=request.POST.get("text", "").replace("\x00", ""),
            files=request.FILES.getlist("photos")[:MOST_FILES],
            **who_and_when(request),
        )
    except Refusal as refusal:
        return _draw(request, ticket, refusal)
    return redirect("customer:ticket_detail", number=number)


@require_POST
@customer_view("customer.ticket.edit")
def settle(request: HttpRequest, number: str) -> HttpResponse:
    """It is solved, or it is not."""
    ticket = _ticket(request, number)
    try:
        if request.POST.get("verdict") == "reopen":
            reason = typed.words(request.POST, "reason", 1000)
            tickets.reopen_ticket(ticket_id=ticket.pk, reason=reason, **who_and_when(request))
        else:
            tickets.confirm_ticket(ticket_id=ticket.pk, **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, ticket, refusal)
    return redirect("customer:ticket_detail", number=number)
