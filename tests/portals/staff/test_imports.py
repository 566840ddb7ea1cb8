"""SAAS-11 on the pages: template, upload, preview, the file of what is wrong, saving; rights; the same over the API."""

import base64
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from backend.catalog.models import Item
from backend.imports.models import ImportRun
from backend.imports.services import runs, work_off
from tests.api.caller import Caller
from tests.factories.parties import AT
from tests.imports.sheet import upload, workbook
from tests.people import make_member, owner_actor

pytestmark = pytest.mark.django_db
HEADS = ("商品编码", "名称", "单位")


def rows_of(answer):
    body = io.BytesIO(b"".join(answer) if answer.streaming else answer.content)
    return CalamineWorkbook.from_filelike(body).get_sheet_by_index(0).to_python()


def test_saas_11_from_the_template_to_the_item(world, browser):
    client = browser()
    template = rows_of(client.get("/imports/template/?kind=items"))
    assert "名称 *" in template[0]
    code, name, unit = (next(h for h in template[0] if h.startswith(word)) for word in ("商品编码", "名称", "单位"))
    sent = upload((code, name, unit), ("NEW-1", "新品", "个"), ("NEW-2", "坏品", "没有的单位"))
    answer = client.post("/imports/new/", {"kind": "items", "list": sent})
    run = ImportRun.objects.latest("pk")
    here = f"/imports/{run.pk}/"
    assert answer["Location"] == here
    page = client.get(here).content.decode()
    assert "没有的单位" in page
    assert "保存 1 行正确的数据" in page
    [head, wrong] = rows_of(client.get(f"{here}faults/"))
    assert head[-1] == "错误说明"
    assert (wrong[0], "没有的单位" in wrong[-1]) == ("NEW-2", True)
    assert client.post(f"{here}saving/").status_code == 409
    assert not Item.objects.filter(code="NEW-1").exists()
    assert client.post(f"{here}saving/", {"only_good": "1"}).status_code == 302
    assert Item.objects.get(code="NEW-1").name == "新品"
    assert "已保存" in client.get(here).content.decode()
    assert client.get("/imports/").status_code == 200
    assert "/imports/new/?kind=items" in client.get("/items/").content.decode()


def test_long_lists_show_how_far_they_are(world, browser, monkeypatch):
    monkeypatch.setattr(runs, "ask_worker", lambda: None)
    monkeypatch.setattr("portals.staff.imports.views.ask_worker", lambda: None)
    client = browser()
    sent = upload(HEADS, *((f"L{number}", f"件{number}", "个") for number in range(300)))
    here = client.post("/imports/new/", {"kind": "items", "list": sent})["Location"]
    assert f'hx-get="{here}progress/"' in client.get(here).content.decode()
    work_off(at=AT)
    assert "hx-get" not in client.get(f"{here}progress/").content.decode()
    assert client.post(f"{here}dropping/").status_code == 302
    run = ImportRun.objects.get()
    assert (run.state, run.rows.count()) == ("dropped", 0)


def test_who_may(world, browser):
    run = runs.start_rows(kind="items", rows=[{"code": "A", "name": "A"}], actor=owner_actor(), at=AT)
    assert browser("picker").get("/imports/").status_code == 403
    seller = browser("sales_manager")
    assert seller.get(f"/imports/{run.pk}/").status_code == 404
    assert seller.get("/imports/template/?kind=items").status_code == 403
    assert "顧客" not in seller.get("/imports/new/").content.decode()
    for bad in ({}, {"list": SimpleUploadedFile("x.xlsx", b"PK no")}, {"list": SimpleUploadedFile("x.exe", b"MZ")}):
        assert browser().post("/imports/new/", {"kind": "items"} | bad).status_code == 400
    assert browser().post("/imports/new/", {"kind": "nothing", "list": upload(HEADS)}).status_code == 404


def test_saas_11_over_the_api(world):
    owner = Caller.of(owner_actor())
    columns = {
        column["key"] for kind in owner.get("imports/kinds/") if kind["key"] == "items" for column in kind["columns"]
    }
    assert {"code", "name", "sale_price"} <= columns
    bad = owner.call("POST", "imports/", {"kind": "items", "rows": [{"colour": "red"}]})
    assert bad.status_code == 400
    run = owner.post("imports/", {"kind": "items", "rows": [{"code": "API-1", "name": "One"}, {"code": "API-2"}]})
    assert (run["state"], run["new_count"], run["faulty_count"]) == ("checked", 1, 1)
    here = f"imports/{run['id']}/"
    [row] = owner.get(f"{here}rows/?faulty=true")
    assert (row["number"], row["faults"][0]["column"]) == (2, "name")
    assert owner.call("POST", f"{here}saving/", {}).status_code == 409
    assert owner.post(f"{here}saving/", {"only_good": True})["state"] == "saved"
    assert Item.objects.filter(code="API-1").exists()
    content = base64.b64encode(workbook(HEADS, ("API-3", "三", "个"))).decode()
    run = owner.post("imports/", {"kind": "items", "file": {"name": "l.xlsx", "content": content}})
    assert owner.post(f"imports/{run['id']}/dropping/")["state"] == "dropped"
    assert Caller.of(make_member("picker")).call("GET", "imports/").status_code == 403
