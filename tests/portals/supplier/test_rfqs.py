"""Requests for quotation in the supplier portal (SRM-05, SRM-06): quoted on a phone, sealed, a competitor's is unknown."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backend.kernel.actor import Actor
from backend.purchasing.models import RfqInvitation
from backend.purchasing.selectors import rfqs as reads
from backend.purchasing.services import rfqs
from tests.addresses import all_addresses
from tests.people import client_of, make_member
from tests.purchasing.test_rfqs import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(tenant: Any) -> Story:
    """Until the day after tomorrow."""
    return Story(ahead=timedelta(days=2))


def _client(story: Story, number: int, role: str = "supplier_admin") -> Any:
    return client_of(make_member(role, party=story.suppliers[number]))


def _form(story: Story, **more: str) -> dict[str, str]:
    line = story.lines[0].pk
    until = (story.now.date() + timedelta(days=30)).isoformat()
    fields = {f"price-{line}": "10.37", f"lead-{line}": "5", "valid_until": until, "freight": "31.41", "key": "one"}
    return fields | {f"step-qty-{line}-0": "100", f"step-price-{line}-0": "9.13"} | more


def test_a_supplier_quotes_and_quotes_again(story: Story) -> None:
    client = _client(story, 0)
    page = f"/supplier/rfqs/{story.rfq.number}/"
    assert story.rfq.number in client.get("/supplier/").content.decode()
    assert client.get(page).status_code == 200
    answer = client.post(f"{page}quote/", _form(story))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert client.post(f"{page}quote/", _form(story)).status_code == 302  # sent twice by a bad connection
    assert client.post(f"{page}quote/", _form(story, key="two", freight="0")).status_code == 302
    own = reads.own_quotes(story.person(0), story.rfq)
    assert [quote.revision for quote in own] == [2, 1]
    assert len(own[0].lines.all()[0].steps.all()) == 1
    shown = client.get(page).content.decode()
    assert "10.37" in shown
    assert "9.13" in shown


def test_what_was_typed_stays_when_it_is_refused(story: Story) -> None:
    client = _client(story, 0)
    line = story.lines[0].pk
    answer = client.post(f"/supplier/rfqs/{story.rfq.number}/quote/", _form(story, **{f"lead-{line}": "soon"}))
    assert answer.status_code == 400
    assert 'value="10.37"' in answer.content.decode()


def test_declining_and_rights(story: Story) -> None:
    page = f"/supplier/rfqs/{story.rfq.number}/"
    assert _client(story, 1, "supplier_logistics").get(page).status_code == 403
    assert _client(story, 0).post(f"{page}refusal/", {"reason": "full"}).status_code == 302
    assert RfqInvitation.objects.get(rfq=story.rfq, supplier=story.suppliers[0]).decline_reason == "full"


def test_no_route_shows_a_competitor_the_quote_or_the_name(story: Story) -> None:
    """SRM-05: every address of the portal and the API's, as the competitor and as the buyer, before the deadline."""
    story.quote(0, "10.37", freight=Decimal("31.41"), note="wombat")
    number = story.rfq.number
    secrets = {"10.37", "31.41", "wombat"}
    for who, client, hidden in (
        ("competitor", _client(story, 1), secrets | {story.suppliers[0].name, str(story.suppliers[0].pk)}),
        ("owner", client_of(make_member("owner")), secrets),
    ):
        seen = 0
        for address in all_addresses():
            if len(address.names) > 1 or (
                address.names and (address.names[0] != "number" or "rfq" not in address.route)
            ):
                continue
            if who == "competitor" and address.face != "supplier" or "sign" in address.route:
                continue
            answer = client.get(address.path(number=number) if address.names else address.path())
            if answer.status_code == 200 and not answer.streaming:
                seen += 1
                text = answer.content.decode(errors="replace")
                assert not [word for word in hidden if word in text], (who, address.route)
        assert seen > 5
    assert _client(story, 1).get(f"/supplier/rfqs/{number}/").status_code == 200


def test_somebody_who_was_not_asked_knows_nothing(story: Story) -> None:
    from tests.factories.parties import make_supplier

    stranger = client_of(make_member("supplier_admin", party=make_supplier()))
    for path, method in (("", "get"), ("quote/", "post"), ("refusal/", "post")):
        assert getattr(stranger, method)(f"/supplier/rfqs/{story.rfq.number}/{path}").status_code == 404


def test_a_cancelled_request_takes_no_quotes(tenant: Any) -> None:
    story = Story(ahead=timedelta(days=2))
    rfqs.cancel_rfq(rfq_id=story.rfq.pk, actor=Actor.system(), at=story.now)
    answer = _client(story, 0).get(f"/supplier/rfqs/{story.rfq.number}/")
    assert answer.status_code == 200
    assert "btn-xl" not in answer.content.decode()
