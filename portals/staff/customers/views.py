"""Customers: the list, the form, and the page that shows everything about one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.access.models import Member
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.parties import services as parties
from backend.parties.models import Party
from backend.parties.selectors import party_whole
from backend.sales.services.credit import Exposure
from portals.staff.customers import profile
from portals.staff.customers.forms import CustomerForm, InviteForm
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import put_on
from portals.staff.shared.parties import PartyForms
from portals.staff.shared.portal_people import PortalPeople
from portals.staff.shared.words import VERBS
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui.chips import chip
from portals.ui.components import Action, Crumb, Fact, Rung, Why
from portals.ui.guards import staff_view


def load_customer(pk: UUID) -> Party:
    """The customer with roles, people and addresses; anything else is not found."""
    party = party_whole(pk)
    if party is None or not party.is_customer:
        raise NotFoundRefused(_("There is no such customer."), value=pk)
    return party


# --- form ------------------------------------------------------------------------------------------------
def _forms(request: HttpRequest, party: Party | None) -> PartyForms:
    data = request.POST if request.method == "POST" else None
    may = request.actor.may("parties.credit.edit")  # type: ignore[attr-defined]
    return PartyForms(CustomerForm, "customer", party, data, may_set_credit=may)


def _save(request: HttpRequest, party: Party | None) -> HttpResponse:
    forms, block, status = _forms(request, party), None, 200
    if request.method == "POST":
        status = 400
        if forms.is_valid():
            try:
                saved = parties.save_party(
                    party_id=party.pk if party else None,
                    version=version_of(request),
                    data=forms.data(forms.form.terms()),  # type: ignore[attr-defined]
                    **who_and_when(request),
                )
            except Refusal as refusal:
                block, status = put_on(forms.form, refusal), refusal.status
            else:
                messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
                return HttpResponseRedirect(reverse("staff:customer_detail", kwargs={"pk": saved.pk}))
    context = {
        "forms": forms,
        "party": party,
        "error": block,
        "version": request.POST.get("version") or (party.version if party else ""),
        "title": _("Change %(name)s") % {"name": party.name} if party else _("New customer"),
        "crumbs": [Crumb(_("Customers"), reverse("staff:customer_list"))],
        "cancel_url": reverse("staff:customer_detail", kwargs={"pk": party.pk})
        if party
        else reverse("staff:customer_list"),
    }
    return render(request, "staff/customers/form.html", context, status=status)


@staff_view("parties.customer.edit")
def customer_new(request: HttpRequest) -> HttpResponse:
    return _save(request, None)


@staff_view("parties.customer.edit")
def customer_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _save(request, load_customer(pk))


# --- page ------------------------------------------------------------------------------------------------
def credit_why(credit: Exposure) -> Why:
    """How the credit that is left comes about; orders without a rate are counted, their worth nobody knows."""
    lacking = ngettext("%(count)s has no exchange rate", "%(count)s have no exchange rate", credit.unrated)
    note = lacking % {"count": credit.unrated} if credit.unrated else ""
    rungs = [
        Rung(_("Owed by invoices, less advances"), formats.money(credit.receivable)),
        Rung(_("Delivered, not invoiced"), formats.money(credit.not_invoiced), "+"),
        Rung(_("Approved orders not shipped"), formats.money(credit.open_orders), "+", note),
        Rung(_("Used"), formats.money(credit.total), "=", result=True),
    ]
    if credit.left is not None:
        rungs.append(Rung(_("Credit limit"), formats.money(credit.limit)))
        rungs.append(Rung(_("Left"), formats.money(credit.left), "=", result=True, signal=credit.is_over))
    return Why(_("How the credit is used"), rungs)


def _facts(party: Party, money: profile.Money, salesperson: str) -> list[Fact]:
    terms = party.customer
    limit = formats.money(terms.credit_limit) if terms.credit_limit is not None else _("no limit")
    overdue = (
        _("%(amount)s overdue") % {"amount": formats.money(money.overdue)} if money.overdue else _("nothing overdue")
    )
    return [
        Fact(_("Owes"), formats.money(money.credit.receivable), overdue, numeric=True),
        Fact(_("Credit limit"), limit, _("used %(used)s") % {"used": formats.money(money.credit.total)}, numeric=True),
        Fact(
            _("Bought this year"),
            formats.money(money.sold_this_year),
            _("orders: %(count)s, the last on %(day)s")
            % {"count": money.orders_this_year, "day": formats.short_day(money.last_order)},
            numeric=True,
        ),
        Fact(
            _("Payment term"),
            formats.days(terms.payment_days),
            _("level %(level)s") % {"level": terms.level} if terms.level else "",
        ),
        Fact(_("Salesperson"), salesperson or "–", _("complete orders only") if terms.ship_complete else ""),
    ]


def _actions(request: HttpRequest, party: Party) -> list[Action]:
    may = request.actor.may  # type: ignore[attr-defined]
    found = []
    if may("parties.customer.edit"):
        found.append(Action(_("Change"), reverse("staff:customer_edit", kwargs={"pk": party.pk}), icon="edit"))
    if may("invoicing.receipt.edit"):
        found.append(
            Action(_("Record a receipt"), f"{reverse('staff:receipt_new')}?customer={party.pk}", icon="cash-banknote")
        )
    if may("sales.order.edit"):
        found.append(
            Action(
                _("New sales order"),
                f"{reverse('staff:sales_order_new')}?customer={party.pk}",
                icon="plus",
                look="primary",
            )
        )
    return found


def _page(
    request: HttpRequest, party: Party, *, invite: InviteForm | None = None, block: Any = None, status: int = 200
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    prices = actor.may("catalog.price.view")
    money = profile.money_of(party.pk, clock.today())
    seller = Member.objects.filter(pk=party.customer.salesperson_id).first() if party.customer.salesperson_id else None
    context = {
        "party": party,
        "chips": [chip("active", str(party.active))],
        "crumbs": [Crumb(_("Customers"), reverse("staff:customer_list"))],
        "actions": _actions(request, party),
        "facts": _facts(party, money, seller.name if seller else "") if prices else [],
        "credit": credit_why(money.credit) if prices else None,
        "orders": profile.recent_orders(actor, party.pk) if actor.may("sales.order.view") else None,
        "invoices": profile.open_invoices(party.pk) if prices and actor.may("invoicing.sales_invoice.view") else None,
        "tickets": profile.recent_tickets(party.pk) if actor.may("service.ticket.view") else None,
        **PEOPLE.shown(party, actor, invite),
        "timeline": ui_related.timeline(party.pk, limit=8, words=VERBS),
        "prices": prices,
        "today": clock.today(),
        "error": block,
    }
    return render(request, "staff/customers/detail.html", context, status=status)


@staff_view("parties.customer.view")
def customer_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _page(request, load_customer(pk))


PEOPLE = PortalPeople("customer", load_customer, _page)
customer_invite, customer_uninvite, customer_member_off = PEOPLE.invite(), PEOPLE.uninvite(), PEOPLE.member_off()
