"""Money accounts, the chart of accounts, periods, vouchers and the trial balance over the API."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounting.models import Account, Period, Voucher, VoucherLine
from backend.accounting.services.vouchers import VoucherLineInput, enter_voucher
from backend.api.base import UUID_PATTERN, ApiView, Page, ReadView, unsafe
from backend.api.inputs import PlausibleDate, Text, serializer_for
from backend.api.shapes import shape
from backend.invoicing import selectors as invoicing
from backend.invoicing.models import (
    FundAccount,
)
from backend.reporting.trial_balance import trial_balance

FundAccountShape = shape(FundAccount, ("id", "code", "name", "kind", "bank_name", "active"))
AccountShape = shape(
    Account, ("id", "code", "name", "name_en", "parent", "kind", "direction", "is_leaf", "by_party", "active")
)
PeriodShape = shape(Period, ("id", "code", "start_date", "end_date", "state", "closed_at", "closed_by_name"))
VoucherLineShape = shape(
    VoucherLine,
    ("line_no", "account", "summary", "debit", "credit", "party", "item", "qty"),
    depth_names=("account", "party", "item"),
)
VoucherShape = shape(
    Voucher,
    (
        "id", "number", "voucher_date", "word", "serial", "summary", "source_type", "source_number", "rule", "total",
        "created_at", "created_by_name", "lines",
    ),
    nested={
        "lines": VoucherLineShape(many=True, read_only=True),
        "number": serializers.CharField(read_only=True),
    },
)  # fmt: skip


class VoucherBody(serializers.Serializer[Any]):
    """A voucher keyed by hand."""

    date = PlausibleDate()
    summary = Text(max_length=200)
    lines = serializer_for(VoucherLineInput, VoucherLine, frozenset({"role"}))(many=True)


class ByCode(Page):
    ordering = "code"


class FundAccountView(ReadView):
    """Bank accounts and cash boxes."""

    serializer_class, pagination_class, reads = FundAccountShape, ByCode, "invoicing.fund_account.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return invoicing.fund_accounts()


class AccountView(ReadView):
    """The chart of accounts."""

    serializer_class, pagination_class, reads = AccountShape, ByCode, "accounting.account.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return Account.objects.all()


class PeriodView(ReadView):
    """The months of the books."""

    serializer_class, pagination_class, reads = PeriodShape, ByCode, "accounting.period.view"
    lookup_field, lookup_value_regex = "code", "[0-9-]+"

    def rows(self) -> Any:
        return Period.objects.all()


class VoucherView(ReadView):
    """Vouchers; those of documents come with their documents, others are keyed by hand."""

    serializer_class, reads = VoucherShape, "accounting.voucher.view"
    lookup_value_regex = UUID_PATTERN

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-voucher_date", "-id")

    def rows(self) -> Any:
        return Voucher.objects.prefetch_related("lines__account", "lines__party", "lines__item")

    @unsafe(VoucherBody, VoucherShape, status=201)
    def create(self, request: Request) -> Response:
        """Post a voucher keyed by hand."""
        self.require({"staff": "accounting.voucher.edit"})
        words = self.body(VoucherBody)

        def run() -> Any:
            made = enter_voucher(actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=made.pk))

        return self.act(run, status=201)


class BalanceAccount(serializers.Serializer[Any]):
    """Which account a row is about; depth 0 is the first level."""

    id = serializers.UUIDField()
    code = Text()
    name = Text()


class TrialBalanceRow(serializers.Serializer[Any]):
    """Opening, movement and closing of an account."""

    account = BalanceAccount()
    depth = serializers.IntegerField()
    opening_debit = serializers.DecimalField(max_digits=18, decimal_places=2)
    opening_credit = serializers.DecimalField(max_digits=18, decimal_places=2)
    debit = serializers.DecimalField(max_digits=18, decimal_places=2)
    credit = serializers.DecimalField(max_digits=18, decimal_places=2)
    closing_debit = serializers.DecimalField(max_digits=18, decimal_places=2)
    closing_credit = serializers.DecimalField(max_digits=18, decimal_places=2)


class TrialBalanceShape(serializers.Serializer[Any]):
    """The rows and whether debits equal credits."""

    balanced = serializers.BooleanField()
    rows = TrialBalanceRow(many=True)


class TrialBalanceView(ApiView):
    """The trial balance of a range of periods."""

    reads = "accounting.report.view"
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("from", str, required=True, description="A period like 2026-11."),
            OpenApiParameter("to", str, description="Without it one period."),
        ],
        responses=forced_singular_serializer(TrialBalanceShape),
    )
    def list(self, request: Request) -> Response:
        """Opening, movement and closing per account."""
        first = self._period("from", request.query_params.get("from", ""))
        last = self._period("to", request.query_params.get("to") or first)
        return Response(TrialBalanceShape(trial_balance(first, last)).data)

    def _period(self, name: str, code: str) -> str:
        if "\x00" in code or not Period.objects.filter(code=code).exists():
            raise serializers.ValidationError({name: [_("There is no such period; one is written like 2026-11.")]})
        return code
