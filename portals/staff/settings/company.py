"""Settings of the company: parameters, numbering, fund accounts."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounting.models import Account
from backend.invoicing.models import FundAccount
from backend.invoicing.services.funds import MONEY_ROLES, FundAccountData, save_fund_account
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, PermissionRefused
from backend.kernel.models import NumberingRule
from backend.kernel.numbering_rules import DATES, sample, save_rule
from backend.workflow import parameters
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.masters import edit_page
from portals.staff.shared.registry import KINDS, label_of
from portals.ui import navigation
from portals.ui.components import Action, Crumb
from portals.ui.guards import staff_view

MANAGE = "workflow.setting.manage"

# label, what it is for, page, right, icon
CARDS = (
    (
        gettext_lazy("Company parameters"),
        gettext_lazy("How books, credit, purchasing and service work"),
        "staff:settings_parameters",
        "workflow.setting.view",
        "adjustments",
    ),
    (
        gettext_lazy("Document numbers"),
        gettext_lazy("Prefix, date and digits of each kind of document"),
        "staff:settings_numbering",
        "workflow.setting.view",
        "list-details",
    ),
    (
        gettext_lazy("Approvals"),
        gettext_lazy("Levels and amounts, who approves, who stands in"),
        "staff:settings_approvals",
        "workflow.setting.view",
        "clipboard-check",
    ),
    (
        gettext_lazy("Members"),
        gettext_lazy("Staff, suppliers' and customers' people: invite, roles, access"),
        "staff:settings_members",
        "access.member.view",
        "users",
    ),
    (
        gettext_lazy("Roles and rights"),
        gettext_lazy("What each role may see and do"),
        "staff:settings_roles",
        "access.member.view",
        "shield-check",
    ),
    (
        gettext_lazy("Bank accounts and cash"),
        gettext_lazy("Where money comes in and goes out"),
        "staff:settings_funds",
        "invoicing.fund_account.view",
        "building-bank",
    ),
    (
        gettext_lazy("Warehouses"),
        gettext_lazy("Places where stock lies"),
        "staff:warehouse_list",
        "inventory.warehouse.view",
        "building-warehouse",
    ),
    (
        gettext_lazy("Costing methods"),
        gettext_lazy("Moving average, FIFO, monthly average or specific cost, by category"),
        "staff:settings_costing",
        "inventory.cost.method",
        "calculator",
    ),
    (
        gettext_lazy("API tokens"),
        gettext_lazy("Your own keys for programs"),
        "staff:settings_tokens",
        "access.token.manage",
        "key",
    ),
)


def crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(_("Settings"), reverse("staff:settings_home")), *more]


@staff_view()
def home(request: HttpRequest) -> HttpResponse:
    """What this member may set up."""
    actor = request.actor  # type: ignore[attr-defined]
    cards = [
        {"label": label, "text": text, "url": navigation.address(request, name), "icon": icon}
        for label, text, name, right, icon in CARDS
        if actor.may(right)
    ]
    if not cards:
        raise PermissionRefused(_("Your role does not include this: %(code)s.") % {"code": "workflow.setting.view"})
    return render(request, "staff/settings/home.html", {"cards": cards})


# --- parameters --------------------------------------------------------------------------------------------------
AREAS = (
    ("accounting", gettext_lazy("Books")),
    ("sales", gettext_lazy("Sales")),
    ("purchasing", gettext_lazy("Purchasing")),
    ("srm", gettext_lazy("Supplier relations")),
    ("inventory", gettext_lazy("Inventory")),
    ("service", gettext_lazy("Service")),
    ("workflow", gettext_lazy("Approvals")),
)


class ParameterForm(StaffForm):
    """One field for each declared parameter; dots of the key become two underscores."""

    def __init__(self, *args: Any, locked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, declared in parameters.PARAMETERS.items():
            name = key.replace(".", "__")
            self.fields[name] = _field_of(declared)
            self.fields[name].disabled = locked


def _field_of(declared: parameters.Parameter) -> forms.Field:
    shared: dict[str, Any] = {"label": declared.label, "help_text": declared.help}
    if declared.kind is bool:
        return forms.BooleanField(required=False, **shared)
    if declared.kind is int:
        return forms.IntegerField(min_value=declared.minimum, max_value=declared.maximum, **shared)
    return forms.ChoiceField(choices=list(declared.choices.items()), **shared)


@staff_view("workflow.setting.view")
def parameter_page(request: HttpRequest) -> HttpResponse:
    """Change how the company works; only what differs is written."""
    actor = request.actor  # type: ignore[attr-defined]
    may = actor.may(MANAGE)
    if request.method == "POST":
        actor.require(MANAGE)
    values = parameters.stored_values()
    initial = {key.replace(".", "__"): value for key, value in values.items()}
    form = ParameterForm(request.POST) if request.method == "POST" else ParameterForm(initial=initial, locked=not may)

    def save() -> None:
        with transaction.atomic():
            for name, value in form.cleaned_data.items():
                key = name.replace("__", ".", 1)
                if value != values.get(key):
                    parameters.set_parameter(key=key, value=value, **who_and_when(request))

    names = list(form.fields)
    sections = [(label, [name for name in names if name.startswith(f"{area}__")]) for area, label in AREAS]
    back = reverse("staff:settings_parameters")
    return edit_page(
        request,
        form=form,
        sections=sections,
        save=save,
        back=lambda _saved: back,
        title=_("Company parameters"),
        crumbs=crumbs(),
        cancel_url=reverse("staff:settings_home"),
    )


# --- numbering -----------------------------------------------------------------------------------------------------
class RuleForm(StaffForm):
    prefix = forms.CharField(label=gettext_lazy("Prefix"), max_length=12)  # type: ignore[assignment]
    date_format = forms.ChoiceField(label=gettext_lazy("Date in the number"), required=False)
    separator = forms.CharField(label=gettext_lazy("Separator"), max_length=2, required=False)
    digits = forms.IntegerField(label=gettext_lazy("Digits"), min_value=3, max_value=9)
    reset = forms.ChoiceField(
        label=gettext_lazy("The counter starts again"),
        choices=[
            ("day", gettext_lazy("every day")),
            ("month", gettext_lazy("every month")),
            ("year", gettext_lazy("every year")),
            ("never", gettext_lazy("never")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = date(clock.today().year, 12, 31)
        self.fields["date_format"].choices = [(each, day.strftime(each) if each else "–") for each in DATES]  # type: ignore[attr-defined]


_OTHERS = {  # what is numbered without being a document of its own kind
    "purchasing.subcontract": gettext_lazy("Subcontract order"),
    "inventory.conversion": gettext_lazy("Item conversion"),
    "catalog.item": gettext_lazy("Item"),
    "parties.party": gettext_lazy("Partner"),
    "parties.customer": gettext_lazy("Customer"),
    "parties.supplier": gettext_lazy("Supplier"),
    "parties.carrier": gettext_lazy("Carrier"),
    "catalog.price_list": gettext_lazy("Price list"),
}


def _kind_label(doc_type: str) -> str:
    return str(label_of(doc_type) if doc_type in KINDS else _OTHERS.get(doc_type, doc_type))


@staff_view("workflow.setting.view")
def numbering(request: HttpRequest) -> HttpResponse:
    rows = [
        {"it": rule, "label": _kind_label(rule.doc_type), "sample": sample(rule, clock.today())}
        for rule in NumberingRule.objects.order_by("doc_type")
        if rule.doc_type in KINDS or rule.doc_type in _OTHERS  # what has a name has pages
    ]
    may = request.actor.may(MANAGE)  # type: ignore[attr-defined]
    return render(request, "staff/settings/numbering.html", {"rows": rows, "may": may, "crumbs": crumbs()})


@staff_view(MANAGE)
def numbering_edit(request: HttpRequest, doc_type: str) -> HttpResponse:
    rule = NumberingRule.objects.filter(doc_type=doc_type).first()
    if rule is None:
        raise NotFoundRefused(_("There is no such rule."), value=doc_type)
    names = ("prefix", "date_format", "separator", "digits", "reset")
    form = (
        RuleForm(request.POST) if request.method == "POST" else RuleForm(initial={n: getattr(rule, n) for n in names})
    )
    back = reverse("staff:settings_numbering")
    return edit_page(
        request,
        form=form,
        sections=[("", names)],
        save=lambda: save_rule(doc_type=doc_type, **form.cleaned_data, **who_and_when(request)),
        back=lambda _saved: back,
        title=_("Numbers of %(kind)s") % {"kind": _kind_label(doc_type)},
        crumbs=crumbs(Crumb(_("Document numbers"), back)),
        cancel_url=back,
    )


# --- fund accounts -----------------------------------------------------------------------------------------------------
class FundForm(StaffForm):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=20)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=FundAccount._meta.get_field("kind").flatchoices)
    account_id = forms.ChoiceField(label=gettext_lazy("Ledger account"), required=False)
    bank_name = forms.CharField(label=gettext_lazy("Bank"), max_length=80, required=False)
    bank_account_no = forms.CharField(label=gettext_lazy("Account number"), max_length=40, required=False)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Account.objects.filter(is_leaf=True, roles__role__in=MONEY_ROLES).distinct().order_by("code")
        choices = [("", _("the chart's own")), *((str(row.pk), str(row)) for row in found)]
        self.fields["account_id"].choices = choices  # type: ignore[attr-defined]

    def values(self) -> FundAccountData:
        clean = dict(self.cleaned_data)
        clean["account_id"] = UUID(clean["account_id"]) if clean["account_id"] else None
        return FundAccountData(**clean)


@staff_view("invoicing.fund_account.view")
def funds(request: HttpRequest) -> HttpResponse:
    may = request.actor.may("invoicing.fund_account.edit")  # type: ignore[attr-defined]
    actions = [Action(_("New account"), reverse("staff:settings_fund_new"), icon="plus", look="primary")] if may else []
    rows = FundAccount.objects.select_related("account").order_by("-active", "kind", "code")
    return render(
        request, "staff/settings/funds.html", {"rows": rows, "may": may, "actions": actions, "crumbs": crumbs()}
    )


def _fund_edit(request: HttpRequest, fund: FundAccount | None) -> HttpResponse:
    names = ("name", "code", "kind", "account_id", "bank_name", "bank_account_no", "active")
    initial = {name: getattr(fund, name) for name in names} if fund else {"kind": "bank"}
    if fund:
        initial["account_id"] = str(fund.account_id)
    form = FundForm(request.POST) if request.method == "POST" else FundForm(initial=initial)
    back = reverse("staff:settings_funds")
    return edit_page(
        request,
        form=form,
        sections=[("", names)],
        save=lambda: save_fund_account(
            data=form.values(), fund_account_id=fund.pk if fund else None, **who_and_when(request)
        ),
        back=lambda _saved: back,
        title=_("Change %(name)s") % {"name": fund.name} if fund else _("New account"),
        crumbs=crumbs(Crumb(_("Bank accounts and cash"), back)),
        cancel_url=back,
    )


@staff_view("invoicing.fund_account.edit")
def fund_new(request: HttpRequest) -> HttpResponse:
    return _fund_edit(request, None)


@staff_view("invoicing.fund_account.edit")
def fund_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    fund = FundAccount.objects.filter(pk=pk).first()
    if fund is None:
        raise NotFoundRefused(_("There is no such account."), value=pk)
    return _fund_edit(request, fund)
