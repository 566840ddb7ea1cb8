"""A supplier's own side over the API: profile, documents, bank account. A supplier's token reads and writes its own alone.

A bank account that is asked for takes effect when a second person in finance agrees, whoever asked and however.
"""

import base64
import binascii
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, ApiView, Page, ReadView, unsafe
from backend.api.documents import Empty, Reason
from backend.api.inputs import Text, refuse_unknown, serializer_for
from backend.api.shapes import shape
from backend.kernel.files import MAX_BYTES
from backend.parties.models import Party
from backend.srm.models import QualificationDocument, SupplierBankAccount, SupplierProfile
from backend.srm.selectors.qualification import supplier_for
from backend.srm.services import admission, bank, documents
from backend.srm.services.bank import BankData
from backend.srm.services.inputs import ProfileData, QualificationData

DOCUMENTS = {"staff": "srm.qualification.view", "supplier": "supplier.profile.view"}
KEEPS = {"staff": "srm.qualification.edit", "supplier": "supplier.profile.edit"}
REVIEWS = {"staff": "srm.qualification.review"}


class Newest(Page):
    ordering = "-id"


def own_rows(view: ApiView, rows: Any) -> Any:
    """All rows for staff, its own for a supplier."""
    return rows.filter(party=view.actor.party_id) if view.actor.kind == "supplier" else rows


# --- profile -----------------------------------------------------------------------------------
ProfileShape = shape(
    SupplierProfile,
    (
        "party", "origin", "legal_representative", "registered_address", "website", "main_products", "categories",
        "submitted_at", "returned_reason", "updated_at",
    ),
    depth_names=("party",),
)  # fmt: skip
ProfileBody = serializer_for(ProfileData, SupplierProfile)


class ProfileView(ReadView):
    """What suppliers say about themselves; the kinds of goods decide which documents they need."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = "party_id"

    serializer_class = ProfileShape
    lookup_value_regex = UUID_PATTERN
    reads, writes = DOCUMENTS, KEEPS

    def rows(self) -> Any:
        return own_rows(self, SupplierProfile.objects.select_related("party").prefetch_related("categories"))

    @unsafe(ProfileBody, ProfileShape)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Write a supplier's profile whole, the first time too."""
        party, data = self._party(pk), self.checked(ProfileBody)

        def run() -> Any:
            admission.save_profile(party_id=party.pk, data=data, actor=self.actor, at=self.at)
            return self.shown(self.rows().get(pk=party.pk))

        return self.act(run)

    @unsafe(Empty, ProfileShape)
    @action(detail=True, methods=["post"])
    def submission(self, request: Request, pk: Any = None) -> Response:
        """The supplier says that all is there, and asks to be approved."""
        party = self._party(pk)

        def run() -> Any:
            admission.submit_for_approval(party_id=party.pk, actor=self.actor, at=self.at)
            return self.shown(self.rows().get(pk=party.pk))

        return self.act(run)

    def _party(self, pk: Any) -> Party:
        """The supplier of the address; another's is as unknown to a supplier as one that never was."""
        wanted = serializers.UUIDField().run_validation(pk)
        return supplier_for(self.actor, wanted)


# --- documents ---------------------------------------------------------------------------------
DocumentShape = shape(
    QualificationDocument,
    (
        "id", "party", "type", "number", "issued_by", "valid_from", "expiry_date", "attachment_id", "state",
        "review_reason", "submitted_at", "submitted_by_name", "reviewed_at", "reviewed_by_name",
    ),
    depth_names=("party", "type"),
)  # fmt: skip


class FileBody(serializers.Serializer[Any]):
    """A scan: its name and its bytes as base64."""

    name = Text(max_length=200)
    content = Text(max_length=MAX_BYTES * 4 // 3 + 4, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            refuse_unknown(self, data)
        found = super().to_internal_value(data)
        try:
            content = base64.b64decode(found["content"], validate=True)
        except (binascii.Error, ValueError):
            raise serializers.ValidationError({"content": [_("This is not base64.")]}) from None
        return SimpleUploadedFile(found["name"], content)


class DocumentBody(serializers.Serializer[Any]):
    """A document with its scan; staff says whose it is."""

    supplier_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    document = serializer_for(QualificationData, QualificationDocument)()
    file = FileBody()


class QualificationView(ReadView):
    """Qualification documents: handed in, accepted, rejected."""

    serializer_class, pagination_class = DocumentShape, Newest
    lookup_value_regex = UUID_PATTERN
    reads = DOCUMENTS

    def rows(self) -> Any:
        return own_rows(self, QualificationDocument.objects.select_related("party", "type"))

    @unsafe(DocumentBody, DocumentShape, status=201)
    def create(self, request: Request) -> Response:
        """Hand a document in; one that waited already gives way to it."""
        self.require(KEEPS)
        words = self.body(DocumentBody)
        party = supplier_for(self.actor, words["supplier_id"])

        def run() -> Any:
            made = documents.submit_document(
                party_id=party.pk, data=words["document"], upload=words["file"], actor=self.actor, at=self.at
            )
            return self.shown(self.rows().get(pk=made.pk))

        return self.act(run, status=201)

    @unsafe(Empty, DocumentShape)
    @action(detail=True, methods=["post"])
    def acceptance(self, request: Request, pk: Any = None) -> Response:
        """The document is good; it may free a supplier that was suspended."""
        return self._decide(documents.accept_document)

    @unsafe(Reason, DocumentShape)
    @action(detail=True, methods=["post"])
    def rejection(self, request: Request, pk: Any = None) -> Response:
        """The document is not good; the supplier reads why."""
        return self._decide(documents.reject_document, **self.body(Reason))

    def _decide(self, service: Any, **words: Any) -> Response:
        self.require(REVIEWS)
        row = self.get_object()

        def run() -> Any:
            service(document_id=row.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=row.pk))

        return self.act(run)


# --- bank accounts -----------------------------------------------------------------------------
AccountShape = shape(
    SupplierBankAccount,
    (
        "id", "party", "holder", "bank_name", "masked", "account_no", "bank_code", "reason", "state",
        "requested_by_name", "requested_at", "decided_by_name", "decided_at", "decision_reason",
    ),
    depth_names=("party",),
    guarded={"account_no": "srm.bank_account.unmask"},
    nested={"masked": serializers.CharField(read_only=True)},
    name="SupplierAccount",
)  # fmt: skip


class AccountBody(serializers.Serializer[Any]):
    """The account that is asked for; staff says whose it is."""

    supplier_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    account = serializer_for(BankData, SupplierBankAccount)()


class BankAccountView(ReadView):
    """Accounts that suppliers are paid to; a change waits for a second person in finance."""

    serializer_class, pagination_class = AccountShape, Newest
    lookup_value_regex = UUID_PATTERN
    reads = {"staff": "srm.bank_account.view", "supplier": "supplier.bank.view"}

    def rows(self) -> Any:
        return own_rows(self, SupplierBankAccount.objects.select_related("party"))

    @unsafe(AccountBody, AccountShape, status=201)
    def create(self, request: Request) -> Response:
        """Ask for another account; the one in effect stays until somebody agrees."""
        self.require({"staff": "srm.bank_account.edit", "supplier": "supplier.bank.edit"})
        words = self.body(AccountBody)
        party = supplier_for(self.actor, words["supplier_id"])

        def run() -> Any:
            made = bank.request_bank_account(party_id=party.pk, data=words["account"], actor=self.actor, at=self.at)
            return self.shown(self.rows().get(pk=made.pk))

        return self.act(run, status=201)

    @unsafe(Empty, AccountShape)
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: Any = None) -> Response:
        """Finance agrees; refused to whoever asked for it."""
        return self._decide(bank.approve_bank_account)

    @unsafe(Reason, AccountShape)
    @action(detail=True, methods=["post"])
    def rejection(self, request: Request, pk: Any = None) -> Response:
        """The account stays what it was; whoever asked reads why."""
        return self._decide(bank.reject_bank_account, **self.body(Reason))

    def _decide(self, service: Any, **words: Any) -> Response:
        self.require({"staff": "srm.bank_account.approve"})
        row = self.get_object()

        def run() -> Any:
            service(account_id=row.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=row.pk))

        return self.act(run)
