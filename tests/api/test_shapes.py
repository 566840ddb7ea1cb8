"""Rows below a document come in their order, however the database keeps them."""

import pytest
from django.db import connection
from django.db.models import F

from backend.purchasing.models import PurchaseOrderLine
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.purchasing import make_purchase_order
from tests.people import make_member

pytestmark = pytest.mark.usefixtures("tenant")


def test_lines_keep_their_order_when_one_is_changed():
    order = make_purchase_order((make_item(), 1), (make_item(), 2), (make_item(), 3))
    lines = PurchaseOrderLine.objects.filter(document=order)
    owner = Caller.of(make_member("owner"))
    with connection.cursor() as cursor:  # as PostgreSQL reads a small table it has looked at: from front to back
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    for _turn in range(3):  # the last becomes the first: neither the place on the disk nor the id tells the order
        lines.update(line_no=F("line_no") + 11)
        lines.filter(line_no=14).update(line_no=1)
        for number in (13, 12):
            lines.filter(line_no=number).update(line_no=number - 10)
        shown = owner.get(f"purchasing/orders/{order.number}/")["lines"]
        assert [line["line_no"] for line in shown] == [1, 2, 3]
