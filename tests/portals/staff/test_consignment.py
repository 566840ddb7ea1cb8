"""INV-13 on the screen: goods go to an agent, he sells some, the statement says what is left."""

from typing import Any

import pytest

from backend.sales.models import Consignment

pytestmark = pytest.mark.django_db


def post(world: Any, client: Any, kind: str, qty: Any, **more: Any) -> Any:
    line = {"lines-0-item_id": str(world.paper.pk), "lines-0-item_id_code": "PA4", "lines-0-qty": str(qty)}
    head = {"warehouse_id": str(world.warehouse.pk), "doc_date": world.today.isoformat(), "kind": kind}
    return client.post("/inventory/consignments/new/", {**head, "customer_id": str(world.wenlan.pk), **line, **more})


def test_goods_go_out_are_settled_and_listed(world, browser):
    client = browser()
    wrong = post(world, client, "out", "abc")
    assert wrong.status_code == 400
    assert "abc" in wrong.content.decode()
    for kind, qty in (("out", 5), ("sold", 2)):
        assert post(world, client, kind, qty, **{"lines-0-price": "20"}).status_code == 302
        made = Consignment.objects.get(kind=kind)
        page = f"/inventory/consignments/{made.number}/"
        assert client.get(page).status_code == 200
        assert client.post(f"{page}approval/", {"version": made.version}).status_code == 302
        assert client.get(f"{page}print/")["Content-Type"] == "application/pdf"
    made.refresh_from_db()
    assert made.gross_amount == 40
    listed = client.get("/inventory/consigned/").content.decode()
    assert "PA4" in listed
    assert client.get("/inventory/consigned/?export=csv").status_code == 200
    for view in ("all", "all&by=lines"):
        assert made.number in client.get(f"/inventory/consignments/?view={view}").content.decode()
    statement = f"/inventory/consigned/{world.wenlan.pk}/print/"
    assert client.get(statement)["Content-Type"] == "application/pdf"
    too_much = post(world, client, "back", 4)
    last = Consignment.objects.get(kind="back")
    assert too_much.status_code == 302
    assert client.post(f"/inventory/consignments/{last.number}/approval/").status_code == 409
    assert client.get(f"/inventory/consigned/{last.pk}/print/").status_code == 404
    assert browser("buyer").get(f"/inventory/consignments/{last.number}/").status_code in {403, 404}
