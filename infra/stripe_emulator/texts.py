"""Wording of the hosted pages in English and Chinese, and formatting of money and dates."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

ZERO_DECIMAL = {"jpy", "krw", "vnd", "clp"}
SYMBOLS = {"cny": "¥", "usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "hkd": "HK$"}

CARD_HINT = (
    "Try 4242 4242 4242 4242 (accepted), 4000 0000 0000 0002 (declined) or 4000 0000 0000 0341 (saved, later declined)."
)

_ZH = {
    "Test mode": "测试环境",
    "Pay": "支付",
    "Start trial": "开始试用",
    "Subscribe": "订阅",
    "Cancel": "取消",
    "Checkout": "结账",
    "E-mail": "电子邮箱",
    "Card number": "卡号",
    "Expiry (MM / YY)": "有效期（月 / 年）",
    "Security code": "安全码",
    "Name on card": "持卡人姓名",
    "Promotion code": "优惠码",
    "Apply": "使用",
    "Due today": "今日应付",
    "Subtotal": "小计",
    "Discount": "优惠",
    "Then {amount} from {date}": "{date} 起 {amount}",
    "Free until {date}": "免费试用至 {date}",
    "per {interval}": "每{interval}",
    "day": "天",
    "week": "周",
    "month": "月",
    "year": "年",
    "every {count} {interval}s": "每 {count} {interval}",
    "Total": "合计",
    "This page is no longer available.": "此页面已失效。",
    "Payment completed.": "付款已完成。",
    "Your card was declined.": "您的卡被拒绝。",
    "Your card number is incorrect.": "卡号不正确。",
    "This code is invalid.": "此优惠码无效。",
    "This code is expired.": "此优惠码已过期。",
    "This code has been redeemed too often.": "此优惠码已用完。",
    "This code is not valid for this customer.": "此优惠码不适用于该客户。",
    "The order is below the minimum amount of this code.": "订单金额未达到此优惠码的最低要求。",
    "This code is for first orders only.": "此优惠码仅限首单使用。",
    "The expiry date is invalid.": "有效期不正确。",
    "Please enter an e-mail address.": "请填写电子邮箱。",
    "Billing": "账单与订阅",
    "Return": "返回",
    "Current plan": "当前方案",
    "No active subscription.": "没有生效的订阅。",
    "Change plan": "更换方案",
    "Cancel subscription": "取消订阅",
    "Keep subscription": "继续订阅",
    "Ends on {date}": "{date} 到期终止",
    "Renews on {date}": "{date} 续订",
    "Trial until {date}": "试用至 {date}",
    "Payment method": "付款方式",
    "Save card": "保存银行卡",
    "No card on file.": "尚未保存银行卡。",
    "Invoices": "账单",
    "Number": "编号",
    "Date": "日期",
    "Amount": "金额",
    "Status": "状态",
    "Invoice": "账单",
    "No invoices yet.": "暂无账单。",
    "Saved.": "已保存。",
    "Bill to": "付款方",
    "Description": "说明",
    "Quantity": "数量",
    "Applied balance": "余额抵扣",
    "Amount due": "应付金额",
    "Update card": "更换银行卡",
    "active": "生效",
    "trialing": "试用中",
    "past_due": "逾期",
    "unpaid": "未付",
    "incomplete": "待付款",
    "paused": "已暂停",
    "paid": "已付",
    "open": "待付",
    "draft": "草稿",
    "void": "已作废",
    "uncollectible": "坏账",
    CARD_HINT: "可用卡号：4242 4242 4242 4242（成功）、4000 0000 0000 0002（拒绝）、4000 0000 0000 0341（可保存，扣款失败）。",
}


def language_of(locale: str | None, accepted: str) -> str:
    """``zh`` or ``en``, from a session's locale, or the browser's wish where that is open."""
    wish = accepted if locale in (None, "", "auto") else locale or ""
    return "zh" if wish.lower().startswith("zh") else "en"


def t(lang: str, text: str, **values: Any) -> str:
    return (_ZH.get(text, text) if lang == "zh" else text).format(**values)


def money(amount: int, currency: str) -> str:
    value = Decimal(amount) if currency in ZERO_DECIMAL else Decimal(amount) / 100
    sign = "-" if value < 0 else ""
    digits = f"{abs(value):,.0f}" if currency in ZERO_DECIMAL else f"{abs(value):,.2f}"
    return f"{sign}{SYMBOLS.get(currency, currency.upper() + ' ')}{digits}"


def date(stamp: int, lang: str) -> str:
    day = datetime.fromtimestamp(stamp, UTC)
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {day:%b %Y}"


def interval(price: dict[str, Any], lang: str) -> str:
    recurring = price["recurring"]
    count, unit = recurring["interval_count"], t(lang, recurring["interval"])
    if count > 1:
        return t(lang, "every {count} {interval}s", count=count, interval=unit)
    return t(lang, "per {interval}", interval=unit)
