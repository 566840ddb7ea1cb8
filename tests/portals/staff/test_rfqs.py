"""Requests for quotation on the staff face (SRM-05, SRM-07, SRM-08): written, published, compared, awarded."""

from datetime import timedelta
from typing import Any

import pytest

from backend.parties.models import Party
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
    assert 'name="duty-' not in shown
    foreign = story.suppliers[1]
    Party.objects.filter(pk=foreign.pk).update(currency="USD")
    asked = client.get(page).content.decode()
    assert f'name="duty-{foreign.pk}"' in asked
    assert f'name="duty-{story.suppliers[0].pk}"' not in asked
    terms = {f"rate-{foreign.pk}": "1", f"duty-{foreign.pk}": "0"}
    assert client.post(f"{page}terms/", terms).status_code == 302
    Party.objects.filter(pk=foreign.pk).update(currency="CNY")
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


def test_srm_05_a_quote_on_paper_is_keyed_and_its_paper_stays_sealed(tenant: Any, browser: Any) -> None:
    """Marked as keyed by staff, tiers and paper included; neither price nor paper is read before the opening."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from backend.kernel.models import Attachment
    from backend.purchasing.models import Quote
    from backend.purchasing.services.inputs import QuoteData, QuoteLineInput
    from backend.purchasing.services.quotes import submit_quote
    from tests.purchasing.test_rfqs import BUYER, D

    running, client = Story(asked=2, ahead=timedelta(hours=2)), browser()
    party, line = running.suppliers[0], running.lines[0]
    page = f"/purchasing/rfqs/{running.rfq.number}/"
    keying = f"{page}suppliers/{party.pk}/quote/"
    form = {
        "source": "mail", "valid_until": "2099-01-01", "includes_tax": "1", "lines-0-id": str(line.pk),
        "lines-0-price": "10.37", "lines-0-lead": "5", "lines-0-tiers": "100=nine", "lines-0-tax": "13",
    }  # fmt: skip
    wrong = client.post(keying, form)
    assert wrong.status_code == 400
    assert "100=nine" in wrong.content.decode()
    paper = SimpleUploadedFile("offer.pdf", b"%PDF-1.4 10.37")
    assert client.post(keying, form | {"lines-0-tiers": "100=9.01; 500=8", "file": paper}).status_code == 302
    shown = client.get(page).content.decode()
    assert "10.37" not in shown
    assert "offer.pdf" not in shown
    file = Attachment.objects.get(subject_type="purchasing.quote")
    assert client.get(f"/files/{file.pk}").status_code == 404
    assert running.rfq.invitations.get(supplier=party).keyed_by_name
    running.quote(1, 9)
    assert client.post(f"{page}suppliers/{running.suppliers[1].pk}/quote/", form).status_code in {400, 409}
    assert client.get(f"{page}suppliers/{running.rfq.pk}/quote/").status_code == 404
    over = Story(asked=2)
    given = QuoteData([QuoteLineInput(over.lines[0].pk, D(7), 3)], over.now.date(), source="phone")
    notes = SimpleUploadedFile("call.txt", b"7 each")
    key = {"supplier_id": over.suppliers[0].pk, "upload": notes, "actor": BUYER, "at": over.early}
    made = submit_quote(rfq_id=over.rfq.pk, data=given, **key)
    over.open()
    assert Quote.objects.get(pk=made.pk).source == "phone"
    kept = Attachment.objects.get(subject_id=made.pk)
    assert f"/files/{kept.pk}" in client.get(f"/purchasing/rfqs/{over.rfq.number}/").content.decode()
    assert client.get(f"/files/{kept.pk}").status_code == 200
    assert browser("picker").get(f"/files/{kept.pk}").status_code == 404
