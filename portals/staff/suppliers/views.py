"""Suppliers: the form, the page with orders and money, and who of them signs in to the portal."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import connection
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.models import PriceList
from backend.invoicing.models import PurchaseInvoice
from backend.kernel import clock
from backend.kernel.currency import HOME, sql_at_home
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.parties import services as parties
from backend.parties.inputs import SupplierData
from backend.parties.models import Party
from backend.parties.models.party import SupplierState
from backend.parties.selectors import party_whole
from backend.purchasing.selectors.orders import orders_visible_to
from portals.staff.customers.forms import InviteForm
from portals.staff.inventory.tables import COST
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import put_on, staff_choices
from portals.staff.shared.lists import PRICES
from portals.staff.shared.parties import PartyForm, PartyForms, uuid_or_none
from portals.staff.shared.portal_people import PortalPeople
from portals.staff.shared.words import VERBS
from portals.staff.suppliers.qualification import standing_banner
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui.chips import chip
from portals.ui.components import Action, Fact
from portals.ui.guards import staff_view
from portals.ui.navigation import trail

_SHOWN = 8
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD")


class SupplierForm(PartyForm):
    """A supplier with its terms."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[
            (state.value, state.label)
            for state in (SupplierState.APPROVED, SupplierState.PENDING, SupplierState.POTENTIAL)
        ],
        initial=SupplierState.APPROVED,
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        choices=[(code, code) for code in CURRENCIES],
        required=False,
        help_text=gettext_lazy("Of new orders, quotes and price lists"),
    )
    lead_days = forms.IntegerField(label=gettext_lazy("Days to make"), min_value=0, max_value=999, initial=5)
    transport_days = forms.IntegerField(label=gettext_lazy("Days on the way"), min_value=0, max_value=999, initial=2)
    payment_days = forms.IntegerField(label=gettext_lazy("Payment term (days)"), min_value=0, max_value=365, initial=30)
    over_receipt_pct = forms.DecimalField(
        label=gettext_lazy("May deliver more by (%)"),
        min_value=0,
        max_value=100,
        initial=0,
        max_digits=9,
        decimal_places=4,
    )
    date_tolerance_days = forms.IntegerField(
        label=gettext_lazy("May be later by (days)"),
        min_value=0,
        max_value=60,
        initial=0,
        help_text=gettext_lazy("Later answers go to the buyer"),
    )
    buyer_id = forms.ChoiceField(label=gettext_lazy("Buyer"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buyer_id"].choices = staff_choices()  # type: ignore[attr-defined]
        if self.initial.get("currency") not in {None, *CURRENCIES}:  # kept, whatever it is
            own = self.initial["currency"]
            self.fields["currency"].choices = [(own, own), *self.fields["currency"].choices]  # type: ignore[attr-defined]
        if "state" in self.initial:  # of a supplier that exists: its state has steps of its own
            del self.fields["state"]

    def terms(self) -> SupplierData:
        clean = self.cleaned_data
        names = ("lead_days", "transport_days", "payment_days", "over_receipt_pct", "date_tolerance_days")
        terms = {name: clean[name] for name in names}
        return SupplierData(**terms, state=clean.get("state", ""), buyer_id=uuid_or_none(clean["buyer_id"]))


def load_supplier(pk: UUID) -> Party:
    """The supplier with terms, people and addresses; anything else is not found."""
    party = party_whole(pk)
    if party is None or not party.is_supplier:
        raise NotFoundRefused(_("There is no such supplier."), value=pk)
    return party


def _url(party: Party) -> str:
    return reverse("staff:supplier_detail", kwargs={"pk": party.pk})


def _save(request: HttpRequest, party: Party | None) -> HttpResponse:
    pages = PartyForms(SupplierForm, "supplier", party, request.POST if request.method == "POST" else None)
    block, status = None, 200
    if request.method == "POST":
        status = 400
        if pages.is_valid():
            try:
                saved = parties.save_party(
                    party_id=party.pk if party else None,
                    version=version_of(request),
                    data=pages.data(pages.form.terms()),  # type: ignore[attr-defined]
                    **who_and_when(request),
                )
            except Refusal as refusal:
                block, status = put_on(pages.form, refusal), refusal.status
            else:
                messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
                return HttpResponseRedirect(_url(saved))
    context = {
        "forms": pages,
        "error": block,
        "version": request.POST.get("version") or (party.version if party else ""),
        "title": _("Change %(name)s") % {"name": party.name} if party else _("New supplier"),
        "crumbs": trail("staff:supplier_list"),
        "cancel_url": _url(party) if party else reverse("staff:supplier_list"),
    }
    return render(request, "staff/suppliers/form.html", context, status=status)


@staff_view("parties.supplier.edit")
def supplier_new(request: HttpRequest) -> HttpResponse:
    return _save(request, None)


@staff_view("parties.supplier.edit")
def supplier_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _save(request, load_supplier(pk))


# --- page ------------------------------------------------------------------------------------------------------
_FIGURES = f"""
SELECT
 coalesce((SELECT sum(open_amount) FROM accounting_open_item
    WHERE party_id = %(party)s AND kind = 'payable' AND open_amount <> 0), 0),
 coalesce((SELECT sum(open_amount) FROM accounting_open_item
    WHERE party_id = %(party)s AND kind = 'payable' AND open_amount > 0 AND due_date < %(today)s), 0),
 coalesce((SELECT sum({sql_at_home("net_amount")}) FROM purchasing_order
    WHERE supplier_id = %(party)s AND approval = 'approved' AND doc_date >= %(year)s), 0),
 (SELECT count(*) FROM purchasing_schedule_line s JOIN purchasing_order_line l ON l.id = s.order_line_id
    JOIN purchasing_order o ON o.id = l.document_id
    WHERE o.supplier_id = %(party)s AND o.approval = 'approved' AND s.date < %(today)s),
 (SELECT count(*) FROM purchasing_schedule_line s JOIN purchasing_order_line l ON l.id = s.order_line_id
    JOIN purchasing_order o ON o.id = l.document_id
    WHERE o.supplier_id = %(party)s AND o.approval = 'approved' AND s.date < %(today)s AND s.received_qty < s.qty)
"""


def _figures(party_id: UUID) -> tuple[Any, ...]:
    """Owed, overdue, bought this year, parts due, parts due and still missing: one statement."""
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"party": party_id, "today": today, "year": today.replace(month=1, day=1)})
        found: tuple[Any, ...] = cursor.fetchone()
    return found


def _facts(party: Party, actor: Any) -> list[Fact]:
    terms = party.supplier
    found = []
    owed, overdue, bought, due, missing = _figures(party.pk)
    if actor.may(PRICES):
        late = _("%(amount)s overdue") % {"amount": formats.money(overdue)} if overdue else _("nothing overdue")
        found += [
            Fact(_("We owe"), formats.money(owed), late, numeric=True),
            Fact(_("Bought this year"), formats.money(bought), _("net, approved orders"), numeric=True),
        ]
    arrived = _("parts due so far: %(count)s") % {"count": due}
    wait = _("%(lead)s to make, %(way)s on the way") % {"lead": terms.lead_days, "way": terms.transport_days}
    return [
        *found,
        Fact(_("Due and missing"), formats.qty(missing), arrived, numeric=True),
        Fact(_("Days"), str(terms.lead_days + terms.transport_days), wait, numeric=True),
        Fact(_("Currency"), party.currency),
        Fact(
            _("Payment term (days)"),
            str(terms.payment_days),
            _("dates may slip by %(days)s") % {"days": terms.date_tolerance_days},
        ),
    ]


def _price_lists(party: Party) -> list[PriceList]:
    """What is agreed with the supplier, the lists in use first, with how many prices hold today."""
    today = clock.today()
    holds = (Q(lines__valid_from=None) | Q(lines__valid_from__lte=today)) & (
        Q(lines__valid_to=None) | Q(lines__valid_to__gte=today)
    )
    found = PriceList.objects.filter(party=party, kind="purchase").annotate(holding=Count("lines", filter=holds))
    return list(found.order_by("-active", "name", "id")[:_SHOWN])


def _page(
    request: HttpRequest, party: Party, *, invite: InviteForm | None = None, block: Any = None, status: int = 200
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    prices = actor.may(PRICES)
    actions = []
    if actor.may("purchasing.order.edit") and party.supplier.state != SupplierState.BLOCKED:
        url = f"{reverse('staff:purchase_order_new')}?supplier={party.pk}"
        actions.append(Action(_("New purchase order"), url, icon="plus", look="primary"))
    if actor.may("parties.supplier.edit"):
        actions.insert(0, Action(_("Edit"), reverse("staff:supplier_edit", kwargs={"pk": party.pk}), icon="edit"))
    if actor.may("srm.score.view"):
        url = reverse("staff:supplier_score", kwargs={"pk": party.pk})
        actions.insert(0, Action(_("Scorecard"), url, icon="report-analytics"))
    if actor.may("srm.bank_account.view"):
        url = reverse("staff:supplier_bank", kwargs={"pk": party.pk})
        actions.insert(0, Action(_("Bank account"), url, icon="building-bank"))
    if actor.may("srm.qualification.view"):
        url = reverse("staff:supplier_qualification", kwargs={"pk": party.pk})
        actions.insert(0, Action(_("Qualification"), url, icon="certificate"))
    invoices = PurchaseInvoice.objects.filter(supplier=party, approval="approved").exclude(settled="full")
    context = {
        "party": party,
        "chips": [chip("supplier", party.supplier.state), *([] if party.active else [chip("active", "False")])],
        "actions": actions,
        "crumbs": trail("staff:supplier_list"),
        "facts": _facts(party, actor),
        "orders": list(orders_visible_to(actor).filter(supplier=party).exclude(approval="voided")[:_SHOWN])
        if actor.may("purchasing.order.view")
        else None,
        "invoices": list(invoices.order_by("due_date", "id")[:_SHOWN])
        if actor.may("invoicing.purchase_invoice.view")
        else None,
        "lists": _price_lists(party) if prices and actor.may("catalog.price_list.view") and actor.may(COST) else None,
        **PEOPLE.shown(party, actor, invite),
        "timeline": ui_related.timeline(party.pk, limit=8, words=VERBS),
        "prices": prices,
        "home": HOME,
        "banner": standing_banner(party),
        "today": clock.today(),
        "error": block,
    }
    return render(request, "staff/suppliers/detail.html", context, status=status)


@staff_view("parties.supplier.view")
def supplier_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _page(request, load_supplier(pk))


PEOPLE = PortalPeople("supplier", load_supplier, _page)
supplier_invite, supplier_uninvite, supplier_member_off = PEOPLE.invite(), PEOPLE.uninvite(), PEOPLE.member_off()
