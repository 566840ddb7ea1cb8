"""The sample documents of the gallery: the sales order and the voucher of the mock-ups, with all that stands beside them."""

from datetime import date
from decimal import Decimal

from portals.ui.chips import chip
from portals.ui.components import (
    Action,
    Banner,
    Crumb,
    Fact,
    GraphNode,
    Message,
    Milestone,
    Part,
    Promise,
    Rung,
    TimelineEntry,
    Total,
    Why,
)
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, Stock
from portals.ui.voucher import VoucherLine, VoucherSheet
from tests.portals.ui.samples import ago, say


def why() -> Why:
    return Why(
        say("为什么是 80 今天 · 20 于 12-06", "Why 80 today · 20 on 6 Dec"),
        (
            Rung(say("杭州仓现存", "On hand, Hangzhou"), say("80 箱", "80 ctn")),
            Rung(say("已预留给其他订单", "Reserved for other orders"), "0", "−"),
            Rung(say("今天可承诺", "Free today"), say("80 箱", "80 ctn"), "=", result=True),
            Rung(
                say("恒信纸业 50 箱", "Hengxin Paper, 50 ctn"),
                "12-06",
                "+",
                say("供方确认 12-03，今天改为 12-06 · 到货免检 0 天", "Confirmed 3 Dec, moved to 6 Dec today"),
                "#",
                "CGDD-20261127-00009",
            ),
            Rung(say("剩余 20 箱承诺", "The other 20"), "12-06", "=", result=True, signal=True),
            Rung(
                say(
                    "未采用商品资料里的提前期 3 天：供方已给出确认日期。",
                    "The item's lead time of 3 days was not used: the supplier confirmed a date.",
                ),
                info=True,
            ),
        ),
        (
            Action(say("通知客户新交期", "Tell the customer"), "#", look="soft"),
            Action(say("从上海仓调拨", "Move from Shanghai"), "#"),
        ),
    )


def promise() -> Promise:
    return Promise(
        (Part(80, "done", say("80 今天", "80 today")), Part(20, "need", say("20 于 12-06", "20 on 6 Dec"))),
        say("CGDD-…00009 供方已确认", "PO-…00009 confirmed"),
        why(),
    )


def graph() -> list[GraphNode]:
    return [
        GraphNode(
            say("报价 XSBJ-1124-00006", "Quote QT-1124-00006"),
            say("已接受 · 11-25", "Accepted · 25 Nov"),
            0,
            "",
            "#",
            "okx",
        ),
        GraphNode(
            say("本单 XSDD-1127-00018", "This SO-1127-00018"),
            say("已审核 · 6 行 · 19,124.00", "Approved · 6 lines · 19,124.00"),
            1,
            "me",
        ),
        GraphNode(say("出库 XSCK-00031", "Delivery DN-00031"), say("草稿 · 80 箱", "Draft · 80 ctn"), 2, "", "#"),
        GraphNode(say("采购 CGDD-00009", "Purchase PO-00009"), say("50 箱 · 12-06 到", "50 ctn · 6 Dec"), 2, "sg", "#"),
        GraphNode(say("发票", "Invoice"), say("未开", "not yet"), 3, "fu"),
        GraphNode(say("收货通知", "Ship notice"), say("未生成", "not yet"), 3, "fu"),
    ]


def timeline() -> list[TimelineEntry]:
    return [
        TimelineEntry(
            say("恒信纸业", "Hengxin Paper"),
            say("改交期 12-03 → 12-06", "moved 3 Dec → 6 Dec"),
            ago(24),
            say("供应商门户", "supplier portal"),
            say("纸机检修", "machine repair"),
            True,
        ),
        TimelineEntry(
            say("王敏", "Wang Min"), say("采纳采购建议 50 箱", "took the suggestion of 50"), ago(60), say("网页", "web")
        ),
        TimelineEntry(
            say("陈佳", "Chen Jia"), say("新建并审核", "made and approved it"), ago(2000), say("手机", "phone")
        ),
    ]


def messages() -> list[Message]:
    return [
        Message(
            say("孙工 · 文澜办公", "Sun · Wenlan"),
            say("A4 纸先到 80 箱可以，剩下的最晚哪天？", "80 first is fine. When is the rest at the latest?"),
            ago(15),
        ),
        Message(
            say("陈佳", "Chen Jia"), say("12-06 到，当天送。", "6 Dec, delivered the same day."), ago(4), mine=True
        ),
    ]


def banner() -> Banner:
    return Banner(
        say("第 1 行 20 箱改到 12-06。", "Line 1: 20 cartons moved to 6 Dec."),
        say(
            "恒信纸业今天把 CGDD-20261127-00009 的交期从 12-03 改到 12-06（纸机检修）。客户还不知道。",
            "Hengxin Paper moved the date today. The customer does not know yet.",
        ),
        "",
        "calendar-time",
        (
            Action(say("找替代货源", "Find another source"), "#"),
            Action(say("通知客户新交期", "Tell the customer"), "#"),
        ),
    )


def milestones() -> list[Milestone]:
    return [
        Milestone(say("订单已确认", "Order confirmed"), "done", "11-27 09:42"),
        Milestone(
            say("杭州仓已出库", "Left the warehouse"), "done", "13:20", say("6 项，5 件，已装车", "6 items, 5 parcels")
        ),
        Milestone(
            say("正在送货", "On its way"), "now", say("预计 16:30", "about 16:30"), say("还有 2 站", "2 stops to go")
        ),
        Milestone(say("签收", "Signed for"), "", None),
    ]


def sheet() -> DocumentSheet:
    """The sales order of the mock-up."""
    paper = Line(
        1,
        {
            "item": Cell(
                say("复印纸 A4 70g", "Copy paper A4 70g"),
                sub=say("PA4-70-5 · 500 张×5 包/箱", "PA4-70-5 · 5 × 500 sheets"),
            ),
            "qty": Cell(100, unit=say("箱", "ctn")),
            "price": Cell("132.00", sub=say("协议价", "agreement"), why=why()),
            "discount": "3",
            "gross": "12804.00",
            "stock": Stock(80, 100, 20),
            "promise": promise(),
        },
    )
    others = [
        Line(
            no,
            {
                "item": Cell(name, sub=spec),
                "qty": Cell(qty, unit=unit),
                "price": Cell(price, sub=source),
                "discount": None,
                "gross": gross,
                "stock": Stock(have, qty) if have else None,
                "promise": Promise((Part(1, "done", say("今天", "today")),)) if have else None,
            },
        )
        for no, name, spec, qty, unit, price, source, gross, have in (
            (2, "复印纸 A3 70g", "PA3-70-4 · 500 张×4 包/箱", 20, "箱", "168.00", "客户等级价", "3360.00", 240),
            (3, "重型订书机 100 页", "ST-HD100 · 全钢", 24, "个", "38.50", "客户等级价", "924.00", 61),
            (4, "双强力文件夹 A4", "FD-A4-2 · 蓝", 120, "个", "6.80", "上次售价", "816.00", 1150),
            (5, "上楼装卸费", "FW-ZX · 服务", 1, "次", "300.00", "手工", "300.00", None),
        )
    ]
    return DocumentSheet(
        number="XSDD-20261127-00018",
        title=say("销售订单", "Sales order"),
        chips=[
            chip("approval", "approved"),
            chip("delivery", "none", note=say("已预留 80", "80 reserved")),
            chip("invoice", "none"),
            chip("settlement", "none"),
        ],
        crumbs=[Crumb(say("销售", "Sales"), "#"), Crumb(say("销售订单", "Sales orders"), "/list/"), Crumb("3 / 23")],
        previous_url="#",
        next_url="#",
        primary=Action(say("下推出库 80 箱", "Ship 80 cartons"), "#", "truck", "post", "primary", {"version": 3}),
        primary_more=[Action(say("下推发票", "Create invoice"), "#", "file-text")],
        secondary=[Action(say("变更", "Amend"), "#", "git-branch", wide_only=True)],
        more=[
            Action(say("反审核", "Unapprove"), "#", "arrow-back-up", "post"),
            Action(say("作废", "Void"), "#", "ban", "post", "danger", disabled=say("已有出库单", "a delivery exists")),
        ],
        print_url="/pdf/",
        banner=banner(),
        facts=[
            Fact(
                say("客户", "Customer"),
                say("杭州文澜办公用品有限公司", "Hangzhou Wenlan Office Supplies"),
                say("信用余 16,676 / 100,000", "Credit left 16,676 of 100,000"),
                "#",
            ),
            Fact(say("单据日期", "Date"), "2026-11-27", say("09:42 手机录入", "09:42 by phone"), numeric=True),
            Fact(say("要求交期", "Wanted"), "2026-12-01", say("整单可分批", "may be split"), numeric=True),
            Fact(say("业务员", "Seller"), say("陈佳", "Chen Jia"), say("华东一部", "East 1")),
            Fact(
                say("收货与结算", "Ship to, terms"),
                say("拱墅区祥园路 88 号 6 栋", "88 Xiangyuan Road, block 6"),
                say("杭州仓 · 月结 30 天", "Hangzhou · 30 days"),
            ),
        ],
        columns=[
            LineColumn("item", say("商品", "Item"), "item"),
            LineColumn("qty", say("数量", "Quantity"), "qty", strong=True),
            LineColumn("price", say("含税单价", "Price incl. tax"), "price"),
            LineColumn("discount", say("折扣", "Discount"), "percent", phone="hide"),
            LineColumn("gross", say("价税合计", "Total"), "money", strong=True),
            LineColumn("stock", say("可用 / 需要", "Free / needed"), "stock"),
            LineColumn("promise", say("承诺交期", "Promise"), "promise"),
        ],
        lines=[paper, *others],
        totals=[
            Total(say("合计数量", "Quantity"), "265"),
            Total(say("金额（不含税）", "Net"), "16,941.42"),
            Total(say("税额", "Tax"), "2,182.58", hint="13% · 6%"),
            Total(say("价税合计", "Total"), "¥19,124.00", True),
        ],
        remark=say(
            "送货前一天电话通知收货人孙工。发票随货同行。", "Call Mr Sun the day before. Invoice with the goods."
        ),
        amount_in_words="19124.00",
        graph=graph(),
        flow_url="#",
        vouchers=(),
        voucher_note=say("出库审核后自动生成", "made when the delivery is approved"),
        timeline=timeline(),
        timeline_more_url="#",
        messages=messages(),
        message_url="#",
        message_audiences=(("customer", say("客户可见", "Customer reads it")), ("internal", say("仅内部", "Internal"))),
        files=(),
        upload_url="#",
    )


def voucher() -> VoucherSheet:
    """The voucher of the mock-up."""
    rows = (
        ("收到文澜办公 10 月货款", "1002 银行存款", "工行 杭州城西支行 ··8821", "31405.00", None),
        ("收到文澜办公 10 月货款", "1122 应收账款", "客户：杭州文澜办公用品有限公司", None, "31000.00"),
        ("多收部分转预收", "2203 预收账款", "客户：杭州文澜办公用品有限公司", None, "405.00"),
        ("支付快递费", "6601.03 销售费用 - 运杂费", "部门：华东一部", "1280.50", None),
        ("支付快递费", "1002 银行存款", "工行 杭州城西支行 ··8821", None, "1280.50"),
    )
    lines = [
        VoucherLine(
            summary, account, detail, Decimal(debit) if debit else None, Decimal(credit) if credit else None, "#"
        )
        for summary, account, detail, debit, credit in rows
    ]
    return VoucherSheet(
        say("记", "JV"),
        "0032",
        date(2026, 11, 27),
        lines,
        3,
        ((say("制单", "Made by"), "李雯"), (say("审核", "Approved"), "")),
    )
