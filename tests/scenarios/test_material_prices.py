"""SRM-09: copper jumps by 8 %: the alert names goods and open quotations with their margins, new prices are ready."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.core import mail
from django.utils import timezone

from backend.catalog.models import PriceListLine
from backend.inventory.models import KitLine
from backend.kernel.errors import Conflict, Refusal
from backend.processes.price_impact import impact_of, quantities_in
from backend.purchasing.models import MaterialPrice, PriceAlert
from backend.purchasing.services.material_prices import PriceHeard, note_price, note_quotes, settle_alert
from backend.sales.services.quotes import save_quote
from backend.workflow.models import Notification, Task
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.scenarios.world import World, settle

pytestmark = pytest.mark.usefixtures("tenant")


class Copper:
    """A cable of two kilograms of copper, a drum of ten cables; a quotation for cables is open."""

    def __init__(self) -> None:
        self.world = World()
        self.did = {"actor": self.world.buyer, "at": self.world.at}
        self.copper = make_item(name="Copper", sellable=False)
        self.cable = make_item(name="Cable", sale_price=D("282.50"))  # 250 net
        self.drum = make_item(name="Drum", sale_price=D(2825))
        for kit, part, qty in ((self.cable, self.copper, 2), (self.drum, self.cable, 10)):
            KitLine.objects.create(kit=kit, line_no=1, item=part, qty=qty)

    def heard(self, price: object, days_ago: int = 0) -> MaterialPrice:
        day = self.world.today - timedelta(days=days_ago)
        return note_price(data=PriceHeard(self.copper.pk, D(str(price)), day), **self.did)


def test_srm_09_a_jump_above_the_threshold_is_an_alert_within_the_minute(client_for, member_for):
    story = Copper()
    for days_ago, price in ((60, 50), (20, 99), (10, 101)):  # the first is older than the mean goes back
        story.heard(price, days_ago)
    assert not PriceAlert.objects.exists()
    story.heard("104.9")
    assert not PriceAlert.objects.exists(), "less than five per cent"
    MaterialPrice.objects.filter(price=D("104.9")).delete()
    quote = _quoted(story)
    heard_at = timezone.now()
    story.heard(108)
    settle()
    alert = PriceAlert.objects.get()
    assert (alert.mean, alert.change_pct) == (100, 8)
    task = Task.objects.get(kind="purchasing.price_alert", done_at=None)
    told = Notification.objects.filter(kind="purchasing.price_alert").latest("created_at")
    assert told.created_at - heard_at < timedelta(minutes=1)
    assert task.permission == "catalog.price_list.edit"
    assert any("Copper" in message.subject for message in mail.outbox)
    impact = impact_of(alert, today=story.world.today)
    cable, drum = impact.goods
    assert (cable.qty, cable.cost_before, cable.cost_after) == (2, 200, 216)
    assert (cable.before.percent, round(cable.after.percent, 1)) == (20, D("13.6"))
    assert (cable.proposed, drum.qty, drum.proposed) == (D("305.10"), 20, D("3051.00"))
    [touched] = impact.quotes
    assert (touched.line.document.number, touched.before.percent) == (quote.number, 20)
    story.heard(110)
    assert PriceAlert.objects.get().price == 110, "a later price renews the open alert"
    _through_the_pages(story, alert, client_for, member_for)


def _quoted(story: Copper):
    from backend.sales.services.inputs import LineInput, QuoteData

    data = QuoteData(
        customer_id=story.world.customer.pk,
        requested_date=story.world.day(5),
        lines=(LineInput(story.cable.pk, D(3), price=D("282.50")),),
    )
    return save_quote(data=data, **story.did)


def _through_the_pages(story: Copper, alert: PriceAlert, client_for, member_for) -> None:
    boss = member_for("sales_manager")
    token, address = Caller.of(boss), f"purchasing/price-alerts/{alert.pk}/"
    told = token.get(f"{address}impact/")
    impact = impact_of(PriceAlert.objects.get(), today=story.world.today)
    margins = [(good.item.name, f"{good.before.percent:.2f}", good.proposed) for good in impact.goods]
    assert [(row["name"], row["margin_before"], D(row["proposed"])) for row in told["goods"]] == margins
    assert [row["number"] for row in told["quotes"]] == [row.line.document.number for row in impact.quotes]
    row = {"item_id": str(story.drum.pk), "price": "3300", "valid_from": str(story.world.today)}
    assert token.post(f"{address}prices/", {"prices": [row]})["state"] == "open"
    assert PriceListLine.objects.get(item=story.drum).price == 3300
    strange = row | {"item_id": str(story.copper.pk)}
    assert token.refused("POST", f"{address}prices/", {"prices": [strange]})[0] == 404
    client = client_for(boss)
    page = f"/purchasing/price-alerts/{alert.pk}/"
    assert "Cable" in client.get(page).content.decode()
    assert "Copper" in client.get("/purchasing/price-alerts/?view=all").content.decode()
    field = f"price-{story.cable.pk}"
    assert client.post(f"{page}prices/", {"good": str(story.cable.pk), field: "0"}).status_code == 400
    assert client.post(f"{page}prices/", {"good": str(story.cable.pk), field: "305.10"}).status_code == 302
    line = PriceListLine.objects.get(item=story.cable)
    assert (line.price, line.price_list.kind, line.price_list.party) == (D("305.10"), "sales", None)
    assert client.post(f"{page}settlement/", {"reason": "Prices follow"}).status_code == 302
    assert not Task.objects.filter(kind="purchasing.price_alert", done_at=None).exists()
    buyer = client_for(member_for("buyer"))
    form = {"item_id": str(story.copper.pk), "price": "150", "day": story.world.today.isoformat()}
    assert buyer.post("/purchasing/material-prices/new/", form).status_code == 302
    assert buyer.post("/purchasing/material-prices/new/", form | {"price": "-"}).status_code == 400
    assert PriceAlert.objects.filter(item=story.copper, state="open").count() == 1
    picker = client_for(member_for("picker"))
    assert picker.get(page).status_code == 403
    assert picker.post("/purchasing/material-prices/new/", form).status_code == 403


def test_srm_09_opened_quotes_are_heard_once_and_the_lowest_counts():
    story, first, second = Copper(), make_supplier(), make_supplier()
    story.heard(100, 5)
    quoted = [(story.copper.pk, first.pk, D(120)), (story.copper.pk, second.pk, D(103))]
    for _time in range(2):
        assert note_quotes(quoted=quoted, reference="RFQ-1", **story.did) == []
    assert MaterialPrice.objects.filter(source="quote").count() == 2
    [alert] = note_quotes(quoted=[(story.copper.pk, first.pk, D(130))], reference="RFQ-2", **story.did)
    settle_alert(alert_id=alert.pk, **story.did)
    with pytest.raises(Conflict):
        settle_alert(alert_id=alert.pk, **story.did)
    for wrong in (PriceHeard(story.copper.pk, D(0)), PriceHeard(story.copper.pk, D(1), story.world.day(1))):
        with pytest.raises(Refusal):
            note_price(data=wrong, **story.did)


def test_a_ring_of_kits_ends():
    one, two = make_item().pk, make_item().pk
    assert quantities_in(one, {two: [(one, D(1))], one: [(two, D(1))]})[two] > 0
