"""The gallery: every layout and component with sample data. A URLconf for tests and screenshots only."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path

from backend.kernel.errors import Conflict
from portals.ui import documents, errors, formats, navigation
from portals.ui.chips import chip
from portals.ui.components import Action, Crumb, Total
from portals.ui.forms import DateInput, UiFormMixin
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines
from portals.ui.lists import (
    BatchAction,
    ChoiceFilter,
    Column,
    DateFilter,
    ListPage,
    NumberFilter,
    PartyFilter,
    Preset,
    TextFilter,
)
from tests.portals.ui import sample_documents, sample_home, samples
from tests.portals.ui.samplerows import CUSTOMERS, SampleOrder
from tests.portals.ui.samples import say


class StageMiddleware:
    """Puts a company, a person and a face on the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        face = request.path.split("/")[1]
        request.face = face if face in {"supplier", "customer"} else "staff"
        request.tenant = SimpleNamespace(
            name=say("云杉商贸", "Yunshan Trading"), state="trial", trial_days_left=12, can_write=True
        )
        request.member = SimpleNamespace(pk="1", name=say("沈立群", "Shen Liqun"))
        request.actor = SimpleNamespace(
            name=say("沈立群", "Shen Liqun"), may=lambda code: True, kind="staff", member_id=None
        )
        return self._get_response(request)


class SampleList(ListPage):
    """The sales orders of the mock-up."""

    key = "sample"
    columns = (
        Column("number", "单据编号", sort=True),
        Column("doc_date", "日期", "date", sort=True),
        Column("customer", "客户", sort=True),
        Column("seller", "业务员", sort=True),
        Column("gross", "价税合计", "money", sort=True, total="gross", strong=True),
        Column("approval", "审核", "chip"),
        Column("delivery", "出库", "chip", share="share"),
        Column("promised", "承诺交期", "date"),
        Column("hidden", "录入方式", shown=False, value="seller"),
    )
    line_columns = (Column("number", "单据编号"), Column("customer", "客户"))
    filters = (
        TextFilter("q", "编号、客户", fields=("number", "customer")),
        DateFilter("date", "单据日期", "doc_date"),
        ChoiceFilter("approval", "审核", choices=(("draft", "草稿"), ("submitted", "待审核"), ("approved", "已审核"))),
        NumberFilter("gross", "金额"),
        PartyFilter("customer", "客户", url="/parties/"),
        ChoiceFilter("seller", "业务员", choices=(("陈佳", "陈佳"), ("周扬", "周扬"))),
        ChoiceFilter("delivery", "出库", choices=(("none", "未出库"), ("full", "已出库"))),
        DateFilter("promised", "承诺交期"),
    )
    presets = (
        Preset("open", "近期未完成", "date=year&approval=draft,submitted,approved"),
        Preset("mine", "待我审核", "approval=submitted", need=True),
    )
    default_sort = ("-doc_date", "-number")
    batch = (BatchAction("approve", "审核", "check"), BatchAction("print", "打印", "printer"))

    @property
    def title(self) -> str:  # type: ignore[override]
        return say("销售订单", "Sales orders")

    def rows(self) -> Any:
        return SampleOrder.objects.all()

    line_rows = rows

    def row_url(self, row: Any) -> str:
        return f"/document/{row.number}/"

    def actions(self) -> list[Action]:
        return [
            Action(say("引入", "Import"), "#", "file-import", wide_only=True),
            Action(say("新建销售订单", "New order"), "/grid/", "plus", look="primary"),
        ]

    def apply_batch(self, action: str, row: Any) -> None:
        if row.approval != "submitted":
            raise Conflict(
                say("只有待审核的单据可以审核。", "Only submitted documents can be approved."),
                document=row.number,
                field="approval",
                value=row.approval,
            )
        SampleOrder.objects.filter(pk=row.pk).update(approval="approved")


def parties(request: HttpRequest) -> JsonResponse:
    query = request.GET.get("q", "")
    found = [{"id": str(at), "label": name, "sub": f"KH{at:03d}"} for at, name in enumerate(CUSTOMERS) if query in name]
    return JsonResponse({"results": found})


ITEMS = (
    ("PA4-70-5", "复印纸 A4 70g", "500 张×5 包", "fyz", "箱", "80", "132.00"),
    ("PA3-70-4", "复印纸 A3 70g", "500 张×4 包", "fyz", "箱", "240", "168.00"),
    ("ST-HD100", "重型订书机 100 页", "全钢", "zxdsj", "个", "61", "38.50"),
    ("ST-SL25", "省力订书机 25 页", "蓝", "sldsj", "个", "214", "16.80"),
    ("ST-12", "订书机 12# 标准", "黑", "dsj", "个", "0", "9.90"),
)
GRID = (
    GridColumn("item", "商品编码", "item", required=True),
    GridColumn("name", "商品名称与规格", out=True, size="w-xl"),
    GridColumn("unit", "单位", out=True),
    GridColumn("qty", "数量", "qty", required=True, strong=True),
    GridColumn("price", "含税单价", "price"),
    GridColumn("source", "价格来源", out=True),
    GridColumn("discount", "折扣 %", "percent"),
    GridColumn("gross", "价税合计", out=True, numeric=True, strong=True),
    GridColumn("available", "可用", out=True, numeric=True),
    GridColumn("promise", "承诺交期", out=True),
)


def pick(request: HttpRequest) -> JsonResponse:
    query = request.GET.get("q", "").lower()
    keys = ("code", "name", "spec", "pinyin", "unit", "available", "price")
    rows = [dict(zip(keys, item, strict=True)) | {"id": item[0], "low": item[5] == "0"} for item in ITEMS]
    return JsonResponse(
        {"results": [row for row in rows if query in f"{row['code']} {row['name']} {row['pinyin']}".lower()]}
    )


def recalculate(request: HttpRequest) -> JsonResponse:
    known = {item[0]: item for item in ITEMS}
    lines, total, pieces = {}, Decimal(0), Decimal(0)
    for line in read_lines(request.POST, GRID):
        item = known.get(line.text("item") or line.text("item_code"))
        if item is None:
            lines[line.index] = {"_errors": {"item": "没有这个商品编码"}}
            continue
        qty = Decimal(line.text("qty") or 0)
        price = Decimal(line.text("price") if "price" in line.touched else item[6])
        total, pieces = total + qty * price, pieces + qty
        short = qty > Decimal(item[5])
        lines[line.index] = {
            "item": item[0],
            "item_code": item[0],
            "name": f"{item[1]} {item[2]}",
            "unit": item[4],
            "price": str(price),
            "source": "手工" if "price" in line.touched else "协议价",
            "gross": formats.money(qty * price),
            "available": item[5],
            "promise": f"{item[5]} 今天 · 缺 {qty - Decimal(item[5])}" if short else "今天",
            "_short": ["qty", "available", "promise"] if short else [],
        }
    return JsonResponse(
        {
            "lines": lines,
            "totals": {"qty": formats.qty(pieces), "gross": formats.money(total)},
            "summary": "不含税 14,304.42",
        }
    )


def grid(request: HttpRequest) -> HttpResponse:
    shown = LineGrid(
        GRID,
        [GridRow({"item": "PA4-70-5", "item_code": "PA4-70-5", "qty": "100"})],
        "/pick/",
        "/recalculate/",
        "/items/new/",
        "协议价",
        totals={"qty": "", "gross": ""},
    )
    error = None
    if request.method == "POST":
        refusal = Conflict(
            "可用 80 箱，要出 100 箱。", line=1, field="qty", value=100, way_out="先出 80 箱，其余分批。"
        )
        shown, error = shown.with_posted(request.POST, refusal), errors.block_of(refusal)
    return render(request, "gallery/grid.html", {"grid": shown, "form": SampleForm(), "error": error})


class SampleForm(UiFormMixin, forms.Form):
    customer = forms.CharField(label="客户", help_text="编码、名称或拼音")
    date = forms.DateField(label="日期", widget=DateInput)
    kind = forms.ChoiceField(label="方式", choices=[("a", "月结"), ("b", "现结")])
    note = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(label="整单可分批", required=False)


def page(template: str, make: Callable[[], dict[str, Any]] = dict) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return render(request, f"gallery/{template}.html", make())

    return view


def components() -> dict[str, Any]:
    return {
        "banner": sample_documents.banner(),
        "promise": sample_documents.promise(),
        "graph": sample_documents.graph(),
        "timeline": sample_documents.timeline(),
        "messages_": sample_documents.messages(),
        "error": samples.error_block(),
        "empty": samples.empty(),
        "form": SampleForm({"date": "x"}),
        "milestones": sample_documents.milestones(),
        "chips": [
            chip("approval", "draft"),
            chip("approval", "submitted"),
            chip("approval", "approved"),
            chip("delivery", "none"),
            chip("delivery", "partial", percent=60),
            chip("invoice", "full"),
            chip("settlement", "overdue"),
            chip("credit", "hold"),
        ],
        "more": [
            Action(say("反审核", "Unapprove"), "#", "arrow-back-up", "post"),
            Action(say("作废", "Void"), "#", "ban", "post", "danger", hint=say("不能恢复", "cannot be undone")),
        ],
        "actions": [
            Action(say("引出", "Export"), "#", "file-export", wide_only=True),
            Action(say("新建", "New"), "#", "plus", look="primary"),
        ],
        "crumbs": [Crumb(say("销售", "Sales"), "#"), Crumb(say("销售订单", "Sales orders"), "#"), Crumb("3 / 23")],
        "totals": [
            Total(say("合计数量", "Quantity"), "465"),
            Total(say("税额", "Tax"), "2,182.58"),
            Total(say("价税合计", "Total"), "¥19,124.00", True),
        ],
    }


def portal() -> dict[str, Any]:
    nav = [
        ("待办", "For me", "inbox", 5),
        ("订单", "Orders", "file", 0),
        ("送货", "Ship", "truck", 0),
        ("结算", "Money", "coin-yuan", 0),
        ("消息", "Messages", "message", 0),
    ]
    return {
        "portal_nav": [
            SimpleNamespace(label=say(zh, en), url="#", icon=icon, current=not index, count=count)
            for index, (zh, en, icon, count) in enumerate(nav)
        ],
        "party_name": say("嘉兴恒信纸业", "Hengxin Paper"),
        "tiles": samples.tiles(),
        "milestones": sample_documents.milestones(),
    }


def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "")
    items = [
        SimpleNamespace(
            url="#",
            icon="file",
            title="XSDD-20261127-00018",
            sub="19,124.00",
            chips=[chip("approval", "approved")],
            keys=[],
        )
    ]
    groups = [SimpleNamespace(label=say("单据", "Documents"), items=items * 3)] if query != "zzz" else []
    return render(request, "ui/palette_results.html", {"groups": groups, "query": query})


def toast(request: HttpRequest) -> HttpResponse:
    messages.success(request, say("已保存 XSDD-20261127-00018", "Saved XSDD-20261127-00018"))
    return render(request, "gallery/components.html", components())


def _stub(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("")


_names = {entry.url_name.split(":")[1] for area in navigation.AREAS for entry in area.entries}
_names |= {entry.url_name.split(":")[1] for entry in navigation.QUICK_CREATE} | {"notification_list"}
staff_urls = (
    [path(f"at/{name}/", _stub, name=name) for name in sorted(_names - {"home"})]
    + [
        path("", page("home", sample_home.home), name="home"),
        path("search/", search, name="search"),
    ],
    "staff",
)

urlpatterns = [
    path("", include(staff_urls)),
    path("ui/", include("portals.ui.urls")),
    path("document/", lambda request: documents.draw(request, sample_documents.sheet())),
    path("document/<str:number>/", lambda request, number: documents.draw(request, sample_documents.sheet())),
    path("grid/", grid),
    path("pick/", pick),
    path("recalculate/", recalculate),
    path("voucher/", page("voucher", lambda: {"sheet": sample_documents.voucher(), "progress_": samples.progress()})),
    path("list/", SampleList.as_view()),
    path("parties/", parties),
    path("components/", page("components", components)),
    path("toast/", toast),
    path("missing/", lambda request: errors.not_found(request)),
    path("supplier/", page("portal", portal)),
    path("sign/", page("sign", components)),
]
