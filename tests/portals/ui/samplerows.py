"""A table of sample orders in a throw-away SQLite database, so that the list page runs for real in the gallery."""

import sys
from datetime import timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any
from uuid import uuid4

from django.db import connection, models
from django.utils import timezone

from portals.ui.lists import saved


class SampleOrder(models.Model):
    number = models.CharField(max_length=40)
    doc_date = models.DateField()
    customer = models.CharField(max_length=60)
    seller = models.CharField(max_length=20)
    gross = models.DecimalField(max_digits=18, decimal_places=2)
    approval = models.CharField(max_length=20)
    delivery = models.CharField(max_length=20)
    share = models.IntegerField(default=0)
    promised = models.DateField(null=True)

    class Meta:
        app_label = "ui"

    def __str__(self) -> str:
        return self.number


class SampleView(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    member_id = models.CharField(max_length=40)
    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60, default="")
    query = models.TextField(default="")
    columns = models.JSONField(default=list)
    shared = models.BooleanField(default=False)

    class Meta:
        app_label = "ui"


CUSTOMERS = (
    "杭州文澜办公用品有限公司",
    "临安建材有限公司",
    "绍兴启明印务有限公司",
    "宁波海曙文具批发部",
    "湖州南浔五金店",
    "上海徐汇学校服务中心",
)
STATES = (
    ("approved", "none", 0),
    ("submitted", "none", 0),
    ("approved", "partial", 60),
    ("approved", "full", 100),
    ("draft", "none", 0),
)


def _stage_counts() -> None:
    """Counts without the business tables behind them."""
    stand_in = ModuleType("portals.staff.counts")
    counted = {
        "sales.order": 23,
        "sales.delivery": 9,
        "purchasing.suggestion": (12, True),
        "service.ticket": (3, True),
        "notifications": 5,
    }
    stand_in.navigation_counts = lambda request: counted  # type: ignore[attr-defined]
    sys.modules["portals.staff.counts"] = stand_in


def fill() -> None:
    """Make the tables and 120 orders; the list keeps its views in the sample table."""
    _stage_counts()
    saved._model = lambda: SampleView  # type: ignore[assignment,return-value]
    with connection.schema_editor() as editor:
        editor.create_model(SampleOrder)
        editor.create_model(SampleView)
    today = timezone.localdate()
    rows: list[Any] = []
    for index in range(120):
        approval, delivery, share = STATES[index % len(STATES)]
        rows.append(
            SampleOrder(
                number=f"XSDD-{today - timedelta(days=index // 6):%Y%m%d}-{120 - index:05d}",
                doc_date=today - timedelta(days=index // 6),
                customer=CUSTOMERS[index % len(CUSTOMERS)],
                seller=("陈佳", "周扬", "林晓")[index % 3],
                gross=Decimal(index * 317 + 912) / 7,
                approval=approval,
                delivery=delivery,
                share=share,
                promised=today + timedelta(days=index % 9) if approval == "approved" else None,
            )
        )
    SampleOrder.objects.bulk_create(rows)
