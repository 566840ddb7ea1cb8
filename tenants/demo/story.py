"""The words and numbers of the sample company, in Chinese and in English."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Word:
    """A text in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True)
class SampleItem:
    key: str
    name: Word
    spec: Word
    unit: str
    supplier: str
    sale: str
    purchase: str
    opening: int
    pack: int = 1
    minimum: int = 0
    safety: int = 0
    lots: bool = False


@dataclass(frozen=True)
class SamplePartner:
    key: str
    name: Word
    short: Word
    contact: Word
    city: Word
    street: Word
    phone: str
    payment_days: int = 30
    credit: Decimal | None = None
    level: str = ""
    lead_days: int = 5
    transport_days: int = 2


COMPANIES = {
    "demo": ("zh-hans", "云杉办公用品有限公司"),
    "demo-en": ("en", "Spruce Office Supply Ltd"),
}
STAFF = (
    ("owner", "owner", Word("李群", "Lily Quinn")),
    ("sales", "sales_manager", Word("陈佳", "Clara Chen")),
    ("buyer", "buyer", Word("王敏", "Martin Wang")),
    ("warehouse", "warehouse_lead", Word("周强", "Joe Zhou")),
    ("accountant", "finance_manager", Word("赵琳", "Lynn Zhao")),
)
SUPPLIER_PERSON = ("supplier", "paper", Word("孙涛", "Tom Sun"))
CUSTOMER_PERSON = ("customer", "wenlan", Word("何静", "Jane He"))

SUPPLIERS = (
    SamplePartner(
        "paper", Word("恒信纸业有限公司", "Evergood Paper Co."), Word("恒信纸业", "Evergood Paper"),
        Word("孙涛", "Tom Sun"), Word("嘉兴", "Jiaxing"), Word("南湖区纺工路 88 号", "88 Fanggong Road"), "0573-82001188",
        lead_days=5, transport_days=2,
    ),
    SamplePartner(
        "pens", Word("晨启文具有限公司", "Daybreak Stationery Co."), Word("晨启文具", "Daybreak"),
        Word("吴婷", "Tina Wu"), Word("宁波", "Ningbo"), Word("江北区环城北路 210 号", "210 Huancheng North Road"),
        "0574-87002233", lead_days=3, transport_days=1,
    ),
    SamplePartner(
        "toner", Word("耀彩耗材科技有限公司", "Brightcolor Supplies Co."), Word("耀彩耗材", "Brightcolor"),
        Word("郑凯", "Kay Zheng"), Word("珠海", "Zhuhai"), Word("香洲区翠珠路 16 号", "16 Cuizhu Road"), "0756-33004455",
        lead_days=7, transport_days=4,
    ),
    SamplePartner(
        "water", Word("清源饮品有限公司", "Clearspring Drinks Co."), Word("清源饮品", "Clearspring"),
        Word("林浩", "Leo Lin"), Word("湖州", "Huzhou"), Word("吴兴区清远路 5 号", "5 Qingyuan Road"), "0572-22005566",
        lead_days=2, transport_days=1,
    ),
)  # fmt: skip
CUSTOMERS = (
    SamplePartner(
        "wenlan", Word("杭州文澜教育科技有限公司", "Wenlan Education Ltd"), Word("文澜教育", "Wenlan"),
        Word("何静", "Jane He"), Word("杭州", "Hangzhou"), Word("拱墅区祥园路 88 号 6 栋", "88 Xiangyuan Road, building 6"),
        "0571-88006677", credit=Decimal(100000), level="A",
    ),
    SamplePartner(
        "qiantang", Word("钱塘图文快印有限公司", "Qiantang Print Shop Ltd"), Word("钱塘图文", "Qiantang Print"),
        Word("许峰", "Finn Xu"), Word("杭州", "Hangzhou"), Word("上城区望江路 12 号", "12 Wangjiang Road"), "0571-86007788",
        credit=Decimal(30000), payment_days=15,
    ),
    SamplePartner(
        "xixi", Word("西溪物业服务有限公司", "Xixi Facility Services Ltd"), Word("西溪物业", "Xixi Services"),
        Word("方洁", "Jess Fang"), Word("杭州", "Hangzhou"), Word("西湖区文二西路 700 号", "700 Wen'er West Road"),
        "0571-85008899", credit=Decimal(50000), level="B",
    ),
    SamplePartner(
        "lanting", Word("绍兴兰亭设计院有限公司", "Lanting Design Institute"), Word("兰亭设计院", "Lanting"),
        Word("沈悦", "Joy Shen"), Word("绍兴", "Shaoxing"), Word("越城区延安东路 301 号", "301 Yan'an East Road"),
        "0575-88009900",
    ),
)  # fmt: skip
ITEMS = (
    SampleItem(
        "a4",
        Word("复印纸 A4 70g", "Copy paper A4 70 g"),
        Word("500 张 × 5 包", "5 packs of 500 sheets"),
        "box",
        "paper",
        "168.00",
        "118.00",
        80,
        pack=50,
        minimum=50,
        safety=0,
    ),
    SampleItem(
        "a3",
        Word("复印纸 A3 70g", "Copy paper A3 70 g"),
        Word("500 张 × 3 包", "3 packs of 500 sheets"),
        "box",
        "paper",
        "186.00",
        "134.00",
        60,
        pack=20,
        minimum=20,
        safety=10,
    ),
    SampleItem(
        "label",
        Word("不干胶标签 A4", "Labels A4"),
        Word("100 张 / 包", "100 sheets"),
        "pack",
        "paper",
        "26.00",
        "15.50",
        240,
        pack=40,
    ),
    SampleItem(
        "pen",
        Word("中性笔 0.5 黑", "Gel pen 0.5 black"),
        Word("12 支 / 盒", "box of 12"),
        "pack",
        "pens",
        "21.60",
        "12.40",
        500,
        pack=20,
        safety=60,
    ),
    SampleItem(
        "stapler",
        Word("重型订书机 100 页", "Heavy stapler 100 sheets"),
        Word("全钢", "steel"),
        "pcs",
        "pens",
        "38.50",
        "22.00",
        96,
        pack=12,
    ),
    SampleItem(
        "binder",
        Word("双强力文件夹 A4", "Lever arch file A4"),
        Word("55 mm 蓝", "55 mm blue"),
        "pcs",
        "pens",
        "6.80",
        "3.90",
        640,
        pack=40,
        safety=80,
    ),
    SampleItem(
        "marker",
        Word("白板笔 可加墨", "Whiteboard marker, refillable"),
        Word("10 支 / 盒", "box of 10"),
        "pack",
        "pens",
        "32.00",
        "19.00",
        130,
        pack=10,
    ),
    SampleItem(
        "toner",
        Word("硒鼓 388A", "Toner cartridge 388A"),
        Word("1 500 页", "1,500 pages"),
        "pcs",
        "toner",
        "88.00",
        "46.00",
        72,
        pack=6,
        safety=12,
        lots=True,
    ),
    SampleItem(
        "drum",
        Word("感光鼓组件 DR-2250", "Drum unit DR-2250"),
        Word("12 000 页", "12,000 pages"),
        "pcs",
        "toner",
        "165.00",
        "96.00",
        18,
        pack=2,
    ),
    SampleItem(
        "water",
        Word("饮用天然水 550 ml", "Natural water 550 ml"),
        Word("24 瓶 / 箱", "24 bottles"),
        "box",
        "water",
        "36.00",
        "22.50",
        150,
        pack=10,
        lots=True,
    ),
)
