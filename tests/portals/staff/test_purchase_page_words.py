"""What the pages of purchasing say where a state changes them: nothing is expected that does not come."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from backend.parties.models import Party, SupplierRole
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import asns, confirmations, orders
from backend.purchasing.services.inputs import AnswerLine
from backend.srm.models import DocumentType, QualityClaim
from backend.srm.services.claims import ClaimData, cancel_claim, open_claim
from backend.srm.services.documents import submit_document
from backend.srm.services.inputs import QualificationData
from portals.staff.shared import related
from portals.ui import formats
from portals.ui.templatetags import ui
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, ship, supplier_actor
from tests.people import make_member

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def owner(tenant: Any, client_for: Any) -> Any:
    return client_for(make_member("owner"))


def test_srm_03_the_form_of_a_supplier_keeps_its_currency(owner: Any) -> None:
    supplier = make_supplier()
    Party.objects.filter(pk=supplier.pk).update(currency="USD")
    form = owner.get(f"/suppliers/{supplier.pk}/edit/").context["forms"].form
    assert form["currency"].value() == "USD"


def test_a_suppliers_orders_say_what_they_are_in(owner: Any) -> None:
    supplier = make_supplier()
    Party.objects.filter(pk=supplier.pk).update(currency="USD")
    make_purchase_order((make_item(), 3, 10), supplier=supplier, exchange_rate=D(7))
    assert '<span class="t2 s12">USD</span> 30.00' in owner.get(f"/suppliers/{supplier.pk}/").content.decode()


def test_srm_04_nothing_is_ordered_from_the_page_of_a_blocked_supplier(owner: Any) -> None:
    supplier = make_supplier()
    address = f"/suppliers/{supplier.pk}/"
    assert "orders/new/?supplier=" in owner.get(address).content.decode()
    SupplierRole.objects.filter(party=supplier).update(state="blocked", state_reason="bad paper")
    shown = owner.get(address).content.decode()
    assert "orders/new/?supplier=" not in shown
    assert "bad paper" in shown


def test_a_rejected_line_is_not_expected_and_its_answer_is_told_as_a_proposal(owner: Any) -> None:
    order = make_purchase_order((make_item(), 10))
    [line] = lines_of(order)
    answer = [AnswerLine(line.pk, reject_reason="no longer made")]
    confirmations.answer_order(order_id=order.pk, lines=answer, actor=supplier_actor(order.supplier), at=AT)
    page = owner.get(f"/purchasing/orders/{order.number}/")
    assert page.context["sheet"].lines[0].cells["schedule"] == "–"
    newest = page.context["sheet"].timeline[0]
    assert newest.what.startswith("提出改动 · 第 1 行：拒绝 10：")
    assert "→" not in newest.what


def test_nobody_waits_for_the_answer_to_a_closed_order(owner: Any) -> None:
    order = make_purchase_order((make_item(), 10))
    orders.close_order(order_id=order.pk, actor=BUYER, at=AT, reason="off")
    cells = owner.get(f"/purchasing/orders/{order.number}/").context["sheet"].lines[0].cells
    assert (cells["schedule"], cells["state"]) == ("–", "–")


def test_what_comes_on_one_day_is_one_part(owner: Any) -> None:
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    for _again in range(2):
        ship(order, 2, expected=day(4))
    promise = owner.get(f"/purchasing/orders/{order.number}/").context["sheet"].lines[0].cells["schedule"]
    assert [part.value for part in promise.parts] == [D(4), D(6)]


def test_relatives_say_their_own_step_and_a_processors_order_its_name(tenant: Any) -> None:
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    notice = ship(order, 4)
    asns.withdraw_asn(asn_id=notice.pk, actor=supplier_actor(order.supplier), at=AT)
    [relative] = related.family_of(order.pk).relatives
    assert str(relative.chip.label) == "Closed"
    [back] = related.family_of(notice.pk).relatives
    assert str(back.label) == "Purchase order"
    PurchaseOrder.objects.filter(pk=order.pk).update(kind="subcontract")
    [back] = related.family_of(notice.pk).relatives
    assert str(back.label) == "Subcontract order"


def test_a_dropped_claim_says_so(owner: Any) -> None:
    claim = open_claim(data=ClaimData(supplier_id=make_supplier().pk, description="dents"), actor=BUYER, at=AT)
    cancel_claim(claim_id=claim.pk, reason="by mistake", actor=BUYER, at=AT + timedelta(hours=1))
    shown = owner.get(f"/suppliers/claims/{claim.number}/").context["timeline"]
    assert [entry.what for entry in shown] == ["撤销索赔", "提出索赔"]


def test_changes_have_a_sign_and_amounts_in_words_their_currency() -> None:
    assert [formats.change(D(value)) for value in ("30", "-0.84", "0.01")] == ["+30%", "−0.8%", "0%"]
    assert formats.cn_amount(D(5075), "USD") == "美元伍仟零柒拾伍元整"
    assert formats.cn_amount(D(5075)) == "伍仟零柒拾伍元整"


def test_a_claim_by_hand_names_its_item(owner: Any) -> None:
    supplier, item = make_supplier(), make_item()
    page = owner.get("/suppliers/claims/new/")
    assert 'name="item_id"' in page.content.decode()
    typed = {"supplier": supplier.pk, "item_id": item.pk, "qty": "2", "description": "dents"}
    assert owner.post("/suppliers/claims/new/", typed).status_code == 302
    assert QualityClaim.objects.get().item == item


def test_names_stand_with_the_comma_of_the_reader() -> None:
    with override("zh-hans"):
        assert ui.listed(["纸", "笔"]) == "纸、笔"
    assert ui.listed(["paper", "pens"]) == "paper, pens"


def test_srm_02_a_document_without_an_end_says_so(owner: Any) -> None:
    supplier, kind = make_supplier(), DocumentType.objects.get(code="iso9001")
    upload = SimpleUploadedFile("iso.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "image/png")
    data = QualificationData(type_id=kind.pk, number="ISO-1", no_expiry=True)
    submit_document(party_id=supplier.pk, data=data, upload=upload, actor=BUYER, at=AT)
    assert "长期有效</td>" in owner.get(f"/suppliers/{supplier.pk}/qualification/").content.decode()


def test_the_supplier_reads_that_an_order_was_closed_and_why_a_claim_was_dropped(tenant: Any, client_for: Any) -> None:
    supplier = make_supplier()
    portal = client_for(make_member("supplier_admin", party=supplier))
    order = make_purchase_order((make_item(), 10), supplier=supplier)
    orders.send_order(order_id=order.pk, actor=BUYER, at=AT)
    address = f"/supplier/orders/{order.number}/"
    assert "待确认" in portal.get(address).content.decode()
    orders.close_order(order_id=order.pk, actor=BUYER, at=AT, reason="off")
    shown = portal.get(address).content.decode()
    assert "待确认" not in shown
    assert "采购方已关闭本订单" in shown
    claim = open_claim(data=ClaimData(supplier_id=supplier.pk, description="dents"), actor=BUYER, at=AT)
    cancel_claim(claim_id=claim.pk, reason="by mistake", actor=BUYER, at=AT + timedelta(hours=1))
    said = portal.get(f"/supplier/claims/{claim.number}/").content.decode()
    assert "by mistake" in said
    assert "我方回复" not in said
