"""SRM-20: a rejected lot opens a claim with a due date; the supplier answers in the portal; no answer costs points."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.catalog.inputs import ItemData
from backend.catalog.services import save_item
from backend.kernel.errors import Conflict, IllegalTransition, NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.models import Attachment, DocumentLink
from backend.purchasing.services.inputs import InspectionResult
from backend.purchasing.services.inspections import decide_inspection
from backend.srm.models import QualityClaim, QualityFact, SupplierScore
from backend.srm.selectors.claims import claim_for
from backend.srm.services import claims, facts, scores
from backend.workflow.models import Notification, Task
from backend.workflow.services import set_parameter
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, make_purchase_order, receive, supplier_actor
from tests.people import client_of, make_member
from tests.scenarios.world import settle
from tests.srm.test_scores import MONTH, bring

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
REPORT = {"containment": "隔离 50 件", "cause": "模具磨损", "corrective": "更换模具", "preventive": "每千件点检"}
ANSWER = claims.ClaimAnswer(**REPORT)


def opened(supplier, **more):
    data = claims.ClaimData(**{"supplier_id": supplier.pk, "description": "划痕", **more})
    return claims.open_claim(data=data, actor=BUYER, at=AT)


def rejected():
    """Ten came of which two were rejected."""
    item = save_item(data=ItemData(name="轴承", lot_tracked=True, inspection="full"), actor=BUYER, at=AT)
    receipt = receive(make_purchase_order((item, 10)), 10)
    made = receipt.inspections.get()
    results = [InspectionResult(made.lines.get().pk, D(2), reason="划痕")]
    decide_inspection(inspection_id=made.pk, results=results, actor=BUYER, at=AT)
    return made


def test_srm_20_a_failed_inspection_opens_one_claim_with_a_due_date():
    made = rejected()
    make_member("supplier_sales", party=made.supplier)
    settle()
    claim = QualityClaim.objects.get()
    assert (claim.source_number, claim.qty, claim.lot_id) == (made.number, 2, made.lines.get().lot_id)
    assert (claim.due_date - claim.doc_date).days == 7
    assert "划痕" in claim.description
    assert DocumentLink.objects.filter(source_id=made.pk, target_id=claim.pk).exists()
    assert Notification.objects.get(kind="supplier.claim_opened").url == f"/supplier/claims/{claim.number}/"
    with pytest.raises(Conflict) as refused:
        opened(made.supplier, lot_id=claim.lot_id, source_type="purchasing.inspection", source_id=made.pk)
    assert refused.value.links[0].number == claim.number
    claims.cancel_claim(claim_id=claim.pk, reason="误点", actor=BUYER, at=AT)
    again = opened(made.supplier, lot_id=claim.lot_id, source_type="purchasing.inspection", source_id=made.pk)
    assert again.state == "open", "a claim that was dropped by mistake may be opened again"


def test_srm_20_a_lot_on_two_lines_is_one_claim_and_one_fact_over_both():
    """SRM-18: the second line of a lot does not take the place of the first."""
    item = save_item(data=ItemData(name="轴承", lot_tracked=True, inspection="full"), actor=BUYER, at=AT)
    made = receive(make_purchase_order((item, 50), (item, 10)), 50, 10).inspections.get()
    first, second = made.lines.order_by("line_no")
    results = [InspectionResult(first.pk, D(5), reason="划痕"), InspectionResult(second.pk, D(1), reason="锈")]
    decide_inspection(inspection_id=made.pk, results=results, actor=BUYER, at=AT)
    settle()
    fact, claim = QualityFact.objects.get(), QualityClaim.objects.get()
    assert (fact.accepted_qty, fact.rejected_qty, claim.qty) == (54, 6, 6)
    assert "划痕; 锈" in claim.description


def test_where_the_company_does_not_want_it_nothing_is_opened():
    set_parameter(key="srm.claim_on_rejection", value=False, actor=BUYER, at=AT)
    rejected()
    settle()
    assert not QualityClaim.objects.exists()


def test_srm_20_the_answer_goes_back_once_and_is_accepted_then():
    supplier = make_supplier()
    claim, person = opened(supplier), supplier_actor(supplier)
    with pytest.raises(Refusal) as refused:
        claims.answer_claim(claim_id=claim.pk, answer=claims.ClaimAnswer("", "", ""), actor=person, at=AT)
    assert {problem.field for problem in refused.value.problems} == {"containment", "cause", "corrective"}
    with pytest.raises(IllegalTransition):
        claims.review_claim(claim_id=claim.pk, accepted=True, actor=BUYER, at=AT)
    claims.answer_claim(claim_id=claim.pk, answer=ANSWER, actor=person, at=AT)
    assert Task.objects.get(kind="srm.claim_to_review").subject_number == claim.number
    with pytest.raises(ValidationRefused):
        claims.review_claim(claim_id=claim.pk, accepted=False, actor=BUYER, at=AT)
    claims.review_claim(claim_id=claim.pk, accepted=False, reason="原因不充分", actor=BUYER, at=AT)
    later = AT + timedelta(days=1)
    claims.answer_claim(claim_id=claim.pk, answer=ANSWER, actor=person, at=later)
    claim = claims.review_claim(claim_id=claim.pk, accepted=True, actor=BUYER, at=later)
    assert (claim.state, claim.first_answered_at, claim.answered_at) == ("accepted", AT, later)
    assert not Task.objects.filter(kind="srm.claim_to_review", done_at=None).exists()


def test_another_suppliers_claim_is_unknown():
    claim, other = opened(make_supplier()), supplier_actor(make_supplier())
    with pytest.raises(NotFoundRefused):
        claim_for(other, claim.number)
    with pytest.raises(NotFoundRefused):
        claims.answer_claim(claim_id=claim.pk, answer=ANSWER, actor=other, at=AT)


def test_srm_20_no_answer_by_the_due_date_is_told_once_and_costs_points():
    supplier = make_supplier()
    make_member("supplier_admin", party=supplier)
    facts.note_delivery(bring(supplier, make_item()).pk)
    claim = opened(supplier, due_date=AT.date() + timedelta(days=2))
    dropped = opened(supplier, due_date=AT.date() + timedelta(days=2))
    claims.cancel_claim(claim_id=dropped.pk, reason="误报", actor=BUYER, at=AT)
    assert claims.remind_of_overdue(at=AT + timedelta(days=2)) == 0
    late = AT + timedelta(days=3)
    assert claims.remind_of_overdue(at=late) == 1
    assert claims.remind_of_overdue(at=late) == 0
    assert Task.objects.get(kind="srm.claim_overdue", done_at=None).subject_id == claim.pk
    assert Notification.objects.filter(kind="supplier.claim_overdue").count() == 1

    def points(at):
        scores.compute_month(MONTH, at=at)
        row = SupplierScore.objects.get(party=supplier)
        return row.late_claims, row.score

    assert points(AT + timedelta(days=2)) == (0, 100)
    assert points(late) == (1, 90)
    claims.answer_claim(claim_id=claim.pk, answer=ANSWER, actor=supplier_actor(supplier), at=late)
    assert points(late) == (1, 90)
    assert not Task.objects.filter(kind="srm.claim_overdue", done_at=None).exists()


def test_srm_20_pages_from_opening_to_acceptance(tenant):
    made = rejected()
    supplier = made.supplier
    buyer = client_of(make_member("buyer"))
    sales = client_of(make_member("supplier_sales", party=supplier))
    lot = made.lines.get().lot
    assert "向供应商索赔" in buyer.get(f"/purchasing/inspections/{made.number}/").content.decode()
    url = f"/suppliers/claims/new/?inspection={made.number}&lot={lot.pk}"
    assert lot.lot_no in buyer.get(url).content.decode()
    assert buyer.post(url, {"supplier": supplier.pk, "description": ""}).status_code == 400
    photo = SimpleUploadedFile("scratch.png", PNG, "image/png")
    typed = {"supplier": supplier.pk, "description": "划痕", "qty": "2", "file": photo}
    assert buyer.post(url, typed).status_code == 302
    claim = QualityClaim.objects.get()
    assert (claim.lot_id, claim.source_number) == (lot.pk, made.number)
    assert claim.number in buyer.get("/suppliers/claims/").content.decode()
    page, theirs = f"/suppliers/claims/{claim.number}/", f"/supplier/claims/{claim.number}/"
    assert buyer.get(page).status_code == 200
    assert claim.number in sales.get("/supplier/claims/").content.decode()
    assert "划痕" in sales.get(theirs).content.decode()
    photo = Attachment.objects.get(subject_id=claim.pk)
    assert sales.get(f"/supplier/files/{photo.pk}/").status_code == 200
    kept = sales.post(theirs, {**REPORT, "cause": ""})
    assert kept.status_code == 400
    assert "隔离 50 件" in kept.content.decode()
    report = SimpleUploadedFile("8d.pdf", b"%PDF-1.4 x", "application/pdf")
    assert sales.post(theirs, {**REPORT, "file": report}).status_code == 302
    assert "模具磨损" in buyer.get(page).content.decode()
    assert buyer.post(f"{page}return/", {"reason": ""}).status_code == 400
    assert buyer.post(f"{page}return/", {"reason": "请补充"}).status_code == 302
    assert "请补充" in sales.get(theirs).content.decode()
    assert sales.post(theirs, REPORT).status_code == 302
    assert buyer.post(f"{page}acceptance/").status_code == 302
    assert buyer.post(f"{page}cancellation/", {"reason": "x"}).status_code == 409
    other = client_of(make_member("supplier_admin", party=make_supplier()))
    assert other.get(theirs).status_code == 404
    assert other.get(f"/supplier/files/{photo.pk}/").status_code == 404
    driver = client_of(make_member("supplier_logistics", party=supplier))
    assert driver.get(theirs).status_code == 403
    assert client_of(make_member("sales_rep")).get(page).status_code == 403
