"""The sample home page of the gallery: figures, the flow of goods and money, what waits, what is new."""

from typing import Any

from portals.ui.components import Action, Alert, Count, FlowNode, FlowNote, Kpi, Part, Step, TodoRow
from tests.portals.ui.samples import say


def home() -> dict[str, Any]:
    series = [3, 5, 4, 8, 6, 11, 10, 14, 12, 16, 19, 22]
    falling = [22, 20, 24, 17, 19, 15, 18, 14, 16, 12, 11, 13]
    return {
        "kpis": [
            Kpi(
                say("本月销售额（不含税）", "Sales this month, net"),
                "1,286,430",
                say("元", "CNY"),
                "#",
                "+12.4%",
                True,
                say("较上月同期", "on last month"),
                (),
                series,
            ),
            Kpi(
                say("销售毛利率", "Gross margin"),
                "18.7",
                "%",
                "#",
                "−0.6",
                False,
                say("较上月同期", "on last month"),
                (),
                falling,
            ),
            Kpi(
                say("准时交付率", "On time"),
                "92.6",
                "%",
                "#",
                lines=(say("目标 95%", "Target 95%"), "138 / 149"),
                series=series,
                target=20,
                signal=True,
            ),
            Kpi(
                say("应收余额", "Receivable"),
                "842,310",
                say("元", "CNY"),
                "#",
                say("逾期 50,000", "50,000 overdue"),
                False,
                "DSO 41",
                (),
                series,
            ),
        ],
        "flow": [
            FlowNode(
                say("订单", "Orders"),
                "shopping-cart",
                "23",
                say("单", ""),
                "#",
                True,
                (Part(14), Part(5, "go"), Part(4, "need")),
                (FlowNote(say("待审核", "to approve"), 4, True, True),),
            ),
            FlowNode(
                say("库存", "Stock"),
                "layers",
                "1,204",
                say("箱可用", "free"),
                "#",
                True,
                (Part(12), Part(6, "go"), Part(2, "need")),
                (FlowNote(say("预留", "Reserved"), 386), FlowNote(say("行缺货", "lines short"), 7, True, True)),
            ),
            FlowNode(
                say("采购", "Purchasing"),
                "truck-loading",
                "31",
                say("单", ""),
                "#",
                True,
                (Part(20), Part(6, "go"), Part(3, "need"), Part(2, "bad")),
                (FlowNote(say("待供方确认", "to confirm"), 5, True, True),),
            ),
            FlowNode(
                say("收货", "Receiving"),
                "package-import",
                "6",
                say("车今日", "today"),
                "#",
                False,
                (Part(4), Part(2, "go")),
                (FlowNote(say("已到", "Arrived"), 4),),
            ),
            FlowNode(
                say("发货", "Shipping"),
                "truck",
                "9",
                say("单今日", "today"),
                "#",
                False,
                (Part(5), Part(4, "go")),
                (FlowNote(say("已签收", "Signed"), 5),),
            ),
            FlowNode(
                say("开票", "Invoicing"),
                "file-text",
                "11",
                say("单待开", "to invoice"),
                "#",
                False,
                (Part(7), Part(3, "go")),
                (FlowNote(say("可开", "Billable"), "186,420"),),
            ),
            FlowNode(
                say("收款", "Receipts"),
                "cash",
                "96,500",
                say("元本周", "this week"),
                "#",
                True,
                (Part(5), Part(3, "go"), Part(2, "bad")),
                (FlowNote(say("家逾期", "overdue"), 2, True, True),),
            ),
            FlowNode(say("服务", "Service"), "headset", "3", say("张工单", "tickets"), "#", False, (), ()),
        ],
        "todo_columns": [
            say("草稿", "Draft"),
            say("待我审核", "To approve"),
            say("待下推", "To push"),
            say("逾期", "Overdue"),
        ],
        "todo": [
            TodoRow(
                say("销售订单", "Sales orders"), "file", (Count(3, "#"), Count(4, "#", "need"), Count(6, "#"), Count(0))
            ),
            TodoRow(
                say("销售出库单", "Deliveries"), "truck", (Count(1, "#"), Count(0), Count(9, "#"), Count(1, "#", "bad"))
            ),
            TodoRow(
                say("采购订单", "Purchase orders"),
                "file-text",
                (Count(2, "#"), Count(3, "#", "need"), Count(5, "#"), Count(2, "#", "bad")),
            ),
            TodoRow(say("记账凭证", "Vouchers"), "notebook", (Count(4, "#"), Count(0), Count(0), Count(0))),
        ],
        "alerts": [
            Alert(
                say("恒信纸业把交期从 12-03 改到 12-06", "Hengxin moved 3 Dec to 6 Dec"),
                say(
                    "影响 1 张订单：文澜办公 复印纸 A4，20 箱晚 3 天",
                    "1 order: Wenlan, copy paper A4, 20 cartons 3 days late",
                ),
                "need",
                "calendar-time",
                Action(say("看影响", "See effect"), "#"),
            ),
            Alert(
                say("临安建材订单被信用拦截", "Lin'an order on credit hold"),
                say("额度 100,000 · 已用 95,000 · 本单 10,000", "Limit 100,000 · used 95,000 · this 10,000"),
                "bad",
                "shield-x",
                Action(say("去放行", "Review"), "#"),
            ),
            Alert(
                say("众成五金营业执照 12 天后到期", "Zhongcheng licence ends in 12 days"),
                say("已在门户提醒对方上传", "Reminded in the portal"),
                "inf",
                "certificate",
                Action(say("查看", "Open"), "#"),
            ),
        ],
        "steps": [
            Step(say("引入商品", "Import items"), "done", say("1,286 个", "1,286")),
            Step(say("引入客户和供应商", "Import partners"), "done", say("312 家", "312")),
            Step(say("邀请一家供应商", "Invite a supplier"), "now", "", "#", say("去邀请", "Invite")),
            Step(say("录入期初科目余额", "Opening balances"), "", "", "#"),
        ],
    }
