"""SRM-01, SRM-02, SRM-04: applications, documents with their checks, approval, reminders, suspension."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.access.models import Invitation
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, IllegalTransition, NotFoundRefused, Refusal, ValidationRefused
from backend.parties.models import Party, SupplierRole
from backend.parties.services.suppliers import CannotOrderFrom
from backend.processes.daily import look_around
from backend.purchasing.services import orders, rfqs
from backend.purchasing.services.inputs import RfqData, RfqLineInput
from backend.srm.models import DocumentType, QualificationDocument, SupplierApplication
from backend.srm.selectors.qualification import needs_of, obstacles_of
from backend.srm.services import admission, daily, documents
from backend.srm.services.inputs import ApplicationData, DocumentTypeData, ProfileData, QualificationData
from backend.srm.services.life import CannotApproveSupplier, move_supplier
from backend.workflow.models import Notification, Task
from backend.workflow.services import set_parameter
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import make_purchase_order
from tests.people import client_of, make_member
from tests.scenarios.world import settle

pytestmark = pytest.mark.usefixtures("tenant")
BUYER = Actor.system("Buyer")
TODAY = AT.date()
USCC = "91440300708461136T"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
STRANGER = Actor(kind="supplier", name="Stranger", channel="portal")


def scan():
    return SimpleUploadedFile("licence.png", PNG, "image/png")


def licence():
    return DocumentType.objects.get(code="business_licence")


def hand_in(party, *, number=USCC, expiry=None, actor=BUYER, kind=None, at=AT, **more):
    data = QualificationData(
        type_id=(kind or licence()).pk, number=number, expiry_date=expiry or TODAY + timedelta(days=400), **more
    )
    return documents.submit_document(party_id=party.pk, data=data, actor=actor, at=at, upload=scan())


def applicant(**more):
    values = {
        "company_name": "宏达塑料厂",
        "contact_name": "王经理",
        "email": "wang@hongda.example",
        "tax_id": USCC,
        "main_products": "塑料粒子",
    }
    return admission.apply_as_supplier(data=ApplicationData(**{**values, **more}), actor=STRANGER, at=AT)


def admitted():
    return admission.accept_application(application_id=applicant().pk, actor=BUYER, at=AT)


def role_of(party):
    return SupplierRole.objects.get(pk=party.pk)


def test_srm_01_an_application_becomes_a_pending_supplier_with_an_invitation(django_capture_on_commit_callbacks):
    row = applicant()
    assert Party.objects.filter(tax_id=USCC).count() == 0
    assert Task.objects.get(kind="srm.application").params["company"] == "宏达塑料厂"
    party = admission.accept_application(application_id=row.pk, actor=BUYER, at=AT)
    assert role_of(party).state == "pending"
    assert "营业执照" in role_of(party).blocked_by or "Business licence" in role_of(party).blocked_by
    assert Invitation.objects.get(party=party).email == "wang@hongda.example"
    assert Task.objects.get(kind="srm.application").done_at
    with pytest.raises(Conflict):
        admission.accept_application(application_id=row.pk, actor=BUYER, at=AT)


def test_an_application_with_a_wrong_check_digit_is_refused_beside_its_field():
    with pytest.raises(Refusal) as refused:
        applicant(tax_id="914403007084611360", email="nobody")
    assert {problem.field for problem in refused.value.problems} == {"tax_id", "email"}
    assert not SupplierApplication.objects.exists()


def test_the_same_mail_again_corrects_the_application_that_waits():
    applicant()
    applicant(company_name="宏达塑料有限公司")
    assert SupplierApplication.objects.get().company_name == "宏达塑料有限公司"


def test_an_application_of_a_known_tax_id_takes_that_supplier():
    known = make_supplier("宏达")
    Party.objects.filter(pk=known.pk).update(tax_id=USCC)
    assert admitted().pk == known.pk
    assert role_of(known).state == "approved"


def test_a_stranger_who_knows_a_tax_id_gets_in_through_nobody():
    known = make_supplier("宏达")
    Party.objects.filter(pk=known.pk).update(tax_id=USCC)
    make_member("supplier_admin", party=known)
    with pytest.raises(Conflict) as refused:
        admission.accept_application(application_id=applicant().pk, actor=BUYER, at=AT)
    assert refused.value.code == "supplier_has_people"
    assert not Invitation.objects.exists()


def test_a_declined_applicant_reads_why():
    row = applicant()
    with pytest.raises(ValidationRefused):
        admission.decline_application(application_id=row.pk, reason=" ", actor=BUYER, at=AT)
    admission.decline_application(application_id=row.pk, reason="已有足够供应商", actor=BUYER, at=AT)
    settle()
    assert any("已有足够供应商" in message.body and message.to == ["wang@hongda.example"] for message in mail.outbox)


def test_srm_01_nobody_is_approved_without_the_mandatory_licence_and_the_refusal_names_it():
    party = admitted()
    with pytest.raises(CannotApproveSupplier) as refused:
        move_supplier(party_id=party.pk, verb="approve", actor=BUYER, at=AT)
    assert "Business licence (missing)" in refused.value.message
    with pytest.raises(CannotOrderFrom) as stopped:
        make_purchase_order((make_item(), 1), supplier=party, approve=False)
    assert role_of(party).blocked_by in stopped.value.message
    row = hand_in(party)
    with pytest.raises(CannotApproveSupplier) as refused:
        move_supplier(party_id=party.pk, verb="approve", actor=BUYER, at=AT)
    assert "to be checked" in refused.value.message
    documents.accept_document(document_id=row.pk, actor=BUYER, at=AT)
    assert role_of(party).blocked_by == ""
    move_supplier(party_id=party.pk, verb="approve", actor=BUYER, at=AT)
    assert make_purchase_order((make_item(), 1), supplier=party).is_approved


def test_srm_02_documents_are_checked_when_they_come():
    party = admitted()
    wrong = {
        "number": lambda: hand_in(party, number="914403007084611360"),
        "expiry_date": lambda: hand_in(party, expiry=TODAY - timedelta(days=1)),
    }
    for field, way in wrong.items():
        with pytest.raises(Refusal) as refused:
            way()
        assert refused.value.problems[0].field == field
    with pytest.raises(Refusal) as refused:
        hand_in(party, number="91310000775785552L")
    assert refused.value.code == "tax_id_differs"
    nothing = QualificationData(type_id=licence().pk, number="")
    with pytest.raises(Refusal) as refused:
        documents.submit_document(party_id=party.pk, data=nothing, actor=BUYER, at=AT)
    assert {problem.field for problem in refused.value.problems} == {"number", "expiry_date", "file"}
    assert not QualificationDocument.objects.exists()


def test_srm_02_who_goes_by_the_credit_code_of_a_blocked_supplier_is_not_approved():
    """The block list: a firm that was blocked comes back under another name, with its old licence."""
    blocked = make_supplier("宏达旧厂")
    Party.objects.filter(pk=blocked.pk).update(tax_id=USCC)
    move_supplier(party_id=blocked.pk, verb="block", reason="fraud", actor=BUYER, at=AT)
    with pytest.raises(Conflict) as refused:
        admitted()
    assert (refused.value.code, refused.value.links[0].number) == ("supplier_on_block_list", str(blocked.pk))
    assert not Invitation.objects.exists()
    back = admission.invite_supplier(name="宏达新厂", email="new@hongda.example", contact_name="王", actor=BUYER, at=AT)
    row = hand_in(back)
    documents.accept_document(document_id=row.pk, actor=BUYER, at=AT)
    assert "fraud" not in role_of(back).blocked_by
    assert "宏达旧厂" not in role_of(back).blocked_by, "the supplier reads this"
    assert role_of(back).blocked_by
    page = client_of(make_member("buyer")).get(f"/suppliers/{back.pk}/qualification/").content.decode()
    assert "宏达旧厂" in page
    with pytest.raises(CannotApproveSupplier) as stopped:
        move_supplier(party_id=back.pk, verb="approve", actor=BUYER, at=AT)
    assert stopped.value.problems[0].code == "supplier_on_block_list"
    assert "fraud" in stopped.value.message
    move_supplier(party_id=blocked.pk, verb="unblock", reason="cleared", actor=BUYER, at=AT)
    move_supplier(party_id=back.pk, verb="approve", actor=BUYER, at=AT)
    assert (role_of(back).state, role_of(back).blocked_by) == ("approved", "")


def test_a_rejected_document_says_why_and_the_next_one_replaces_it():
    party = admitted()
    make_member("supplier_admin", party=party)
    row = hand_in(party)
    documents.reject_document(document_id=row.pk, reason="照片不清楚", actor=BUYER, at=AT)
    assert Notification.objects.get(kind="supplier.document_rejected").params["reason"] == "照片不清楚"
    assert "照片不清楚" in needs_of(party.pk, TODAY)[0].obstacle
    with pytest.raises(IllegalTransition):
        documents.accept_document(document_id=row.pk, actor=BUYER, at=AT)
    again = hand_in(party)
    documents.accept_document(document_id=again.pk, actor=BUYER, at=AT)
    newer = hand_in(party, expiry=TODAY + timedelta(days=900))
    documents.accept_document(document_id=newer.pk, actor=BUYER, at=AT)
    states = dict(QualificationDocument.objects.values_list("pk", "state"))
    assert (states[again.pk], states[newer.pk]) == ("replaced", "accepted")


def test_a_document_for_a_category_concerns_those_who_supply_it():
    item = make_item()
    food = documents.save_document_type(
        data=DocumentTypeData("食品经营许可证", mandatory=True, category_ids=(item.category_id,)), actor=BUYER, at=AT
    )
    party = admitted()
    assert food.pk not in {need.type.pk for need in needs_of(party.pk, TODAY)}
    admission.save_profile(party_id=party.pk, data=ProfileData(category_ids=(item.category_id,)), actor=BUYER, at=AT)
    assert any("食品经营许可证" in what for what in obstacles_of(needs_of(party.pk, TODAY)))
    assert "食品经营许可证" in role_of(party).blocked_by


def test_a_supplier_sends_for_approval_once_all_is_handed_in_and_only_for_itself():
    party, other = admitted(), make_supplier()
    person = Actor(kind="supplier", name="王", party_id=party.pk, channel="portal")
    with pytest.raises(Refusal) as refused:
        admission.submit_for_approval(party_id=party.pk, actor=person, at=AT)
    assert "missing" in refused.value.message
    with pytest.raises(NotFoundRefused):
        hand_in(other, actor=person)
    hand_in(party, actor=person)
    admission.submit_for_approval(party_id=party.pk, actor=person, at=AT)
    assert Task.objects.get(kind="srm.supplier_to_approve").subject_id == party.pk


def expiring(days):
    party = make_supplier()
    row = hand_in(party, expiry=TODAY + timedelta(days=days))
    documents.accept_document(document_id=row.pk, actor=BUYER, at=AT)
    return party, row


def look(days):
    return daily.look_at_documents(at=AT + timedelta(days=days))


def test_srm_02_reminders_come_30_7_and_1_days_before_and_once_each():
    party, row = expiring(40)
    make_member("supplier_admin", party=party)
    told = []
    for day in range(41):
        if look(day)["reminded"]:
            told.append(40 - day)
        assert look(day) == {"reminded": 0, "suspended": 0}
    assert told == [30, 7, 1]
    assert Task.objects.filter(kind="srm.document_expires", done_at=None).count() == 1
    assert Notification.objects.filter(kind="supplier.document_expires").count() == 3


def test_srm_02_on_expiry_the_supplier_is_suspended_with_the_name_of_the_document_and_freed_by_a_new_one():
    party, row = expiring(5)
    assert look(5)["suspended"] == 0
    assert look(6)["suspended"] == 1
    role = role_of(party)
    assert role.state == "suspended"
    assert str(row.expiry_date) in role.blocked_by
    fresh = hand_in(party, expiry=date(2030, 1, 1), at=AT + timedelta(days=6))
    assert role_of(party).state == "suspended"
    documents.accept_document(document_id=fresh.pk, actor=BUYER, at=AT + timedelta(days=6))
    assert (role_of(party).state, role_of(party).blocked_by) == ("approved", "")


@pytest.mark.parametrize(("verb", "state"), [("watch", "watch"), ("prefer", "preferred")])
def test_srm_02_a_new_document_changes_no_grade(verb, state):
    """SRM-04: who was watched, or preferred, before the licence ran out is so again."""
    party, _row = expiring(5)
    move_supplier(verb=verb, reason="late", party_id=party.pk, actor=BUYER, at=AT)
    look(6)
    assert role_of(party).state == "suspended"
    fresh = hand_in(party, expiry=date(2030, 1, 1), at=AT + timedelta(days=6))
    documents.accept_document(document_id=fresh.pk, actor=BUYER, at=AT + timedelta(days=6))
    assert (role_of(party).state, role_of(party).state_reason, role_of(party).blocked_by) == (state, "late", "")


def test_srm_02_the_hourly_look_suspends_on_the_day_after_the_last_one():
    party, _row = expiring(5)
    assert look_around(at=AT + timedelta(days=6))["suspended"] == 1
    assert role_of(party).state == "suspended"


def test_srm_02_a_document_that_expires_today_stops_orders_before_any_look():
    """The last day is good; from the next one nothing is ordered or asked there, though nobody was suspended yet."""
    party, row = expiring(5)
    order = make_purchase_order((make_item(), 1), supplier=party, approve=False)
    now = clock.now()
    asked = [RfqLineInput(make_item().pk, D(1), clock.today() + timedelta(days=9))]
    rfq = rfqs.save_rfq(data=RfqData("Paper", now + timedelta(days=1), asked, [party.pk]), actor=BUYER, at=now)

    def expires(days):
        QualificationDocument.objects.filter(pk=row.pk).update(expiry_date=clock.today() + timedelta(days=days))

    expires(-1)
    steps = {"actor": BUYER, "at": now}
    for step in (
        lambda: orders.approve_order(order_id=order.pk, **steps),
        lambda: rfqs.publish_rfq(rfq_id=rfq.pk, **steps),
    ):
        with pytest.raises(CannotOrderFrom) as refused:
            step()
        assert str(clock.today() - timedelta(days=1)) in refused.value.message
        assert refused.value.way_out
    assert role_of(party).state == "approved"
    DocumentType.objects.update(mandatory=False)
    assert daily.suspend_expired(today=clock.today(), at=now) == 0, "only what is asked for counts"
    DocumentType.objects.update(mandatory=True)
    expires(0)
    rfqs.publish_rfq(rfq_id=rfq.pk, **steps)
    assert orders.approve_order(order_id=order.pk, **steps).is_approved


def test_srm_04_the_life_cycle_has_no_short_cuts_and_a_block_needs_a_reason():
    party = make_supplier()
    steps = {"actor": BUYER, "at": AT, "party_id": party.pk}
    with pytest.raises(ValidationRefused):
        move_supplier(verb="block", **steps)
    move_supplier(verb="prefer", **steps)
    move_supplier(verb="watch", reason="late", **steps)
    move_supplier(verb="block", reason="fraud", **steps)
    for verb in ("approve", "prefer", "watch", "resume"):
        with pytest.raises(IllegalTransition):
            move_supplier(verb=verb, reason="x", **steps)
    assert role_of(party).state_reason == "fraud"
    move_supplier(verb="unblock", reason="cleared", **steps)
    assert role_of(party).state == "pending"


def test_where_the_company_asks_for_it_every_new_supplier_waits():
    set_parameter(key="srm.qualify_new_suppliers", value=True, actor=BUYER, at=AT)
    assert role_of(make_supplier()).state == "pending"
