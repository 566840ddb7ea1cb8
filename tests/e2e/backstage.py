"""Steps the stories need and no page offers: laying a company, moving the calendar, reading the books.

Runs inside the product's environment (see `Product.backstage`); prints one line of JSON. `then` separates steps that are
done one after the other.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import groupby
from typing import Any

import django

PEOPLE = (
    ("sales", "sales_manager", ""),
    ("buyer", "buyer", ""),
    ("warehouse", "warehouse_lead", ""),
    ("accountant", "finance_manager", ""),
    ("supplier", "supplier_admin", "paper"),
    ("customer", "customer_buyer customer_receiver customer_finance", "wenlan"),
)


def company(slug: str, name: str, language: str) -> dict[str, Any]:
    """A company with partners, items, opening stock and people, and no document: where the stories are played."""
    from django.db import transaction
    from django.utils import timezone
    from django.utils.translation import override

    from backend.access import services as access
    from backend.access.models import Member
    from backend.kernel.tenancy import in_public, run_in
    from backend.parties.inputs import CarrierData, PartyData
    from backend.parties.services import save_party
    from tenants import provisioning
    from tenants.demo import masters, story

    story.ITEMS = tuple(replace(sample, lots=True) if sample.key == "a4" else sample for sample in story.ITEMS)
    at = timezone.now()
    with in_public(), transaction.atomic(), override(language):
        plan = provisioning.CompanyPlan(name=name, slug=slug, language=language)
        tenant = provisioning.provision_company(plan=plan, owner=_identity(slug, "owner", language), at=at)
        with run_in(tenant):
            actors = {"owner": access.actor_for(Member.objects.get(kind="staff"))}
            for key, roles, party in PEOPLE:
                if not party:
                    actors[key] = _join(slug, key, roles, language)
            stage = masters.Stage(language=language, at=at, actors=actors)
            masters.lay_masters(stage)
            carrier = PartyData(name="顺丰速运", carrier=CarrierData(days=1))
            save_party(data=carrier, actor=actors["owner"], at=at)
            for key, roles, party in PEOPLE:
                if party:
                    _join(slug, key, roles, language, stage.parties[party].pk)
    return {"slug": slug}


def _join(slug: str, key: str, roles: str, language: str, party_id: Any = None) -> Any:
    """A member of the active company: of its staff, or of the partner's people."""
    from django.utils import timezone

    from backend.access import services as access
    from backend.kernel.actor import Actor

    member = access.create_member(
        identity_id=_identity(slug, key, language).pk,
        kind=key if party_id else "staff",
        name=key,
        email=f"{key}@{slug}.example",
        role_codes=roles.split(),
        party_id=party_id,
        language=language,
        actor=Actor.system(),
        at=timezone.now(),
    )
    return access.actor_for(member)


def _identity(slug: str, key: str, language: str) -> Any:
    from django.utils import timezone

    from tenants.models import Identity

    now = timezone.now()
    person = Identity(email=f"{key}@{slug}.example", name=key, language=language, created_at=now, email_verified_at=now)
    person.password = _password()
    person.save(force_insert=True)
    return person


@cache
def _password() -> str:
    """The hash of everybody's password, which takes its time."""
    from django.contrib.auth.hashers import make_password

    from tests.e2e.product import PASSWORD

    return make_password(PASSWORD)


def _inside(slug: str) -> Any:
    from backend.kernel.tenancy import in_public, run_in
    from tenants.models import Tenant

    with in_public():
        return run_in(Tenant.objects.get(slug=slug))


def end_trial(slug: str) -> dict[str, Any]:
    """The calendar moves on: the trial ended yesterday."""
    from django.utils import timezone

    from backend.kernel.tenancy import in_public
    from tenants import directory
    from tenants.models import Tenant

    with in_public():
        tenant = Tenant.objects.get(slug=slug)
        tenant.trial_ends_on = timezone.now().date() - timedelta(days=1)
        tenant.save(update_fields=["trial_ends_on"])
        directory.forget(tenant)
    return {"ended": tenant.trial_ends_on.isoformat()}


def books(slug: str) -> dict[str, Any]:
    """Whether the books equal stock and documents, and the availability its own rules."""
    with _inside(slug):
        from backend.availability.selectors import consistency
        from backend.kernel import clock
        from backend.posting import reconciliation
        from backend.reporting.trial_balance import trial_balance

        period = f"{clock.today():%Y-%m}"
        return {
            "balanced": trial_balance(period).balanced,
            "differences": [str(found) for found in reconciliation.all_differences()],
            "violations": [str(found) for found in consistency.violations()],
        }


def style(slug: str) -> dict[str, Any]:
    """A T-shirt in two colours and two sizes, with its variants."""
    with _inside(slug):
        from decimal import Decimal

        from django.utils import timezone

        from backend.catalog.inputs import AttributeData, StyleData, ValueData
        from backend.catalog.services.attributes import save_attribute
        from backend.catalog.services.styles import make_variants, save_style
        from backend.kernel.actor import Actor

        who: Any = {"actor": Actor.system(), "at": timezone.now()}
        axes = (("colour", "Colour", ("Red", "Blue")), ("size", "Size", ("S", "M")))
        chosen = []
        for place, (code, name, words) in enumerate(axes):
            values = tuple(ValueData(word.upper(), word) for word in words)
            made = save_attribute(data=AttributeData(name, code, values, place), **who)
            chosen += [value.pk for value in made.values.all()]
        data = StyleData("T-shirt", "TEE", tuple(chosen), sale_price=Decimal(113))
        items = make_variants(style_id=save_style(data=data, **who).pk, **who)
    return {"codes": [item.code for item in items]}


def kit(slug: str) -> dict[str, Any]:
    """A set that is made of two each of what most of lies free."""
    with _inside(slug):
        from decimal import Decimal

        from django.db.models import F
        from django.utils import timezone

        from backend.catalog.inputs import ItemData
        from backend.catalog.services import save_item
        from backend.inventory.models import StockBalance
        from backend.inventory.services.assembly import save_kit
        from backend.inventory.services.inputs import ComponentInput
        from backend.kernel.actor import Actor

        who: Any = {"actor": Actor.system(), "at": timezone.now()}
        free = StockBalance.objects.filter(warehouse__is_default=True).order_by(F("reserved") - F("on_hand"))
        made = save_item(data=ItemData(name="Gift set"), **who)
        parts = [ComponentInput(item_id, Decimal(2)) for item_id in free.values_list("item_id", flat=True)[:2]]
        save_kit(kit_id=made.pk, lines=parts, **who)
    return {"code": made.code}


def purchase(slug: str) -> dict[str, Any]:
    """The buyer's two orders at the paper mill, with production nodes, and a link for the workshop on the second."""
    with _inside(slug):
        from datetime import timedelta as days
        from decimal import Decimal

        from django.utils import timezone

        from backend.access import services as access
        from backend.access.models import Member
        from backend.catalog.models import Item
        from backend.kernel import clock
        from backend.parties.models import Party
        from backend.processes.progress_links import give_link
        from backend.purchasing.models import NodeTemplate
        from backend.purchasing.services import nodes, orders
        from backend.purchasing.services.inputs import LineInput, OrderData

        who: Any = {"actor": access.actor_for(Member.objects.get(roles__code="buyer")), "at": timezone.now()}
        supplier = Party.objects.get(pk=Member.objects.get(roles__code="supplier_admin").party_id)
        items = list(Item.objects.filter(supplier=supplier).order_by("code")[:2])
        Item.objects.filter(pk=items[0].pk).update(share_with_supplier=True)
        made = []
        for qty in (40, 60):
            lines = tuple(LineInput(item.pk, Decimal(qty), Decimal(50)) for item in items)
            data = OrderData(supplier_id=supplier.pk, requested_date=clock.today() + days(14), lines=lines)
            order = orders.approve_order(order_id=orders.save_order(data=data, **who).pk, **who)
            nodes.plan_nodes(order_id=order.pk, template_id=NodeTemplate.objects.get().pk, **who)
            made.append(order)
        late = made[1].lines.order_by("line_no").last().nodes.get(node="material_ready")
        nodes.set_node_dates(order_id=made[1].pk, dates={late.pk: clock.today() - days(2)}, **who)
        link = give_link(order_line_id=made[1].lines.order_by("line_no").first().pk, mail=False, **who)
        path = "/" + link.url.split("/", 3)[3]
        return {"numbers": [order.number for order in made], "link": path, "item": str(items[0].pk)}


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "company": company,
    "end_trial": end_trial,
    "books": books,
    "purchase": purchase,
    "style": style,
    "kit": kit,
}


def play(words: list[str]) -> dict[str, Any]:
    """The steps one after the other; all that they told."""
    told: dict[str, Any] = {}
    for is_between, part in groupby(words, lambda word: word == "then"):
        if not is_between:
            step, *arguments = part
            told |= STEPS[step](*arguments)
    return told


if __name__ == "__main__":
    django.setup()
    print(json.dumps(play(sys.argv[1:])))
