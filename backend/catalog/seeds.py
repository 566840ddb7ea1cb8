"""Units, VAT rates and item categories of a new company.

VAT rates: 13 / 9 / 6 / 0 for general taxpayers, 3 for small-scale ones, reduced to 1 until the end of 2027.
"""

from datetime import date, datetime
from decimal import Decimal

from backend.catalog.models import ItemCategory, TaxCode, Unit
from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile

# Code, Chinese, English, decimals.
UNITS = (
    ("pcs", "个", "pcs", 0),
    ("box", "箱", "box", 0),
    ("pack", "包", "pack", 0),
    ("set", "套", "set", 0),
    ("bottle", "瓶", "bottle", 0),
    ("roll", "卷", "roll", 0),
    ("sheet", "张", "sheet", 0),
    ("kg", "千克", "kg", 3),
    ("t", "吨", "t", 4),
    ("m", "米", "m", 2),
    ("l", "升", "l", 3),
    ("h", "小时", "hour", 2),
)
# Code, Chinese, English, rate, from, to.
_SINCE = date(2019, 4, 1)
TAX_CODES = (
    ("VAT13", "增值税 13%", "VAT 13%", "13", _SINCE, None),
    ("VAT9", "增值税 9%", "VAT 9%", "9", _SINCE, None),
    ("VAT6", "增值税 6%", "VAT 6%", "6", _SINCE, None),
    ("VAT3", "增值税征收率 3%", "VAT levy 3%", "3", _SINCE, None),
    ("VAT1", "增值税征收率 1%", "VAT levy 1%", "1", date(2023, 1, 1), date(2027, 12, 31)),
    ("VAT0", "增值税 0%", "VAT 0%", "0", _SINCE, None),
)
# Code, Chinese, English, role of the inventory account.
CATEGORIES = (
    ("goods", "商品", "Goods", "inventory"),
    ("materials", "原材料", "Raw materials", "raw_material"),
    ("packaging", "包装及低值易耗品", "Packaging and low-value items", "consumables"),
    ("services", "服务", "Services", "inventory"),
)


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay units, tax codes and categories, in three statements."""
    Unit.objects.bulk_create(
        [
            Unit(code=code, name=company.word(chinese, english), name_en=english, decimals=decimals)
            for code, chinese, english, decimals in UNITS
        ]
    )
    TaxCode.objects.bulk_create(
        [
            TaxCode(
                code=code, name=company.word(chinese, english), rate=Decimal(rate), valid_from=since, valid_to=until
            )
            for code, chinese, english, rate, since, until in TAX_CODES
        ]
    )
    ItemCategory.objects.bulk_create(
        [
            ItemCategory(code=code, name=company.word(chinese, english), inventory_role=role)
            for code, chinese, english, role in CATEGORIES
        ]
    )


def default_tax_code(taxpayer_type: str) -> str:
    """The code a new item begins with."""
    return "VAT1" if taxpayer_type == "small_scale" else "VAT13"
