"""Blanket orders on the staff face (SRM-23): agreed, called off, refused beyond what is left."""

from datetime import timedelta
from typing import Any

import pytest

from backend.purchasing.models import BlanketOrder, PurchaseOrder

pytestmark = pytest.mark.django_db


def test_agreed_approved_and_called_off(world: Any, browser: Any) -> None:
    client = browser()
    form = {
        "supplier": str(world.supplier.pk),
        "valid_from": world.today.isoformat(),
        "valid_to": (world.today + timedelta(days=365)).isoformat(),
        "price_includes_tax": "1",
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "10000",
        "lines-0-price": "2.5",
    }
    wrong = client.post("/purchasing/blankets/new/", form | {"lines-0-price": "", "supplier_ref": "kept words"})
    assert wrong.status_code == 400
    assert "kept words" in wrong.content.decode()
    made = client.post("/purchasing/blankets/new/", form)
    assert made.status_code == 302, made.content.decode()[:3000]
    blanket = BlanketOrder.objects.get()
    page = f"/purchasing/blankets/{blanket.number}/"
    assert client.post(f"{page}edit/", form | {"supplier_ref": "K-1"}).status_code == 302
    assert client.post(f"{page}approval/").status_code == 302
    key = f"qty-{blanket.lines.get().pk}"
    day = {"requested_date": (world.today + timedelta(days=9)).isoformat()}
    for qty in ("3000", "4000"):
        called = client.post(f"{page}call-off/", day | {key: qty})
        assert called.status_code == 302, called.content.decode()[:3000]
    refused = client.post(f"{page}call-off/", day | {key: "3001"})
    assert refused.status_code == 409
    assert 'value="3001"' in refused.content.decode()
    assert PurchaseOrder.objects.count() == 2
    shown = client.get(page).content.decode()
    assert "3,000" in shown
    for step, status in (("approval/undo/", 409), ("closing/", 302), ("closing/undo/", 302), ("void/", 409)):
        assert client.post(f"{page}{step}", {"reason": "x"}).status_code == status, step
    assert client.get("/purchasing/blankets/?view=all").status_code == 200


def test_rights_and_unknown_numbers(world: Any, browser: Any) -> None:
    assert browser("sales_rep").get("/purchasing/blankets/").status_code == 403
    for path in ("", "edit/"):
        assert browser("buyer").get(f"/purchasing/blankets/KJDD-0/{path}").status_code == 404
