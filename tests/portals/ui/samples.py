"""Sample data of the gallery in both languages: what is neither its home page nor a document."""

from datetime import datetime, timedelta

from django.utils import timezone, translation

from portals.ui.components import Action, Empty, ErrorBlock, Problem, Progress, Tile, Way


def say(zh: str, en: str) -> str:
    return zh if (translation.get_language() or "").startswith("zh") else en


def ago(minutes: int) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def error_block() -> ErrorBlock:
    return ErrorBlock(
        say("没有审核，有 2 处要先处理", "Not approved: 2 things need attention first"),
        say("你填的内容都还在，已存为草稿 10:41", "What you typed is saved as a draft"),
        (
            Problem(
                say("单据日期", "Document date"),
                say("2026-10-31 属于 2026-10，已结账", "31 Oct is in 2026-10, closed"),
                say("结账人 李雯 · 11-08", "Closed by Li Wen"),
                (
                    Action(say("改为今天 11-27", "Use today"), "#", look="soft"),
                    Action(say("请李雯反结账", "Ask Li Wen"), "#"),
                ),
            ),
            Problem(
                say("第 2 行 · 数量", "Line 2 · Quantity"),
                say("批号 L261008-02 要出 30 箱，可用 18 箱", "Lot L261008-02: 30 wanted, 18 free"),
                say("12 箱被 XSCK-20261126-00039 预留（周扬）。", "12 reserved by DN-00039."),
                (Action(say("先出 18 箱", "Ship 18"), "#"),),
            ),
        ),
    )


def empty() -> Empty:
    return Empty(
        say("还没有询价单", "No enquiries yet"),
        say("一次问 2 到 4 家供应商，对方在手机上报价。", "Ask 2 to 4 suppliers at once; they answer on their phone."),
        (
            Action(say("从 9 条采购建议发起", "Start from 9 suggestions"), "#", look="primary"),
            Action(say("空白单", "Blank"), "#"),
        ),
        (
            Way(say("从采购申请", "From requisitions"), say("2 张已审核，尚未询价", "2 approved"), "#", "file-plus"),
            Way(
                say("引入 Excel 清单", "Import a list"),
                say("带模板，行错会指到行号", "With a template"),
                "#",
                "file-import",
            ),
            Way(say("看示例", "See an example"), say("4 家报价，按 60 / 40 定标", "4 bids"), "#", "player-play"),
        ),
    )


def tiles() -> list[Tile]:
    return [
        Tile("5", say("等我处理", "for me")),
        Tile("95%", say("准时率 · 近 20 单", "on time, last 20")),
        Tile("148,260", say("待收款 元", "to be paid")),
    ]


def progress() -> Progress:
    return Progress(
        say("引入商品", "Importing items"),
        640,
        1286,
        12,
        "",
        False,
        3,
        Action(say("取消", "Cancel"), "#", method="post"),
    )
