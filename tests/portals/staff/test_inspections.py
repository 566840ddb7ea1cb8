"""PUR-04 on the pages: goods wait in quarantine, somebody decides, the rest waits for its return."""

from datetime import timedelta
from decimal import Decimal as D
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tests.scenarios.world import settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspection(world: SimpleNamespace) -> Any:
    """Fifty pieces of an inspected item, received."""
    from backend.catalog.inputs import ItemData
    from backend.catalog.services import save_item
    from backend.purchasing.models import Inspection
    from backend.purchasing.services import orders, receipts
    from backend.purchasing.services.inputs import LineInput, OrderData, ReceiptLineInput

    who = {"actor": world.actor, "at": timezone.now()}
    item = save_item(data=ItemData(name="密封圈", lot_tracked=True, inspection="sample"), **who)
    data = OrderData(
        supplier_id=world.supplier.pk,
        requested_date=world.today + timedelta(days=5),
        lines=(LineInput(item.pk, D(50), D(10)),),
    )
    order = orders.approve_order(order_id=orders.save_order(data=data, **who).pk, **who)
    receipts.receive_order(
        order_id=order.pk, lines=[ReceiptLineInput(order.lines.get().pk, D(50), lot_no="P-1")], **who
    )
    settle()
    return Inspection.objects.get()


def test_pur_04_five_of_fifty_go_back(world, browser, inspection):
    from backend.workflow.models import Task

    assert Task.objects.filter(kind="purchasing.inspection_to_do", done_at=None).count() == 1
    client, line = browser("warehouse_lead"), inspection.lines.get()
    page = client.get(f"/purchasing/inspections/{inspection.number}/").content.decode()
    assert f"rejected-{line.pk}" in page
    typed = {f"sample-{line.pk}": "8", f"defect-{line.pk}": "1", f"rejected-{line.pk}": "5"}
    refused = client.post(f"/purchasing/inspections/{inspection.number}/decision/", typed)
    assert refused.status_code == 400
    assert 'value="5"' in refused.content.decode()
    typed |= {f"reason-{line.pk}": "开裂", "version": str(inspection.version)}
    answer = client.post(f"/purchasing/inspections/{inspection.number}/decision/", typed, follow=True)
    assert answer.status_code == 200
    assert "开裂" in answer.content.decode()
    line.refresh_from_db()
    assert (line.accepted_qty, line.rejected_qty, line.defect_qty) == (45, 5, 1)
    settle()
    open_tasks = Task.objects.filter(done_at=None, kind__startswith="purchasing.")
    assert [task.kind for task in open_tasks] == ["purchasing.rejected_goods"]
    ready = f"/purchasing/returns/new/?inspection={inspection.number}"
    assert ready in browser("buyer").get("/tasks/").content.decode()
    assert ready in browser("buyer").get(f"/purchasing/inspections/{inspection.number}/").content.decode()
    form = browser("buyer").get(ready).content.decode()
    assert 'value="5"' in form
    assert "开裂" in form
    assert (
        f"/suppliers/claims/new/?lot={line.lot_id}"
        in browser("owner").get(f"/inventory/lots/{line.lot_id}/").content.decode()
    )


def test_rubbish_is_refused_and_kept(browser, inspection):
    line = inspection.lines.get()
    answer = browser().post(f"/purchasing/inspections/{inspection.number}/decision/", {f"rejected-{line.pk}": "five"})
    assert answer.status_code == 400
    assert 'value="five"' in answer.content.decode()


def test_who_may_not_decide_only_looks(browser, inspection):
    client = browser("picker")
    page = client.get(f"/purchasing/inspections/{inspection.number}/")
    assert page.status_code in {200, 403}
    assert "rejected-" not in page.content.decode()
    assert client.post(f"/purchasing/inspections/{inspection.number}/decision/", {}).status_code == 403
    assert browser("sales_rep").get(f"/purchasing/inspections/{inspection.number}/").status_code == 403
    assert browser().get("/purchasing/inspections/LLJY-NONE/").status_code == 404
