"""A supplier is found: invited, of no use without its licence, and admitted with it."""

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.access import services as access
from backend.access.models import Invitation
from backend.access.services.invitations import token_of
from backend.parties.models import SupplierRole
from backend.parties.services.suppliers import CannotOrderFrom
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import orders, rfqs
from backend.purchasing.services.inputs import LineInput, OrderData
from backend.srm.models import DocumentType, QualificationDocument
from backend.srm.services import admission, documents
from backend.srm.services.inputs import QualificationData
from backend.srm.services.life import CannotApproveSupplier, move_supplier
from backend.workflow.models import Task
from tests.people import make_identity
from tests.scenarios.mill.journey import PNG, USCC, Journey, request_of
from tests.scenarios.world import D, settle


def invite(story: Journey) -> None:
    """A pending supplier, and a link in the mailbox of its first person."""
    story.supplier = admission.invite_supplier(
        name="宏达纸业", email="wang@hongda.example", contact_name="王经理", tax_id=USCC, **story.buying(6)
    )
    settle()
    invitation = Invitation.objects.get(email="wang@hongda.example", party=story.supplier)
    token = token_of(invitation.pk)
    assert any("wang@hongda.example" in sent.to and token in str(sent.message()) for sent in mail.outbox)
    identity = make_identity("wang@hongda.example", "王经理")
    member = access.accept_invitation(token=token, identity_id=identity.pk, at=story.ago(6))
    story.person = access.actor_for(member, channel="portal")
    assert (story.person.kind, story.person.party_id) == ("supplier", story.supplier.pk)
    assert story.state == "pending"


def cannot_be_chosen_without_its_licence(story: Journey) -> None:
    """Neither ordered from nor asked nor approved: every refusal names the document."""
    licence = DocumentType.objects.get(code="business_licence").name
    missing = SupplierRole.objects.get(pk=story.supplier.pk).blocked_by
    assert "营业执照" in missing
    lines = [LineInput(story.item.pk, D(1), price=D(1))]
    wish = OrderData(supplier_id=story.supplier.pk, requested_date=story.world.day(5), lines=lines)
    with pytest.raises(CannotOrderFrom) as refused:
        orders.save_order(data=wish, **story.buying(6))
    assert missing in refused.value.message
    draft = rfqs.save_rfq(data=request_of(story), **story.buying(6))
    with pytest.raises(CannotOrderFrom) as refused:
        rfqs.publish_rfq(rfq_id=draft.pk, **story.buying(6))
    assert missing in refused.value.message
    rfqs.cancel_rfq(rfq_id=draft.pk, **story.buying(6))
    with pytest.raises(CannotApproveSupplier) as not_yet:
        move_supplier(party_id=story.supplier.pk, verb="approve", **story.buying(6))
    assert licence in not_yet.value.message
    assert not PurchaseOrder.objects.exists()


def hand_in_the_licence(story: Journey) -> None:
    """Uploaded by the supplier, accepted by us; then it is approved."""
    data = QualificationData(
        type_id=DocumentType.objects.get(code="business_licence").pk, number=USCC, expiry_date=story.world.day(400)
    )
    scan = SimpleUploadedFile("licence.png", PNG, "image/png")
    row = documents.submit_document(party_id=story.supplier.pk, data=data, upload=scan, **story.supplying(5))
    assert Task.objects.filter(kind="srm.document_to_review", done_at=None, subject_id=story.supplier.pk).exists()
    admission.submit_for_approval(party_id=story.supplier.pk, **story.supplying(5))
    with pytest.raises(CannotApproveSupplier):
        move_supplier(party_id=story.supplier.pk, verb="approve", **story.buying(5))
    documents.accept_document(document_id=row.pk, **story.buying(5))
    move_supplier(party_id=story.supplier.pk, verb="approve", **story.buying(5))
    assert (story.state, QualificationDocument.objects.get().state) == ("approved", "accepted")
    assert not Task.objects.filter(kind__startswith="srm.", done_at=None).exists()
