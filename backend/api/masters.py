"""Masters over the API: items, price lists, partners. Writing a master replaces it whole, by the version read."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, VERSION, Page, ReadView, unsafe
from backend.api.documents import own
from backend.api.inputs import serializer_for
from backend.api.item_supply import ItemSupplyMixin
from backend.api.item_units import ItemUnitsMixin
from backend.api.shapes import shape
from backend.catalog import selectors as catalog
from backend.catalog.inputs import ItemData, PriceListData
from backend.catalog.models import Item, ItemCategory, PriceList, PriceListLine, TaxCode, Unit
from backend.catalog.services import save_item, save_price_list
from backend.parties.inputs import PartyData
from backend.parties.models import Address, CarrierRole, Contact, CustomerRole, Party, SupplierRole
from backend.parties.services import save_party

SEARCH = OpenApiParameter("q", str, description="Code, name or pinyin initials.")

STYLE = OpenApiParameter("style", UUID, description="The variants of a style.")


class ByName(Page):
    ordering = ("sort_key", "id")


class ByCode(Page):
    ordering = "code"


class MasterView(ReadView):
    """Create by POST, replace by PUT."""

    lookup_value_regex = UUID_PATTERN
    data: Any = None

    def save(self, data: Any, pk: Any = None, version: int | None = None) -> Any:
        raise TypeError(f"{type(self).__name__} does not save")

    def _body(self) -> Any:
        return self.checked(serializer_for(self.data, self.serializer_class.Meta.model))

    def _shown_again(self, saved: Any) -> Any:
        return self.shown(self.rows().get(pk=saved.pk))

    def create(self, request: Request) -> Response:
        body = self._body()
        return self.act(lambda: self._shown_again(self.save(body)), status=201)

    def update(self, request: Request, pk: Any = None) -> Response:
        found, body, version = self.get_object(), self._body(), self.version_asked()
        return self.act(lambda: self._shown_again(self.save(body, found.pk, version)))


def master(data: Any, shown: Any) -> Any:
    """Class decorator: the OpenAPI description of a master's view."""

    def describe(cls: Any) -> Any:
        cls.data, cls.serializer_class = data, shown
        body = serializer_for(data, shown.Meta.model)
        cls.create = unsafe(body, shown, status=201)(own(cls, "create"))
        cls.update = unsafe(body, shown, parameters=[VERSION])(own(cls, "update"))
        return cls

    return describe


# --- items -------------------------------------------------------------------------------------
ItemShape = shape(
    Item,
    (
        "id", "code", "name", "spec", "mnemonic", "barcode", "item_type", "category", "unit", "tax_code",
        "purchasable", "sellable", "lot_tracked", "serial_tracked", "expiry_tracked", "shelf_life_days", "supplier", "lead_days",
        "pack_qty", "min_order_qty", "safety_stock", "share_with_supplier", "sale_price", "purchase_price",
        "min_sale_price", "active", "remark", "style", "variant_key", "version", "on_hand", "reserved", "available",
    ),
    depth_names=("category", "unit", "tax_code", "supplier", "style"),
    nested={
        name: serializers.DecimalField(max_digits=18, decimal_places=4, read_only=True)
        for name in ("on_hand", "reserved", "available")
    },
    guarded={
        "purchase_price": "catalog.cost.view",
        "sale_price": "catalog.price.view",
        "min_sale_price": "catalog.price.view",
    },
)  # fmt: skip


class ItemView(ItemUnitsMixin, ItemSupplyMixin, MasterView):
    """Items with their stock over all warehouses."""

    pagination_class = ByName
    reads, writes = "catalog.item.view", "catalog.item.edit"

    def rows(self) -> Any:
        found = catalog.with_stock(catalog.items())
        if style := self.id_asked("style"):
            found = found.filter(style=style)
        text = self.request.query_params.get("q", "").replace("\x00", "").strip()
        return found.filter(pk__in=[item.pk for item in catalog.search_items(text, limit=50)]) if text else found

    def save(self, data: Any, pk: Any = None, version: int | None = None) -> Any:
        return save_item(data=data, item_id=pk, version=version, actor=self.actor, at=self.at)


ItemView.list = extend_schema(parameters=[SEARCH, STYLE])(own(ItemView, "list"))  # type: ignore[method-assign]
ItemView = master(ItemData, ItemShape)(ItemView)  # type: ignore[misc]


# --- what items refer to -----------------------------------------------------------------------
class UnitView(ReadView):
    """Units of quantity."""

    serializer_class = shape(Unit, ("id", "code", "name", "name_en", "decimals"))
    pagination_class, reads = ByCode, "catalog.item.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return Unit.objects.all()


class TaxCodeView(ReadView):
    """Tax rates with the days they hold."""

    serializer_class = shape(TaxCode, ("id", "code", "name", "rate", "valid_from", "valid_to"))
    pagination_class, reads = ByCode, "catalog.item.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return TaxCode.objects.all()


class CategoryView(ReadView):
    """Groups of items, with how they are booked."""

    serializer_class = shape(ItemCategory, ("id", "code", "name", "parent", "cost_method", "inventory_role"))
    pagination_class, reads = ByCode, "catalog.item.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return ItemCategory.objects.all()


# --- price lists -------------------------------------------------------------------------------
PriceLineShape = shape(PriceListLine, ("item", "min_qty", "price", "valid_from", "valid_to"), depth_names=("item",))
PriceListShape = shape(
    PriceList,
    (
        "id", "code", "name", "kind", "party", "customer_level", "currency", "includes_tax", "active", "version",
        "lines",
    ),
    depth_names=("party",),
    nested={"lines": PriceLineShape(many=True, read_only=True)},
)  # fmt: skip


class PriceListView(MasterView):
    """Price lists for sales and purchases with their lines."""

    pagination_class = ByCode
    reads, writes = "catalog.price_list.view", "catalog.price_list.edit"

    def rows(self) -> Any:
        found = PriceList.objects.select_related("party").prefetch_related("lines__item")
        return found if self.actor.may("catalog.cost.view") else found.filter(kind="sales")

    def save(self, data: Any, pk: Any = None, version: int | None = None) -> Any:
        return save_price_list(data=data, price_list_id=pk, version=version, actor=self.actor, at=self.at)


PriceListView = master(PriceListData, PriceListShape)(PriceListView)  # type: ignore[misc]

# --- partners ----------------------------------------------------------------------------------
CustomerShape = shape(CustomerRole, ("level", "credit_limit", "payment_days", "ship_complete", "salesperson_id"))
SupplierShape = shape(
    SupplierRole,
    ("state", "lead_days", "transport_days", "payment_days", "over_receipt_pct", "date_tolerance_days", "buyer_id"),
)
CarrierShape = shape(CarrierRole, ("tracking_url", "days"))
ContactShape = shape(Contact, ("id", "name", "position", "role", "email", "phone", "is_primary"))
AddressShape = shape(
    Address, ("id", "street", "province", "city", "district", "contact_name", "contact_phone", "is_default")
)
PartyShape = shape(
    Party,
    (
        "id", "code", "name", "short_name", "mnemonic", "tax_id", "is_customer", "is_supplier", "is_carrier",
        "active", "language", "currency", "email", "phone", "remark", "version", "customer", "supplier",
        "carrier", "contacts", "addresses",
    ),
    nested={
        "customer": CustomerShape(read_only=True, allow_null=True, required=False),
        "supplier": SupplierShape(read_only=True, allow_null=True, required=False),
        "carrier": CarrierShape(read_only=True, allow_null=True, required=False),
        "contacts": ContactShape(many=True, read_only=True),
        "addresses": AddressShape(many=True, read_only=True),
    },
)  # fmt: skip


# Carriers are kept by those who keep suppliers.
RIGHTS = {
    "customer": ("parties.customer.view", "parties.customer.edit"),
    "supplier": ("parties.supplier.view", "parties.supplier.edit"),
    "carrier": ("parties.supplier.view", "parties.supplier.edit"),
}


class PartyView(MasterView):
    """Everyone the company deals with; roles decide what may be seen and changed."""

    pagination_class = ByName

    def rows(self) -> Any:
        roles = [role for role, (reads, _writes) in RIGHTS.items() if self.actor.may(reads)]
        if not roles:
            self.actor.require("parties.customer.view")
        wanted = self.choice_asked("role", list(RIGHTS))
        condition = Q()
        for role in [wanted] if wanted in roles else roles:
            condition |= Q(**{f"is_{role}": True})
        found = Party.objects.select_related("customer", "supplier", "carrier")
        return found.prefetch_related("contacts", "addresses").filter(condition).order_by("sort_key", "id")

    def save(self, data: Any, pk: Any = None, version: int | None = None) -> Any:
        self._require_rights(data, pk)
        self.require_members(
            salesperson_id=data.customer.salesperson_id if data.customer else None,
            buyer_id=data.supplier.buyer_id if data.supplier else None,
        )
        return save_party(data=data, party_id=pk, version=version, actor=self.actor, at=self.at)

    def _require_rights(self, data: Any, pk: Any) -> None:
        """The right of every role that is played before or after; some right to edit for one without a role."""
        before = Party.objects.filter(pk=pk).first() if pk else None
        touched = [r for r in RIGHTS if getattr(data, r) is not None or (before and getattr(before, f"is_{r}"))]
        for role in touched:
            self.actor.require(RIGHTS[role][1])
        if not touched:
            self.actor.require(RIGHTS["customer"][1])


ROLE = OpenApiParameter("role", str, enum=["customer", "supplier", "carrier"])
PartyView.list = extend_schema(parameters=[ROLE])(own(PartyView, "list"))  # type: ignore[method-assign]
PartyView = master(PartyData, PartyShape)(PartyView)  # type: ignore[misc]
