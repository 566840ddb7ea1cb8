"""Where a page stands: the side menu marks the page of the navigation that the breadcrumb names, in the same area."""

import re
from typing import Any

import pytest

from backend.purchasing.models import OrderKind, PurchaseOrder
from portals.ui.components import Crumb
from portals.ui.navigation import trail, viewer_of
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.factories.purchasing import make_purchase_order
from tests.people import make_member

_AREA = re.compile(r'<a href="[^"]*" aria-current="true">.*?<span class="grow trunc">([^<]*)<', re.DOTALL)
_PAGE = re.compile(r'<div class="sub">.*?<a href="([^"]*)" aria-current="page">', re.DOTALL)
_CRUMBS = re.compile(r'<nav class="tk-crumb".*?</nav>', re.DOTALL)


def stands(shown: str) -> tuple[str, str]:
    """The marked area and page of a page; its breadcrumb begins with that area and leads to that page."""
    [area], [page] = _AREA.findall(shown), _PAGE.findall(shown)
    [crumbs] = _CRUMBS.findall(shown)
    assert f">{area}<" in crumbs
    assert f'href="{page}"' in crumbs
    return area, page


def test_an_order_to_a_processor_stands_with_its_own_kind(tenant: Any, client_for: Any) -> None:
    """SCM-21: its page, its amendment and the answer to it; an order for goods stands with purchase orders."""
    owner, order = client_for(make_member("owner")), make_purchase_order((make_item(), 1))
    for kind, place in ((OrderKind.GOODS, "/purchasing/orders/"), (OrderKind.SUBCONTRACT, "/purchasing/subcontract/")):
        PurchaseOrder.objects.filter(pk=order.pk).update(kind=kind)
        for below in ("", "amend/"):
            assert stands(owner.get(f"/purchasing/orders/{order.number}/{below}").content.decode())[1] == place


def test_pages_of_a_supplier_stand_with_suppliers(tenant: Any, client_for: Any) -> None:
    """SRM-02: what is asked, paid, scored and claimed of a supplier stands in one area."""
    owner, supplier = client_for(make_member("owner")), make_supplier()
    own = f"/suppliers/{supplier.pk}/"
    places = {
        own: "/suppliers/",
        f"{own}qualification/": "/suppliers/",
        f"{own}bank/": "/suppliers/",
        f"{own}score/": "/suppliers/scores/",
        "/suppliers/claims/new/": "/suppliers/claims/",
        "/suppliers/invite/": "/suppliers/applications/",
        "/purchasing/rfqs/new/": "/purchasing/rfqs/",
        "/purchasing/blankets/new/": "/purchasing/blankets/",
    }
    found = {page: stands(owner.get(page).content.decode()) for page in places}
    assert {page: place for page, (_area, place) in found.items()} == places
    assert len({area for area, _place in found.values()}) == 1


@pytest.mark.parametrize(
    ("path", "crumbs", "place"),
    [
        ("/inventory/kits/new/", ["/inventory/assemblies/", "/inventory/kits/"], "/inventory/kits/"),
        ("/documents/x/flow/", ["/inventory/counts/PD-1/"], "/inventory/counts/"),
        ("/suppliers/document-types/", ["/suppliers/"], "/suppliers/document-types/"),
        ("/sales/orders/XSDD-1/", [], "/sales/orders/"),
        ("/tasks/", [], ""),
    ],
)
def test_the_breadcrumb_says_where_a_page_stands(rf: Any, path: str, crumbs: list[str], place: str) -> None:
    """The page itself, else the last page in the breadcrumb, else what is above its last crumb, or above the address."""
    request = rf.get(path)
    request.urlconf, request.face = "backend.config.urls_tenant", "staff"
    assert viewer_of(request, [Crumb("area"), *(Crumb(url, url) for url in crumbs)]).here == place


@pytest.mark.urls("backend.config.urls_tenant")
def test_a_trail_is_the_area_and_the_page_of_the_navigation() -> None:
    area, page = trail("staff:rfq_list")
    assert (str(area.label), area.url, page.url) == (str(trail("staff:claim_list")[0].label), "", "/purchasing/rfqs/")
