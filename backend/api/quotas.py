"""Quotas of items over the API: set, read with what was ordered since, proposed from the scores of suppliers (SRM-19)."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.approvals import GONE
from backend.api.base import KEY_HEADER, UUID_PATTERN, VERSION, Page, ReadView, unsafe
from backend.api.computed import Computed, cost, percent, quantity
from backend.api.inputs import Text, serializer_for
from backend.api.shapes import shape
from backend.catalog.models import Item
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.purchasing.models import ItemQuota, QuotaShare
from backend.purchasing.selectors.quotas import quotas
from backend.purchasing.services.quotas import QuotaData, drop_quota, save_quota
from backend.srm.selectors.sourcing import candidates, proposed_shares

SCORES = "srm.score.view"
ITEM = OpenApiParameter("item", str, description="Id of an item.")
ShareShape = shape(QuotaShare, ("supplier", "share", "base_qty"), depth_names=("supplier",))
QuotaShape = shape(
    ItemQuota,
    ("id", "item", "valid_from", "valid_to", "way", "version", "updated_at", "updated_by_name", "shares"),
    depth_names=("item",),
    nested={"shares": ShareShape(many=True, read_only=True)},
)
QuotaBody = serializer_for(QuotaData, ItemQuota)


class StandingRow(Computed):
    """A supplier of the item: rank by score, then price, then days; ``stopped`` says why nothing is ordered there."""

    guarded = {"price": "catalog.cost.view", "score": SCORES, "score_month": SCORES}
    supplier_id = serializers.UUIDField(source="supplier.pk")
    supplier = Text(source="supplier.name")
    state = Text(source="supplier.supplier.state")
    rank = serializers.IntegerField()
    score = percent(source="score.score", default=None, allow_null=True)
    score_month = Text(source="score.month", default=None, allow_null=True)
    price = cost(allow_null=True)
    days = serializers.IntegerField()
    stopped = Text(allow_blank=True)
    share = percent(source="share.share", default=None, allow_null=True)
    ordered = quantity()
    actual_pct = percent(allow_null=True)
    is_next = serializers.BooleanField()


class ProposedShare(Computed):
    """A share that the scores make."""

    supplier_id = serializers.UUIDField()
    share = percent()


class QuotaView(ReadView):
    """Who is to get which part of what is bought of an item; the shares of a quota make 100 per cent."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-valid_from", "-id")

    serializer_class = QuotaShape
    lookup_value_regex = UUID_PATTERN
    reads = {"staff": "purchasing.quota.view"}
    writes = {"staff": "purchasing.quota.edit"}

    def rows(self) -> Any:
        return quotas()

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        item = self.id_asked("item") if self.action == "list" else None
        return found.filter(item=item) if item else found

    @extend_schema(parameters=[ITEM])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every quota, the newest first."""
        return super().list(request, *args, **kwargs)

    def save(self, **known: Any) -> Any:
        made = save_quota(data=self.checked(QuotaBody), actor=self.actor, at=self.at, **known)
        return self.shown(self.rows().get(pk=made.pk))

    @unsafe(QuotaBody, QuotaShape, status=201)
    def create(self, request: Request) -> Response:
        """Set a quota; no day of an item has two."""
        return self.act(self.save, status=201)

    @unsafe(QuotaBody, QuotaShape, parameters=[VERSION])
    def update(self, request: Request, pk: Any = None) -> Response:
        """Change a quota whole; what was ordered since its first day counts on."""
        known = {"quota_id": self.get_object().pk, "version": self.version_asked()}
        return self.act(lambda: self.save(**known))

    @extend_schema(responses=GONE, parameters=[KEY_HEADER])
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Buy without it."""
        found = self.get_object()

        def run() -> None:
            drop_quota(quota_id=found.pk, actor=self.actor, at=self.at)

        return self.act(run, status=204)

    @extend_schema(responses=StandingRow(many=True))
    @action(detail=True, pagination_class=None)
    def standing(self, request: Request, pk: Any = None) -> Response:
        """The item's suppliers, best first, with what each was ordered since the quota began."""
        quota = self.get_object()
        item = Item.objects.select_related("tax_code").get(pk=quota.item_id)
        return Response(StandingRow.rows(candidates(item, day=clock.today(), quota=quota), self.actor))

    @extend_schema(parameters=[OpenApiParameter("item", str, required=True)], responses=ProposedShare(many=True))
    @action(detail=False, pagination_class=None)
    def proposal(self, request: Request) -> Response:
        """Shares in proportion to the scores of an item's suppliers; none below the limit, on watch or stopped."""
        self.require({"staff": SCORES})
        wanted = self.id_asked("item")
        if wanted is None:
            raise ValidationRefused(_("Name the item."), field="item")
        item = Item.objects.select_related("tax_code").filter(pk=wanted).first()
        if item is None:
            raise NotFoundRefused(_("There is no such item."), value=wanted)
        shares = proposed_shares(candidates(item, day=clock.today()))
        found = [{"supplier_id": party, "share": share} for party, share in shares.items()]
        return Response(ProposedShare.rows(found, self.actor))
