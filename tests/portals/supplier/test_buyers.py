"""SRM-25 and SRM-26: roles of a supplier's people, and one person who serves two buyers."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from backend.access import services as access
from backend.access.models import Invitation, Member
from backend.access.services import deactivate_member, invite_member
from backend.kernel.actor import Actor
from backend.kernel.files import attach_file
from backend.kernel.tenancy import run_in
from backend.processes.procure_to_pay import invoice_receipts
from backend.purchasing.models import Asn, PurchaseOrderLine
from backend.srm.services.claims import ClaimData, open_claim
from tests.databases import PASSWORD
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, make_purchase_order, receive
from tests.people import client_of, make_identity, make_member
from tests.tenants.test_accounts import at, path_of

pytestmark = pytest.mark.usefixtures("tenant")
EMAIL = "wang@serves-both.example"


def serve(identity: Any, name: str, amount: str) -> Any:
    """In the active company: a supplier this person works for, with an order and a claim."""
    supplier = make_supplier(name)
    access.create_member(
        identity_id=identity.pk,
        kind="supplier",
        name="王经理",
        email=EMAIL,
        role_codes=["supplier_admin"],
        party_id=supplier.pk,
        actor=Actor.system(),
        at=timezone.now(),
    )
    order = make_purchase_order((make_item(f"{name}的货"), 7, amount), supplier=supplier)
    claim = open_claim(data=ClaimData(supplier_id=supplier.pk, description=f"{name} bad"), actor=BUYER, at=AT)
    return supplier, order, claim


@pytest.mark.isolation
def test_srm_26_one_sign_in_serves_two_buyers_and_nothing_mixes(tenant: Any, beta: Any) -> None:
    identity = make_identity(EMAIL, "王经理")
    _mine, first, claim = serve(identity, "阿尔法专供", "11.30")
    with run_in(beta):
        _theirs, second, foreign_claim = serve(identity, "Beta supply", "22.60")
        foreign_line = PurchaseOrderLine.objects.get(document=second)
    public = Client(SERVER_NAME=settings.BASE_DOMAIN)
    answer = public.post("/signin/", {"email": EMAIL, "password": PASSWORD})
    assert answer.url == "/companies/"
    page = public.get("/companies/").content.decode()
    ways = re.findall(r"/companies/[0-9a-f-]{36}/", page)
    assert len(ways) == 2

    crossings = {url.split("/")[2].split(".")[0]: url for url in (public.post(way).url for way in ways)}
    here, there = at("alpha"), at("beta")
    assert here.get(path_of(crossings["alpha"])).url == "/supplier/"
    assert there.get(path_of(crossings["beta"])).url == "/supplier/"
    for client, own, foreign in ((here, first, second), (there, second, first)):
        listed = client.get("/supplier/orders/?show=all").content.decode()
        assert client.get(f"/supplier/orders/{own.number}/").status_code == 200
        name = "阿尔法专供的货" if own is first else "Beta supply的货"
        other = "Beta supply的货" if own is first else "阿尔法专供的货"
        assert name in listed
        assert other not in listed
        detail = client.get(f"/supplier/orders/{foreign.number}/")
        assert detail.status_code == 404 or other not in detail.content.decode()

    # forged ids of the other buyer's company are unknown here
    forged = here.post(f"/supplier/orders/{first.number}/lines/{foreign_line.pk}/answer/", {"verdict": "confirm"})
    assert forged.status_code in {400, 404}
    with run_in(beta):
        foreign_line.refresh_from_db()
        assert foreign_line.state == "open"
    shown = here.get(f"/supplier/claims/{foreign_claim.number}/")
    assert shown.status_code == 404 or "Beta supply bad" not in shown.content.decode()
    assert "阿尔法专供 bad" in here.get(f"/supplier/claims/{claim.number}/").content.decode()

    # and from one portal to the other without signing in again
    menu = here.get("/supplier/").content.decode()
    switches = re.findall(r"/supplier/account/switch/[0-9a-f-]{36}/", menu)
    assert switches
    landed = {here.get(url).url.split("/")[2].split(".")[0] for url in switches}
    assert "beta" in landed


def test_srm_25_logistics_people_announce_goods_and_see_no_price(tenant: Any) -> None:
    supplier = make_supplier("物流厂")
    order = make_purchase_order((make_item("纸箱"), 10, "77.77"), supplier=supplier)
    confirm(order)
    line = PurchaseOrderLine.objects.get(document=order)
    driver = client_of(make_member("supplier_logistics", party=supplier))
    seller = client_of(make_member("supplier_sales", party=supplier))
    url = f"/supplier/orders/{order.number}/"
    assert "77.77" in seller.get(url).content.decode()
    for page in (url, "/supplier/", "/supplier/orders/?show=all", "/supplier/shipments/new/", "/supplier/shipments/"):
        seen = driver.get(page)
        assert seen.status_code == 200, page
        assert "77.77" not in seen.content.decode(), page
        assert "777.70" not in seen.content.decode(), page
    notice = {
        f"qty-{line.pk}": "10",
        f"lot-{line.pk}": "L1",
        "expected_date": str(order.requested_date),
        "packages": "1",
        "carrier_name": "顺丰",
    }
    assert driver.post("/supplier/shipments/new/", notice).status_code == 302
    assert Asn.objects.get().supplier_id == supplier.pk
    for page in (
        "/supplier/settlement/",
        "/supplier/bank/",
        "/supplier/score/",
        "/supplier/profile/",
        "/supplier/team/",
    ):
        assert driver.get(page).status_code == 403, page
    assert driver.post(f"{url}confirmation/").status_code == 403


def test_srm_25_a_suppliers_administrator_invites_a_colleague_with_a_role(tenant: Any) -> None:
    supplier = make_supplier()
    boss = client_of(make_member("supplier_admin", party=supplier))
    typed = {"email": "driver@mill.example", "name": "李师傅", "role": ["supplier_logistics"]}
    assert boss.post("/supplier/team/", typed).status_code == 302
    made = Invitation.objects.get(email="driver@mill.example")
    assert (made.party_id, [role.code for role in made.roles.all()]) == (supplier.pk, ["supplier_logistics"])
    seller = client_of(make_member("supplier_sales", party=supplier))
    assert seller.post("/supplier/team/", {**typed, "email": "x@mill.example"}).status_code == 403


def test_srm_25_whose_access_was_ended_is_let_in_by_the_buyer_alone(tenant: Any, actor: Any) -> None:
    """Signed out at once, an open invitation is void, and the supplier's own administrator cannot undo it."""
    supplier = make_supplier()
    boss = client_of(make_member("supplier_admin", party=supplier))
    gone = make_member("supplier_sales", party=supplier, email="gone@mill.example")
    browser = client_of(gone)
    assert browser.get("/supplier/").status_code == 200
    deactivate_member(member_id=gone.pk, actor=actor, at=AT)
    assert browser.get("/supplier/").status_code == 302
    typed = {"email": "Gone@mill.example", "name": "李师傅", "role": ["supplier_logistics"]}
    refused = boss.post("/supplier/team/", typed)
    assert refused.status_code == 409
    assert "gone@mill.example" in refused.content.decode()
    assert not Invitation.objects.exists()
    invited, _token = invite_member(  # the buyer may
        email=gone.email, kind="supplier", party_id=supplier.pk, role_codes=["supplier_sales"], actor=actor, at=AT
    )
    Member.objects.filter(pk=gone.pk).update(active=True)
    deactivate_member(member_id=gone.pk, actor=actor, at=AT)
    invited.refresh_from_db()
    assert invited.revoked_at == AT


def test_srm_25_files_follow_the_right_to_their_paper(tenant: Any) -> None:
    """The e-invoice is for finance; the driver reads what hangs on orders and shipments."""
    supplier = make_supplier()
    order = make_purchase_order((make_item(), 10), supplier=supplier)
    receipt = receive(order, 10)
    bill = invoice_receipts(receipt_ids=[receipt.pk], actor=Actor.system(), at=AT)
    shared = {"visibility": "supplier", "party_id": supplier.pk, "actor": Actor.system(), "at": AT}
    paper, drawing = (
        attach_file(subject=each, upload=SimpleUploadedFile("a.pdf", b"%PDF-1.4 " + b"0" * 40), **shared)
        for each in (bill, order)
    )
    driver, finance = (client_of(make_member(f"supplier_{role}", party=supplier)) for role in ("logistics", "finance"))
    seen = [
        client.get(f"/supplier/files/{file.pk}/").status_code
        for client in (driver, finance)
        for file in (paper, drawing)
    ]
    assert seen == [404, 200, 200, 200]
