"""Tickets: opened from what was delivered, answered, assigned, solved; with everything the chain knows beside them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST

from backend.kernel import clock
from backend.kernel.comments import comments_on
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.models import Attachment
from backend.parties.models import Party
from backend.sales.models import SalesDelivery, SalesDeliveryLine
from backend.service.models import Ticket
from backend.service.selectors import TicketContext, ticket_context, tickets_visible_to
from backend.service.services import tickets
from backend.service.states import OPEN_STATES, TICKET
from portals.staff.sales.entry import uuid_of
from portals.staff.sales.scope import visible_deliveries
from portals.staff.shared.acting import step, who_and_when
from portals.staff.shared.dialogs import Ask, Dialog, reason_dialog, typed
from portals.staff.shared.forms import PickField, StaffForm, put_on, staff_choices
from portals.staff.shared.registry import kind_of
from portals.staff.shared.words import VERBS
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address

WAITING = (
    ("customer", gettext_lazy("the customer")),
    ("supplier", gettext_lazy("the supplier")),
    ("carrier", gettext_lazy("the carrier")),
    ("internal", gettext_lazy("a colleague")),
)
_VERBS = {
    "open": gettext_lazy("opened the ticket"),
    "triage": gettext_lazy("took it up"),
    "wait": gettext_lazy("waits for somebody"),
    "solve": gettext_lazy("solved it"),
    "assign": gettext_lazy("assigned it"),
}


def load_ticket(actor: Any, number: str) -> Ticket:
    """The ticket, when this actor may see it; not found otherwise."""
    found = tickets_visible_to(actor).filter(number=number).first()
    if found is None:
        raise NotFoundRefused(_("There is no such ticket."), value=number)
    return found


def url_of(name: str, ticket: Ticket) -> str:
    return reverse(f"staff:ticket_{name}", kwargs={"number": ticket.number})


# --- opening ---------------------------------------------------------------------------------------------
class TicketForm(StaffForm):
    customer = PickField(
        label=gettext_lazy("Customer"), model=Party, role="is_customer", url_name="staff:find_customers", required=False
    )
    delivery_line_id = forms.ChoiceField(label=gettext_lazy("Delivered line"), required=False)
    category = forms.ChoiceField(
        label=gettext_lazy("Category"), choices=lambda: Ticket._meta.get_field("category").flatchoices
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"), choices=lambda: Ticket._meta.get_field("priority").flatchoices
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=120, required=False)
    affected_qty = forms.DecimalField(
        label=gettext_lazy("Affected quantity"), max_digits=18, decimal_places=4, required=False
    )
    contact_name = forms.CharField(label=gettext_lazy("Who called"), max_length=60, required=False)
    description = forms.CharField(
        label=gettext_lazy("What happened"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, delivery: SalesDelivery | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = delivery.lines.select_related("item__unit", "lot").order_by("line_no") if delivery else []
        choices = [(str(line.pk), _line_words(line)) for line in lines]
        self.fields["delivery_line_id"].choices = choices or [("", "–")]  # type: ignore[attr-defined]

    @property
    def customer_label(self) -> str:
        picked = self.data.get("customer") if self.is_bound else self.initial.get("customer")
        return self.fields["customer"].label_of(picked)  # type: ignore[attr-defined]

    def values(self) -> tickets.TicketData:
        clean = self.cleaned_data
        return tickets.TicketData(
            category=clean["category"],
            subject=clean["subject"],
            description=clean["description"],
            priority=clean["priority"],
            delivery_line_id=uuid_of(clean["delivery_line_id"]),
            customer_id=clean["customer"],
            affected_qty=clean["affected_qty"],
            contact_name=clean["contact_name"],
        )


def _line_words(line: SalesDeliveryLine) -> str:
    lot = f" · {line.lot.lot_no}" if line.lot else ""
    return f"{line.line_no} · {line.item.name} · {formats.qty(line.qty)} {line.item.unit}{lot}"


@staff_view("service.ticket.edit")
def ticket_new(request: HttpRequest) -> HttpResponse:
    """A ticket about a delivered line (then the chain fills it), or about a customer."""
    number = request.GET.get("delivery", "")
    delivery = None
    if number:
        delivery = visible_deliveries(request.actor).select_related("customer").filter(number=number).first()  # type: ignore[attr-defined]
    error, status = None, 200
    if request.method == "POST":
        form = TicketForm(request.POST, delivery=delivery)
        status = 400
        if form.is_valid():
            try:
                made = tickets.open_ticket(
                    data=form.values(), files=request.FILES.getlist("files"), **who_and_when(request)
                )
            except Refusal as refusal:
                error, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("%(number)s is open.") % {"number": made.number})
                return HttpResponseRedirect(url_of("detail", made))
    else:
        form = TicketForm(initial={"customer": request.GET.get("customer", "")}, delivery=delivery)
    crumbs = [Crumb(_("Service")), Crumb(_("Tickets"), reverse("staff:ticket_list"))]
    context = {"form": form, "delivery": delivery, "error": error, "crumbs": crumbs}
    return render(request, "staff/service/form.html", context, status=status)


# --- page ------------------------------------------------------------------------------------------------
def steps(ticket: Ticket, actor: Any) -> dict[str, Any]:
    """Solve is the next sensible step of an open ticket."""
    if not actor.may("service.ticket.edit"):
        return {"primary": None, "actions": [], "more": []}
    actions, more = [], []
    if ticket.supplier_id and actor.may("srm.claim.edit"):
        url = f"{reverse('staff:claim_new')}?ticket={ticket.number}"
        more.append(Action(_("Claim against the supplier"), url, icon="alert-triangle"))
    primary = None
    if TICKET.may(ticket, "solve"):
        primary = Action(_("Solve…"), icon="check", dialog="solve", look="primary")
        actions.append(Action(_("Assign…"), icon="user-check", dialog="assign"))
        more.append(Action(_("Wait for…"), icon="hourglass", dialog="wait"))
    if TICKET.may(ticket, "confirm"):
        more.append(
            Action(_("Confirmed by the customer"), url_of("confirmation", ticket), icon="thumb-up", method="post")
        )
    if TICKET.may(ticket, "close"):
        more.append(Action(_("Close"), url_of("closing", ticket), icon="archive", method="post"))
    if TICKET.may(ticket, "reopen"):
        actions.append(Action(_("Reopen…"), icon="rotate", dialog="reopen"))
    return {"primary": primary, "actions": [*actions, *([primary] if primary else [])], "more": more}


def dialogs_of(request: HttpRequest, ticket: Ticket) -> list[Dialog]:
    solve = Ask(
        "solution",
        _("What solved it"),
        value=typed(request, "solution"),
        hint=_("The customer reads it and confirms."),
        most=1000,
    )
    member = Ask(
        "member",
        _("Colleague"),
        "select",
        typed(request, "member", str(ticket.assignee_id or "")),
        options=staff_choices()[1:],
    )
    waits = Ask("waiting_for", _("Waits for"), "select", typed(request, "waiting_for", "supplier"), options=WAITING)
    return [
        Dialog("solve", _("Solve the ticket"), url_of("solution", ticket), _("Solved"), (solve,)),
        Dialog("assign", _("Assign the ticket"), url_of("assignment", ticket), _("Assign"), (member,)),
        Dialog("wait", _("Wait for somebody"), url_of("waiting", ticket), _("Wait"), (waits,)),
        reason_dialog(
            request, "reopen", _("Reopen the ticket"), url_of("reopening", ticket), _("Reopen"), ticket.version
        ),
    ]


def _banner(ticket: Ticket) -> Banner | None:
    if ticket.state in OPEN_STATES and ticket.first_response_at is None:
        late = ticket.respond_by < clock.now()
        words = _("Nobody has answered the customer yet; an answer is due %(when)s.") % {
            "when": formats.moment(ticket.respond_by)
        }
        return Banner(
            _("Answer overdue.") if late else _("Waiting for the first answer."),
            words,
            look="bad" if late else "",
            icon="clock",
        )
    return None


def _facts(ticket: Ticket, actor: Any) -> list[Fact]:
    may = actor.may
    customer_url = (
        reverse("staff:customer_detail", kwargs={"pk": ticket.customer_id}) if may("parties.customer.view") else ""
    )
    answered = (
        _("answered %(when)s") % {"when": formats.moment(ticket.first_response_at)} if ticket.first_response_at else ""
    )
    waits = dict(WAITING).get(ticket.waiting_for, "")
    return [
        Fact(_("Customer"), ticket.customer.name, ticket.contact_name, customer_url),
        Fact(_("Category"), ticket.get_category_display(), ticket.get_priority_display()),
        Fact(_("Opened"), formats.moment(ticket.created_at), answered, numeric=True),
        Fact(_("Assigned to"), ticket.assignee_name or "–", _("waits for %(who)s") % {"who": waits} if waits else ""),
        Fact(_("Affected quantity"), formats.qty(ticket.affected_qty) if ticket.affected_qty else "–"),
    ]


def _chain(ticket: Ticket, actor: Any) -> list[Fact]:
    """What the delivered line told: order, delivery, item, lot, supplier, carrier."""
    line, found = ticket.delivery_line, []
    if ticket.order:
        found.append(
            Fact(
                pgettext("document", "Order"),
                ticket.order.number,
                url=document_address("sales.order", ticket.order.number),
            )
        )
    if line:
        number = line.document.number
        found.append(
            Fact(_("Delivery"), number, formats.day(line.document.doc_date), document_address("sales.delivery", number))
        )
    if ticket.item:
        found.append(Fact(_("Item"), ticket.item.name, f"{ticket.item.code} {ticket.item.spec}".strip()))
    if ticket.lot:
        expiry = _("expires %(day)s") % {"day": formats.day(ticket.lot.expiry_date)} if ticket.lot.expiry_date else ""
        found.append(Fact(_("Lot"), ticket.lot.lot_no, expiry or ticket.lot.supplier_lot_no))
    if ticket.supplier and actor.may("parties.supplier.view"):
        found.append(Fact(_("Supplier"), ticket.supplier.name, ticket.lot.supplier_lot_no if ticket.lot else ""))
    if ticket.carrier or ticket.shipment:
        name = ticket.carrier.name if ticket.carrier else ticket.shipment.carrier_name  # type: ignore[union-attr]
        found.append(Fact(_("Carrier"), name or "–", ticket.shipment.tracking_no if ticket.shipment else ""))
    return found


def draw_ticket(request: HttpRequest, ticket: Ticket, error: Any = None, status: int = 200) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    around: TicketContext = ticket_context(ticket)
    kind = kind_of(ticket.DOC_TYPE)
    context = {
        "ticket": ticket,
        "chips": [chip("ticket", ticket.state)],
        "crumbs": [Crumb(_("Service")), Crumb(_("Tickets"), reverse("staff:ticket_list"))],
        "banner": _banner(ticket),
        "facts": _facts(ticket, actor),
        "chain": _chain(ticket, actor),
        "around": around,
        "orders": around.last_orders if actor.may("sales.order.view") else [],
        "talk": [(row, row.author_kind == "staff") for row in comments_on(ticket.pk)],
        "files": ui_related.file_refs(Attachment.objects.filter(subject_id=ticket.pk).order_by("created_at", "id")),
        "timeline": ui_related.timeline(ticket.pk, limit=12, words=VERBS | _VERBS),
        "may_edit": actor.may("service.ticket.edit"),
        "text": request.POST.get("text", ""),
        "dialogs": dialogs_of(request, ticket),
        "upload_url": reverse("staff:file_add", kwargs={"doc_type": ticket.DOC_TYPE, "pk": ticket.pk}),
        "error": error,
        "kind": kind,
        **steps(ticket, actor),
    }
    return render(request, "staff/service/ticket.html", context, status=status)


@staff_view("service.ticket.view")
def ticket_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_ticket(request, load_ticket(request.actor, number))  # type: ignore[attr-defined]


# --- steps -----------------------------------------------------------------------------------------------
def _step(request: HttpRequest, number: str, do: Callable[..., Any], done: Any, **kwargs: Any) -> HttpResponse:
    ticket = load_ticket(request.actor, number)  # type: ignore[attr-defined]
    return step(
        request,
        lambda: do(ticket_id=ticket.pk, **who_and_when(request), **kwargs),
        done=done,
        back=url_of("detail", ticket),
        refused=lambda error: draw_ticket(request, load_ticket(request.actor, number), error),  # type: ignore[attr-defined]
    )


@require_POST
@staff_view("service.ticket.edit")
def ticket_reply(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the customer, or internally."""
    internal = request.POST.get("internal") == "1"
    done = _("Noted.") if internal else _("Sent to the customer.")
    files = request.FILES.getlist("files")
    text = request.POST.get("text", "")
    return _step(request, number, tickets.reply_to_ticket, done, text=text, internal=internal, files=files)


@require_POST
@staff_view("service.ticket.edit")
def ticket_assign(request: HttpRequest, number: str) -> HttpResponse:
    member = uuid_of(request.POST.get("member", ""))
    if member is None:
        raise ValidationRefused(_("Choose a colleague."), document=number, field="member")
    return _step(request, number, tickets.assign_ticket, _("Assigned."), member_id=member)


@require_POST
@staff_view("service.ticket.edit")
def ticket_wait(request: HttpRequest, number: str) -> HttpResponse:
    return _step(
        request, number, tickets.wait_on_ticket, _("It waits."), waiting_for=request.POST.get("waiting_for", "")
    )


@require_POST
@staff_view("service.ticket.edit")
def ticket_solve(request: HttpRequest, number: str) -> HttpResponse:
    done = _("Solved: the customer is asked to confirm.")
    return _step(request, number, tickets.solve_ticket, done, solution=request.POST.get("solution", ""))


@require_POST
@staff_view("service.ticket.edit")
def ticket_confirm(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, tickets.confirm_ticket, _("Confirmed."))


@require_POST
@staff_view("service.ticket.edit")
def ticket_close(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, tickets.close_ticket, _("Closed."))


@require_POST
@staff_view("service.ticket.edit")
def ticket_reopen(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, tickets.reopen_ticket, _("Reopened."), reason=request.POST.get("reason", ""))
