"""INV-14 on the pages: attributes, styles, their variants, and the matrix that stock is read and orders are keyed in."""

from types import SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.django_db
NOWHERE = "01a200de-d123-7000-af9f-1f6de7515209"


@pytest.fixture
def shirt(world: SimpleNamespace, browser: Any) -> Any:
    """A style in red and blue, S and M, made on the pages with its four variants."""
    from backend.catalog.models import Attribute, AttributeValue, ItemCategory, Style, TaxCode, Unit

    client = browser()
    for place, (code, name, values) in enumerate(
        (("colour", "颜色", ("RED 红", "BLUE 蓝")), ("size", "尺码", ("S S", "M M")))
    ):
        head = {"name": name, "code": code, "position": str(place)}
        cells = {
            f"lines-{row}-{key}": word
            for row, value in enumerate(values)
            for key, word in zip(("code", "name"), value.split(), strict=True)
        }
        assert client.post("/items/attributes/new/", head | cells).status_code == 302
    defaults = ((ItemCategory, "category_id", "goods"), (Unit, "unit_id", "pcs"), (TaxCode, "tax_code_id", "VAT13"))
    body: dict[str, Any] = {name: str(model.objects.get(code=code).pk) for model, name, code in defaults}
    for code in Attribute.objects.values_list("code", flat=True):
        rows = AttributeValue.objects.filter(attribute__code=code)
        body[f"values_{code}"] = [str(pk) for pk in rows.values_list("pk", flat=True)]
    body |= {"name": "衬衫", "code": "SHIRT", "sale_price": "113", "active": "on"}
    made = client.post("/items/styles/new/", body)
    assert made.status_code == 302, made.content.decode()[:3000]
    style = Style.objects.get()
    assert client.post(f"/items/styles/{style.pk}/variants/").status_code == 302
    return style


def test_inv_14_a_style_is_made_and_read(shirt, browser, statements):
    """INV-14: four variants, each an item; page, list, picker, report and the item's own page show them."""
    from backend.catalog.models import Item
    from tests.factories.sales import put_stock

    red_m = Item.objects.get(code="SHIRT-RED-M")
    put_stock(red_m, 7)
    client = browser()
    with statements(14):
        page = client.get(f"/items/styles/{shirt.pk}/").content.decode()
    assert page.count("SHIRT-") >= 4
    assert "颜色 ╲ 尺码" in page
    assert "SHIRT" in client.get("/items/styles/").content.decode()
    assert "SHIRT-BLUE-S" in client.get(f"/items/?style={shirt.pk}&view=all").content.decode()
    report = client.get("/items/styles/stock/?q=SHI").content.decode()
    assert f'href="/items/{red_m.pk}/"' in report
    own = client.get(f"/items/{red_m.pk}/").content.decode()
    assert 'aria-current="page">7</a>' in own
    edit = client.get(f"/items/styles/{shirt.pk}/edit/").content.decode()
    assert edit.count("checked") >= 5
    assert client.get("/items/styles/pick/?q=SHI").json()["results"][0]["label"] == "衬衫"


def test_inv_14_pickers_open_the_matrix(shirt, browser, world):
    """INV-14: sales and purchase entry find the style; its matrix has a cell for each variant that may be keyed."""
    from backend.catalog.models import Item

    Item.objects.filter(code="SHIRT-BLUE-M").update(sellable=False)
    for role, kind, cells in (("sales_rep", "sales", 3), ("buyer", "purchase", 4)):
        client = browser(role)
        area = "sales" if kind == "sales" else "purchasing"
        [row, *_items] = client.get(f"/{area}/entry/items/?q=SHIRT").json()["results"]
        assert row["code"] == "SHIRT"
        matrix = client.get(row["matrix"] + f"&warehouse_id={world.warehouse.pk}").content.decode()
        assert matrix.count("data-item=") == cells
    assert browser("sales_rep").get(f"/items/styles/{shirt.pk}/matrix/?for=purchase").status_code == 403


def test_styles_are_kept_by_who_may_edit_items(shirt, browser):
    from backend.catalog.models import Attribute

    colour = Attribute.objects.get(code="colour")
    rep, owner = browser("sales_rep"), browser()
    for page in ("styles/new/", f"styles/{shirt.pk}/edit/", "attributes/new/", f"attributes/{colour.pk}/"):
        assert rep.get(f"/items/{page}").status_code == 403
        assert owner.get(f"/items/{page}").status_code == 200
    assert rep.post(f"/items/styles/{shirt.pk}/variants/").status_code == 403
    for page in ("styles/{}/", "styles/{}/edit/", "styles/{}/matrix/", "attributes/{}/"):
        assert owner.get(f"/items/{page.format(NOWHERE)}").status_code == 404
    rows = {f"lines-0-{key}": word for key, word in (("code", "RED"), ("name", "红"))}
    refused = owner.post(f"/items/attributes/{colour.pk}/", {"name": "颜色", "code": "colour", "position": "0"} | rows)
    assert refused.status_code == 409
    assert "衬衫" in refused.content.decode()
