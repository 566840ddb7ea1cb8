"""Requests for quotation on the staff face (SRM-05, SRM-07, SRM-08): written, published, compared, awarded."""

from datetime import timedelta
from typing import Any

import pytest

from backend.purchasing.models import PurchaseOrder, Rfq
from tests.purchasing.test_rfqs import Story

pytestmark = pytest.mark.django_db


def test_a_request_is_written_and_published(world: Any, browser: Any) -> None:
    client = browser()
    later = world.today + timedelta(days=5)
    form = {
        "title": "Paper for spring",
        "deadline": f"{later.isoformat()}T17:00",
        "warehouse_id": str(world.warehouse.pk),
        "suppliers": [str(world.supplier.pk)],
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "100",
        "lines-0-need_date": (later + timedelta(days=9)).isoformat(),
        "lines-0-description": "bright",
    }
    wrong = client.post("/purchasing/rfqs/new/", form | {"suppliers": []})
    assert wrong.status_code == 400
    assert "Paper for spring" in wrong.content.decode()
    made = client.post("/purchasing/rfqs/new/", form)
    assert made.status_code == 302, made.content.decode()[:3000]
    rfq = Rfq.objects.get()
    page = f"/purchasing/rfqs/{rfq.number}/"
    edited = client.post(f"{page}edit/", form | {"title": "Other", "lines-0-id": str(rfq.lines.get().pk)})
    assert edited.status_code == 302, edited.content.decode()[:3000]
    assert client.get(f"{page}edit/").status_code == 200
    assert client.post("/purchasing/rfqs/entry/recalculate/", form).json()["lines"]["0"]["unit"]
    assert client.post(f"{page}publication/").status_code == 302
    more = f"{(later + timedelta(days=1)).isoformat()}T17:00"
    assert client.post(f"{page}extension/", {"deadline": more}).status_code == 302
    assert client.post(f"{page}opening/").status_code == 409
    assert client.get(page).status_code == 200
    assert client.post(f"{page}cancellation/", {"reason": "x"}).status_code == 302
    rfq.refresh_from_db()
    assert (rfq.state, rfq.title) == ("cancelled", "Other")


def test_opened_compared_awarded_and_undone(tenant: Any, browser: Any, statements: Any) -> None:
    story = Story(qty=100)
    story.quote(0, "10.37")
    story.quote(1, "11.41", freight=50)
    client = browser()
    page = f"/purchasing/rfqs/{story.rfq.number}/"
    assert "10.37" not in client.get(page).content.decode()
    assert client.post(f"{page}opening/").status_code == 302
    with statements(30):
        shown = client.get(page).content.decode()
    assert "10.37" in shown
    assert "best" in shown
    terms = {f"duty-{party.pk}": "0" for party in story.suppliers}
    assert client.post(f"{page}terms/", terms).status_code == 302
    line = story.lines[0].pk
    split = {f"qty-{line}-{story.suppliers[0].pk}": "60", f"qty-{line}-{story.suppliers[1].pk}": "40"}
    refused = client.post(f"{page}award/", split)
    assert refused.status_code == 409
    assert 'value="40"' in refused.content.decode()
    done = client.post(f"{page}award/", split | {f"reason-{line}": "second source"})
    assert done.status_code == 302, done.content.decode()[:3000]
    assert PurchaseOrder.objects.filter(supplier__in=story.suppliers).count() == 2
    assert "second source" in client.get(page).content.decode()
    assert client.post(f"{page}award/undo/", {"reason": "x"}).status_code == 302
    assert client.get("/purchasing/rfqs/?view=all").status_code == 200


def test_rights_and_unknown_numbers(tenant: Any, browser: Any) -> None:
    story = Story()
    page = f"/purchasing/rfqs/{story.rfq.number}/"
    assert browser("sales_rep").get(page).status_code == 403
    assert browser("warehouse_lead").post(f"{page}award/").status_code == 403
    for path in ("", "edit/"):
        assert browser("buyer").get(f"/purchasing/rfqs/XJD-0/{path}").status_code == 404
