"""Company parameters: declared here with type, default and words; kept as rows; cached per company.

A company keeps what it began with: all defaults are written at its foundation, so a later release
never changes how its books work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import ValidationRefused
from backend.workflow.kept import Kept
from backend.workflow.models import Setting


@dataclass(frozen=True)
class Parameter:
    """One parameter. ``choices`` maps values to labels; numbers have bounds instead."""

    kind: type
    default: Any
    label: Any
    help: Any = ""
    choices: Mapping[str, Any] = field(default_factory=dict)
    minimum: int = 0
    maximum: int = 100_000


PARAMETERS: dict[str, Parameter] = {
    "accounting.settlement_mode": Parameter(
        str,
        "invoice",
        gettext_lazy("Receivables and payables arise from"),
        gettext_lazy("The document whose approval opens a receivable or payable."),
        {"invoice": gettext_lazy("the invoice"), "delivery": gettext_lazy("the delivery or receipt")},
    ),
    "accounting.cogs_timing": Parameter(
        str,
        "delivery",
        gettext_lazy("Cost of sales is booked with"),
        gettext_lazy("With the invoice, goods stay on an account of their own until they are invoiced."),
        {"delivery": gettext_lazy("the delivery"), "invoice": gettext_lazy("the invoice")},
    ),
    "accounting.late_invoice": Parameter(
        str,
        "difference",
        gettext_lazy("A purchase invoice of a later month than its receipt"),
        gettext_lazy(
            "Goods received without an invoice are booked at an estimate. Both ways end at the same balances; the second "
            "turns the whole estimate back in red and books the goods anew, on the day of the invoice."
        ),
        {
            "difference": gettext_lazy("books the difference to the estimate"),
            "reverse": gettext_lazy("reverses the estimate and books the goods anew"),
        },
    ),
    "accounting.taxpayer_type": Parameter(
        str,
        "general",
        gettext_lazy("Taxpayer type"),
        gettext_lazy("Small-scale taxpayers deduct no input VAT: it is part of the cost of goods."),
        {"general": gettext_lazy("general taxpayer"), "small_scale": gettext_lazy("small-scale taxpayer")},
    ),
    "sales.credit_policy": Parameter(
        str,
        "hold",
        gettext_lazy("An order over the credit limit is"),
        gettext_lazy("Held orders wait for somebody who may release them."),
        {"hold": gettext_lazy("held for release"), "refuse": gettext_lazy("refused")},
    ),
    "sales.credit_release_days": Parameter(
        int, 7, gettext_lazy("A credit release holds for (days)"), minimum=1, maximum=365
    ),
    "sales.quote_valid_days": Parameter(
        int, 30, gettext_lazy("Quotations are valid for (days)"), minimum=1, maximum=365
    ),
    "sales.auto_delivery": Parameter(
        bool,
        False,
        gettext_lazy("Prepare the delivery as soon as all of an order is in stock"),
        gettext_lazy("The warehouse finds it among its to-dos; nobody has to push the order down."),
    ),
    "sales.show_suppliers": Parameter(
        bool,
        True,
        gettext_lazy("Salespeople read suppliers' names on their orders"),
        gettext_lazy("Who may see purchase orders reads them in any case."),
    ),
    "sales.return_days": Parameter(
        int,
        30,
        gettext_lazy("Customers may ask to send goods back within (days)"),
        gettext_lazy("Counted from the delivery; our own people may take goods back at any time."),
        minimum=1,
        maximum=3650,
    ),
    "purchasing.auto_send": Parameter(bool, True, gettext_lazy("Send purchase orders to the supplier on approval")),
    "purchasing.answer_hours": Parameter(
        int, 48, gettext_lazy("Suppliers open and confirm orders within (hours)"), minimum=1, maximum=720
    ),
    "purchasing.receiving_days": Parameter(
        int,
        0,
        gettext_lazy("Days goods need from the ramp to the shelf"),
        gettext_lazy("Added to the lane's days when a supplier's lead time follows its lane."),
        minimum=0,
        maximum=30,
    ),
    "purchasing.auto_post_matched": Parameter(
        bool,
        True,
        gettext_lazy("Book a supplier's invoice at once when it matches order and receipt"),
        gettext_lazy("One that differs waits among the discrepancies."),
    ),
    "purchasing.invoice_before_goods": Parameter(
        bool,
        False,
        gettext_lazy("Suppliers may invoice orders before the goods are here"),
        gettext_lazy("In the portal, over what of an order is still to come. Your own people may in any case."),
    ),
    "purchasing.light_receipt_pct": Parameter(
        int,
        10,
        gettext_lazy("Goods bought by the piece may weigh less than ordered by (%)"),
        gettext_lazy(
            "When all pieces are here, what they weigh less is not expected any more. Beyond, the line stays open."
        ),
        maximum=100,
    ),
    "purchasing.price_tolerance_pct": Parameter(
        int, 0, gettext_lazy("Invoice price may exceed the order by (%)"), maximum=100
    ),
    "purchasing.price_rise_pct": Parameter(
        int,
        10,
        gettext_lazy("A price above the last one needs a reason from (%)"),
        gettext_lazy("Held against the supplier's own last price, else the newest of any supplier."),
        maximum=1000,
    ),
    "purchasing.price_alert_pct": Parameter(
        int,
        5,
        gettext_lazy("Alert when a material jumps by (%)"),
        gettext_lazy("Above the mean of what was heard before: quotes of suppliers and prices of the market."),
        minimum=1,
        maximum=1000,
    ),
    "purchasing.price_alert_days": Parameter(
        int, 30, gettext_lazy("The mean of a material's price is that of (days)"), minimum=1, maximum=365
    ),
    "srm.applications_open": Parameter(
        bool,
        True,
        gettext_lazy("Firms may apply as suppliers on your address"),
        gettext_lazy("The page is /supplier/apply/. Nothing is made of an application before somebody takes it up."),
    ),
    "srm.qualify_new_suppliers": Parameter(
        bool,
        False,
        gettext_lazy("Every new supplier waits for approval"),
        gettext_lazy("Also those that your own people enter or import. Nothing is ordered there before."),
    ),
    "srm.weight_on_time": Parameter(int, 40, gettext_lazy("Supplier score: weight of on-time delivery"), maximum=100),
    "srm.weight_quantity": Parameter(int, 15, gettext_lazy("Supplier score: weight of quantity accuracy"), maximum=100),
    "srm.weight_quality": Parameter(int, 25, gettext_lazy("Supplier score: weight of quality"), maximum=100),
    "srm.weight_price": Parameter(int, 10, gettext_lazy("Supplier score: weight of the price trend"), maximum=100),
    "srm.weight_response": Parameter(int, 10, gettext_lazy("Supplier score: weight of the response time"), maximum=100),
    "srm.response_hours": Parameter(
        int, 24, gettext_lazy("Suppliers answer orders within (hours)"), minimum=1, maximum=720
    ),
    "srm.claim_days": Parameter(
        int, 7, gettext_lazy("Suppliers answer quality claims within (days)"), minimum=1, maximum=90
    ),
    "srm.claim_on_rejection": Parameter(
        bool,
        True,
        gettext_lazy("A rejected lot opens a quality claim"),
        gettext_lazy("The supplier finds it in the portal, with the day by which it answers."),
    ),
    "srm.claim_points": Parameter(
        int, 10, gettext_lazy("Points a claim costs that is not answered in time"), maximum=100
    ),
    "srm.watch_below": Parameter(
        int,
        60,
        gettext_lazy("Propose to watch a supplier below (points)"),
        gettext_lazy("When two scored months in a row stay below."),
        maximum=100,
    ),
    "workflow.approve_own": Parameter(
        bool,
        False,
        gettext_lazy("People may approve what they wrote themselves"),
        gettext_lazy("Only where approval rules ask for approvals. Otherwise somebody else has to."),
    ),
    "purchasing.request_first": Parameter(
        bool,
        False,
        gettext_lazy("What is suggested is requested first"),
        gettext_lazy("Suggestions and replenishment become requisitions, not orders; approved, they are ordered."),
    ),
    "purchasing.requisition_tolerance_pct": Parameter(
        int, 0, gettext_lazy("Orders may exceed an approved requisition by (%)"), maximum=100
    ),
    "inventory.slow_days": Parameter(
        int, 90, gettext_lazy("Goods without a sale for so many days are slow-moving"), minimum=1, maximum=3650
    ),
    "inventory.cover_days": Parameter(
        int, 180, gettext_lazy("Goods that last longer than so many days are slow-moving"), minimum=1, maximum=3650
    ),
    "inventory.over_days": Parameter(
        int, 365, gettext_lazy("Goods that last longer than so many days are too many"), minimum=1, maximum=3650
    ),
    "inventory.expiry_days": Parameter(
        int, 30, gettext_lazy("Warn so many days before goods expire"), minimum=1, maximum=3650
    ),
    "inventory.auto_transfer": Parameter(
        bool,
        False,
        gettext_lazy("Ask for transfers by itself when an order is short and goods lie free in another warehouse"),
        gettext_lazy("What no warehouse has is suggested to be bought, either way."),
    ),
    "inventory.transfer_days": Parameter(
        int, 1, gettext_lazy("A transfer between warehouses takes (days)"), maximum=90
    ),
    "inventory.turnover_target_pct": Parameter(
        int,
        180,
        gettext_lazy("Stock should turn over in a month (%)"),
        gettext_lazy("Cost of sales in % of the average stock value: 180 is 1.8 times."),
        minimum=1,
        maximum=10_000,
    ),
    "inventory.count_limit": Parameter(
        int,
        1000,
        gettext_lazy("Count differences above this value need a second person"),
        gettext_lazy("Whoever set the count up, or counted, does not book it above this value."),
        maximum=100_000_000,
    ),
    "purchasing.late_cost_permille": Parameter(
        int,
        5,
        gettext_lazy("A day late costs (‰ of the price)"),
        gettext_lazy("Weighs the lateness of a supplier when quotes are compared."),
        maximum=100,
    ),
    "service.response_hours": Parameter(
        int, 24, gettext_lazy("Tickets are answered within (hours)"), minimum=1, maximum=720
    ),
    "service.high_priority_hours": Parameter(
        int, 4, gettext_lazy("Urgent tickets are answered within (hours)"), minimum=1, maximum=720
    ),
}


def get(key: str) -> Any:
    """The company's value of a parameter, as far as this process knows; from the table inside a transaction that changed one.

    Unknown keys are a mistake of the caller (KeyError).
    """
    declared = PARAMETERS[key]
    return _KEPT.get().get(key, declared.default)


def forget_cached() -> None:
    """Drop the cached values of the current company."""
    _KEPT.forget()


def stored_values() -> dict[str, Any]:
    """Every value as it stands in the table, for who looks at them to change them."""
    stored = dict(Setting.objects.values_list("key", "value"))
    return {key: stored.get(key, declared.default) for key, declared in PARAMETERS.items()}


_KEPT = Kept("workflow.parameters", stored_values)


def set_parameter(*, key: str, value: Any, actor: Actor, at: datetime) -> Any:
    """Change one parameter; raises ValidationRefused when the value does not fit its declaration."""
    checked = check_value(key, value)
    with transaction.atomic():
        before = stored_values()[key]
        setting, _made = Setting.objects.update_or_create(
            key=key, defaults={"value": checked, "updated_at": at, "updated_by_name": actor.name}
        )
        if before != checked:
            _record_change(setting, before, checked, actor, at)
        _KEPT.changed()
    return checked


def _record_change(setting: Setting, before: Any, after: Any, actor: Actor, at: datetime) -> None:
    made = audit.entry(
        _Subject(setting.key), "change", actor=actor, at=at, changes={setting.key: [str(before), str(after)]}
    )
    made.save(force_insert=True)


@dataclass(frozen=True)
class _Subject:
    """A setting as the subject of the audit trail: settings have words for keys, the trail has UUIDs."""

    key: str
    DOC_TYPE = "workflow.setting"

    @property
    def pk(self) -> Any:
        from uuid import NAMESPACE_OID, uuid5

        return uuid5(NAMESPACE_OID, self.key)

    def __str__(self) -> str:
        return self.key


def check_value(key: str, value: Any) -> Any:
    """The value in its declared type; raises ValidationRefused otherwise."""
    declared = PARAMETERS.get(key)
    if declared is None:
        raise ValidationRefused(_("There is no such setting: %(key)s.") % {"key": key}, field="key", value=key)
    if declared.kind is bool:
        return value in {True, "true", "True", "1", "on"}
    if declared.kind is int:
        return _check_number(key, declared, value)
    if value not in declared.choices:
        raise _wrong(key, value, ", ".join(declared.choices))
    return str(value)


def _check_number(key: str, declared: Parameter, value: Any) -> int:
    allowed = f"{declared.minimum} … {declared.maximum}"
    try:
        number = int(str(value))
    except ValueError:
        raise _wrong(key, value, allowed) from None
    if not declared.minimum <= number <= declared.maximum:
        raise _wrong(key, value, allowed)
    return number


def _wrong(key: str, value: Any, allowed: str) -> ValidationRefused:
    return ValidationRefused(
        _("%(value)s is not possible for “%(label)s”.") % {"value": value, "label": PARAMETERS[key].label},
        field=key,
        value=value,
        way_out=_("Possible are: %(allowed)s.") % {"allowed": allowed},
    )
