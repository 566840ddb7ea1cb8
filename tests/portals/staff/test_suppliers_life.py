"""SRM-01, SRM-02, SRM-04 through the pages: application, documents, approval, block."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.inventory.models import Warehouse
from backend.kernel import clock
from backend.parties.models import Party, SupplierRole
from backend.purchasing.models import PurchaseOrder, Rfq
from backend.srm.models import DocumentType, QualificationDocument, SupplierApplication
from backend.workflow.services import set_parameter
from tests.factories.catalog import make_item
from tests.people import client_of, make_member

pytestmark = pytest.mark.usefixtures("tenant")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
USCC = "91440300708461136T"
APPLICATION = {
    "company_name": "宏达塑料厂",
    "contact_name": "王经理",
    "email": "wang@hongda.example",
    "tax_id": USCC,
    "main_products": "塑料粒子",
}


def stranger(tenant: Any) -> Any:
    from django.conf import settings
    from django.test import Client

    return Client(SERVER_NAME=f"{tenant.slug}.{settings.BASE_DOMAIN}")


def document(**more: Any) -> dict[str, Any]:
    return {
        "type": str(DocumentType.objects.get(code="business_licence").pk),
        "number": USCC,
        "expiry_date": str(clock.today() + timedelta(days=400)),
        "file": SimpleUploadedFile("licence.png", PNG, "image/png"),
        **more,
    }


def test_srm_01_from_the_open_page_to_the_first_approved_supplier(tenant: Any, actor: Any) -> None:
    door = stranger(tenant)
    assert door.get("/supplier/apply/").status_code == 200
    wrong = door.post("/supplier/apply/", {**APPLICATION, "tax_id": "914403007084611360"})
    assert wrong.status_code == 400
    assert "塑料粒子" in wrong.content.decode()
    assert door.post("/supplier/apply/", APPLICATION).status_code == 200
    row = SupplierApplication.objects.get()
    buyer = client_of(make_member("buyer"))
    assert row.company_name in buyer.get("/suppliers/applications/").content.decode()
    assert buyer.get(f"/suppliers/applications/{row.pk}/").status_code == 200
    taken = buyer.post(f"/suppliers/applications/{row.pk}/acceptance/")
    party = Party.objects.get(tax_id=USCC)
    assert taken.url == f"/suppliers/{party.pk}/qualification/"

    supplier = client_of(make_member("supplier_admin", party=party))
    page = supplier.get("/supplier/profile/").content.decode()
    assert "Business licence" in page or "营业执照" in page
    assert supplier.post("/supplier/profile/submission/").status_code == 400
    assert supplier.post("/supplier/profile/documents/", document(number="1")).status_code == 400
    assert supplier.post("/supplier/profile/documents/", document()).status_code == 302
    saved = {"legal_representative": "王", "main_products": "塑料"}
    assert supplier.post("/supplier/profile/save/", saved).status_code == 302
    assert supplier.post("/supplier/profile/submission/").status_code == 302

    refused = buyer.post(f"/suppliers/{party.pk}/state/", {"verb": "approve"})
    assert refused.status_code == 409
    paper = QualificationDocument.objects.get()
    assert buyer.get(f"/files/{paper.attachment_id}").status_code == 200
    url = f"/suppliers/{party.pk}/documents/{paper.pk}"
    assert buyer.post(f"{url}/acceptance/").status_code == 302
    assert buyer.post(f"/suppliers/{party.pk}/state/", {"verb": "approve"}).status_code == 302
    assert SupplierRole.objects.get(pk=party.pk).state == "approved"
    assert buyer.get(f"/suppliers/{party.pk}/qualification/").status_code == 200


def test_a_document_is_entered_and_rejected_by_staff(tenant: Any) -> None:
    buyer = client_of(make_member("buyer"))
    party = _supplier()
    assert buyer.post(f"/suppliers/{party.pk}/documents/", document(number="")).status_code == 400
    assert buyer.post(f"/suppliers/{party.pk}/documents/", document()).status_code == 302
    paper = QualificationDocument.objects.get()
    url = f"/suppliers/{party.pk}/documents/{paper.pk}/refusal/"
    assert buyer.post(url, {"reason": ""}).status_code == 400
    assert buyer.post(url, {"reason": "blurred"}).status_code == 302
    assert "blurred" in buyer.get(f"/suppliers/{party.pk}/qualification/").content.decode()
    other = _supplier("Other")
    assert buyer.post(f"/suppliers/{other.pk}/documents/{paper.pk}/acceptance/").status_code == 404


def _supplier(name: str = "Mill") -> Party:
    from tests.factories.parties import make_supplier

    return make_supplier(name)


def test_srm_04_a_block_asks_why_and_stops_the_order_page(tenant: Any) -> None:
    buyer, party = client_of(make_member("buyer")), _supplier()
    assert buyer.post(f"/suppliers/{party.pk}/state/", {"verb": "block"}).status_code == 400
    assert buyer.post(f"/suppliers/{party.pk}/state/", {"verb": "block", "reason": "fraud"}).status_code == 302
    page = buyer.get(f"/suppliers/{party.pk}/qualification/").content.decode()
    assert "fraud" in page
    assert buyer.post(f"/suppliers/{party.pk}/state/", {"verb": "nonsense"}).status_code == 400
    item, day = make_item(), str(clock.today() + timedelta(days=9))
    line = {"lines-0-item_id": str(item.pk), "lines-0-item_id_code": item.code, "lines-0-qty": "5"}
    head = {
        "supplier": str(party.pk),
        "doc_date": str(clock.today()),
        "requested_date": day,
        "price_includes_tax": "1",
        "warehouse_id": str(Warehouse.objects.get().pk),
    }
    refused = buyer.post("/purchasing/orders/new/", {**head, **line, "lines-0-price": "3", "supplier_ref": "kept"})
    assert refused.status_code == 409
    assert "fraud" in refused.content.decode()
    assert "kept" in refused.content.decode()
    asked = {"title": "Spring", "deadline": f"{day}T17:00", "suppliers": [str(party.pk)], "lines-0-need_date": day}
    asked["warehouse_id"] = head["warehouse_id"]
    drafted = buyer.post("/purchasing/rfqs/new/", {**asked, **line})
    assert drafted.status_code == 302, "a draft asks nobody"
    refused = buyer.post(f"/purchasing/rfqs/{Rfq.objects.get().number}/publication/")
    assert refused.status_code == 409
    assert "fraud" in refused.content.decode()
    assert not PurchaseOrder.objects.exists()
    assert not Rfq.objects.filter(published_at__isnull=False).exists()


def test_document_types_are_kept_by_those_who_may(tenant: Any) -> None:
    buyer = client_of(make_member("buyer"))
    assert buyer.get("/suppliers/document-types/").status_code == 200
    assert (
        buyer.post("/suppliers/document-types/new/", {"name": "环评", "mandatory": "on", "active": "on"}).status_code
        == 302
    )
    row = DocumentType.objects.get(own_name="环评")
    assert row.mandatory
    assert not row.expires
    assert buyer.get(f"/suppliers/document-types/{row.pk}/").status_code == 200
    assert buyer.post(f"/suppliers/document-types/{row.pk}/", {"name": ""}).status_code == 400
    keeper = client_of(make_member("picker"))
    assert keeper.get("/suppliers/document-types/").status_code == 403


def test_an_invited_supplier_is_pending_and_the_buyer_sees_it(tenant: Any) -> None:
    buyer = client_of(make_member("buyer"))
    typed = {"name": "新厂", "contact_name": "李", "email": "li@new.example", "tax_id": "", "language": "zh-hans"}
    assert buyer.post("/suppliers/invite/", {**typed, "email": "nothing"}).status_code == 400
    assert buyer.post("/suppliers/invite/", typed).status_code == 302
    assert SupplierRole.objects.get(party__name="新厂").state == "pending"


def test_the_door_is_closed_where_nobody_wants_applications(tenant: Any, actor: Any) -> None:
    set_parameter(key="srm.applications_open", value=False, actor=actor, at=clock.now())
    assert stranger(tenant).get("/supplier/apply/").status_code == 404


def test_logistics_people_keep_no_documents(tenant: Any) -> None:
    party = _supplier()
    driver = client_of(make_member("supplier_logistics", party=party))
    assert driver.get("/supplier/profile/").status_code == 403
    assert driver.post("/supplier/profile/documents/", document()).status_code == 403
