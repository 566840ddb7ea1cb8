"""SRM-19 on the pages and over the API: who is best, who gets which part, quotas proposed from scores; rights."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from backend.kernel import clock
from backend.parties.models import SupplierRole
from backend.purchasing.models import ItemQuota, PurchaseOrder
from backend.srm.models import SupplierScore
from backend.srm.selectors.sourcing import candidates, proposed_shares
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.factories.purchasing import make_purchase_order
from tests.factories.quotas import make_quota
from tests.people import client_of, make_member
from tests.scenarios.world import World, settle

pytestmark = pytest.mark.usefixtures("tenant")


def scored(party: Any, score: Any, month: str = "2020-01") -> Any:
    SupplierScore.objects.create(
        party=party, month=month, deliveries=4, on_time=3, on_time_pct=D(75), quantity_pct=D(100), score=D(score),
        computed_at=timezone.now(),
    )  # fmt: skip
    return party


@pytest.fixture
def market() -> Any:
    """An item that four suppliers sold: scores 90, 60, 50, and one of 95 on watch."""
    item = make_item("Pen")
    parties = [scored(make_supplier(name), score) for name, score in zip("ABCD", (90, 60, 50, 95), strict=True)]
    SupplierRole.objects.filter(pk=parties[3].pk).update(state="watch")
    for number, party in enumerate(parties):
        make_purchase_order((item, 10, 9 - number), supplier=party)
    return item, parties


def test_srm_19_shares_follow_the_scores_of_those_who_may_be_trusted(market, django_assert_num_queries):
    """90 to 60 are 60 % to 40 %: nobody below 60 or on watch gets any; the last month that is over counts."""
    item, (best, good, weak, watched) = market
    scored(weak, 99, f"{clock.today():%Y-%m}")
    with django_assert_num_queries(4):
        found = candidates(item, day=clock.today())
    assert [each.supplier for each in found] == [watched, best, good, weak]
    assert [each.rank for each in found] == [1, 2, 3, 4]
    assert proposed_shares(found) == {best.pk: 60, good.pk: 40}
    SupplierRole.objects.update(state="blocked")
    assert proposed_shares(candidates(item, day=clock.today())) == {}


def test_srm_19_the_buyer_sets_a_quota_on_the_page_of_the_item(market):
    item, (best, good, *_others) = market
    buyer, here = client_of(make_member("buyer")), f"/purchasing/items/{item.pk}/quotas/"
    assert here in buyer.get(f"/items/{item.pk}/").content.decode()
    page = buyer.get(f"{here}?propose=1").content.decode()
    assert f'name="share-{best.pk}" value="60"' in page
    today = str(clock.today())
    typed: dict[str, Any] = {"quota": "new", "valid_from": today, "way": "next", "supplier": [best.pk, good.pk]}
    refused = buyer.post(here, {**typed, f"share-{best.pk}": "60", f"share-{good.pk}": "30"})
    assert (refused.status_code, f'name="share-{good.pk}" value="30"' in refused.content.decode()) == (400, True)
    assert not ItemQuota.objects.exists()
    assert buyer.post(here, {**typed, f"share-{best.pk}": "60", f"share-{good.pk}": "40"}).status_code == 302
    quota = ItemQuota.objects.get()
    page = buyer.get(here).content.decode()
    assert "A 60 % · B 40 %" in buyer.get("/purchasing/quotas/").content.decode()
    again = {**typed, "quota": str(quota.pk), "version": "1", f"share-{best.pk}": "100"}
    assert buyer.post(here, again).status_code == 302
    assert buyer.post(here, again).status_code == 409
    assert list(quota.shares.values_list("supplier", "share")) == [(best.pk, 100)]
    assert buyer.post(f"{here}removal/", {"quota": str(quota.pk)}).status_code == 302
    assert not ItemQuota.objects.exists()


def test_srm_19_suggestions_say_who_gets_what_and_orders_follow():
    world = World()
    pen, other = world.item("PEN", "Pen"), make_supplier("Other")
    world.order(pen, 100)
    settle()
    make_quota(pen, (world.supplier, 75), (other, 25), begins=world.today, way="split")
    buyer = client_of(make_member("buyer"))
    page = buyer.get("/purchasing/suggestions/").content.decode()
    assert "Other 25" in page
    key = page.split('name="chosen" value="')[1].split('"')[0]
    assert buyer.post("/purchasing/suggestions/orders/", {"chosen": key}).status_code == 302
    assert {order.supplier_id: order.lines.get().qty for order in PurchaseOrder.objects.all()} == {
        world.supplier.pk: 75, other.pk: 25,
    }  # fmt: skip


def test_srm_19_quotas_over_the_api(market):
    item, (best, good, *_others) = market
    buyer = Caller.of(make_member("buyer"))
    proposed = buyer.get(f"purchasing/quotas/proposal/?item={item.pk}")
    assert [row["share"] for row in proposed] == ["60.00", "40.00"]
    shares = [{"supplier_id": row["supplier_id"], "share": row["share"]} for row in proposed]
    body = {"item_id": str(item.pk), "valid_from": str(clock.today()), "shares": shares}
    made = buyer.post("purchasing/quotas/", body)
    address = f"purchasing/quotas/{made['id']}/"
    assert buyer.call("POST", "purchasing/quotas/", body).status_code == 409
    standing = {row["supplier_id"]: row for row in buyer.get(f"{address}standing/")}
    assert (standing[str(best.pk)]["share"], standing[str(best.pk)]["is_next"]) == ("60.00", True)
    wrong = buyer.call("PUT", f"{address}?version=1", {**body, "shares": shares[:1]})
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (400, "shares")
    changed = buyer.call("PUT", f"{address}?version=1", {**body, "way": "split"})
    assert (changed.json()["way"], changed.json()["version"]) == ("split", 2)
    assert len(buyer.all(f"purchasing/quotas/?item={item.pk}")) == 1
    assert buyer.all(f"purchasing/quotas/?item={good.pk}") == []
    assert buyer.call("DELETE", address).status_code == 204
    assert buyer.call("GET", address).status_code == 404
    assert buyer.call("GET", f"purchasing/quotas/proposal/?item={good.pk}").status_code == 404


def test_srm_19_who_may_see_and_set_quotas(market):
    item, (best, *_others) = market
    quota, here = make_quota(item, (best, 100)), f"/purchasing/items/{item.pk}/quotas/"
    foreign = make_item("Other")
    for role in ("sales_rep", "picker"):
        client, caller = client_of(make_member(role)), Caller.of(make_member(role))
        assert client.get(here).status_code == 403
        assert caller.call("GET", "purchasing/quotas/").status_code == 403
    reader, caller = client_of(make_member("analyst")), Caller.of(make_member("analyst"))
    assert reader.get(here).status_code == 200
    assert reader.post(here, {"quota": str(quota.pk)}).status_code == 403
    assert reader.post(f"{here}removal/", {"quota": str(quota.pk)}).status_code == 403
    assert caller.call("DELETE", f"purchasing/quotas/{quota.pk}/").status_code == 403
    buyer = client_of(make_member("buyer"))
    for address in (f"/purchasing/items/{best.pk}/quotas/", f"/purchasing/items/{foreign.pk}/quotas/?quota={quota.pk}"):
        assert buyer.get(address).status_code == 404
    gone = {"quota": str(quota.pk)}
    assert buyer.post(f"/purchasing/items/{foreign.pk}/quotas/removal/", gone).status_code == 404
    assert buyer.post(f"/purchasing/items/{foreign.pk}/quotas/", gone).status_code == 404
    theirs = Caller.of(make_member("supplier_admin", party=best))
    assert theirs.call("GET", "purchasing/quotas/").status_code == 403
