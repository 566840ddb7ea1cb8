"""Whatever is moved, assembled and counted: quantity, value and the books agree (INV-01, INV-06, INV-13)."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.availability.selectors.consistency import violations
from backend.catalog.models import ItemCategory
from backend.inventory.models import StockBalance, Transfer
from backend.inventory.services import assembly, count_booking, counting, other, transfer_receipts, transfers
from backend.inventory.services.inputs import (
    ArrivalInput,
    ComponentInput,
    CountedInput,
    OtherIssueLineInput,
    OtherReceiptLineInput,
    TransferLineInput,
)
from backend.kernel.errors import Refusal
from backend.posting.reconciliation import all_differences
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, main_warehouse, make_warehouse

pytestmark = pytest.mark.usefixtures("tenant")
BY: dict[str, Any] = {"actor": SYSTEM, "at": AT}
STEP = st.tuples(
    st.sampled_from(["in", "out", "send", "arrive", "make", "break", "count", "back"]),
    st.integers(1, 7),
    st.integers(0, 1),
)


class Yard:
    """Two warehouses, a material and a kit of two of it."""

    def __init__(self) -> None:
        self.places = [main_warehouse(), make_warehouse()]
        self.part = make_item(category_id=ItemCategory.objects.get(code="materials").pk)
        self.kit = make_item()
        self.gained, self.done = {}, []
        self.net: dict[str, D] = {"qty": D(0)}

    def step(self, kind: str, qty: int, side: int) -> None:
        here, there = self.places[side], self.places[1 - side]
        head = {"doc_date": TODAY, "warehouse_id": here.pk, **BY}
        if kind == "in":
            line = OtherReceiptLineInput(self.part.pk, D(qty), unit_cost=D("3.337") * qty)
            saved = other.save_other_receipt(reason="gift", lines=[line], **head)
            other.approve_other_receipt(document_id=saved.pk, **BY)
            self.done.append((other.unapprove_other_receipt, saved))
        elif kind == "out":
            saved = other.save_other_issue(reason="own_use", lines=[OtherIssueLineInput(self.part.pk, D(qty))], **head)
            other.approve_other_issue(document_id=saved.pk, **BY)
            self.done.append((other.unapprove_other_issue, saved))
        elif kind == "send":
            line = TransferLineInput(self.part.pk, D(qty))
            saved = transfers.save_transfer(
                doc_date=TODAY, source_id=here.pk, destination_id=there.pk, lines=[line], **BY
            )
            transfers.approve_transfer(document_id=saved.pk, **BY)
            self.done.append((transfers.unapprove_transfer, saved))
        elif kind == "arrive":
            self.arrive(D(qty))
        elif kind in {"make", "break"}:
            saved = assembly.save_assembly(
                item_id=self.kit.pk,
                qty=D(qty),
                kind="assemble" if kind == "make" else "take_apart",
                lines=[ComponentInput(self.part.pk, D(2 * qty))],
                **head,
            )
            assembly.approve_assembly(document_id=saved.pk, **BY)
            self.done.append((assembly.unapprove_assembly, saved))
        elif kind == "count":
            self.count(head, D(qty))
        elif self.done:
            undo, saved = self.done.pop()
            undo(document_id=saved.pk, **BY)

    def arrive(self, qty: D) -> None:
        open_one = Transfer.objects.filter(approval="approved", closing="open").first()
        if open_one is None:
            return
        line = open_one.lines.get()
        left = line.qty - line.received_qty - line.lost_qty
        lines = [ArrivalInput(line.pk, min(qty, left), min(D(1), max(left - qty, D(0))))]
        saved = transfer_receipts.receive_transfer(transfer_id=open_one.pk, lines=lines, **BY)
        self.done.append((transfer_receipts.unapprove_transfer_receipt, saved))

    def count(self, head: dict[str, Any], qty: D) -> None:
        saved = counting.save_count(item_ids=[self.part.pk], **head)
        counting.start_count(document_id=saved.pk, **BY)
        line = saved.lines.get()
        counting.record_counts(document_id=saved.pk, counted=[CountedInput(line.pk, qty)], **BY)
        count_booking.approve_count(document_id=saved.pk, **BY)
        self.done.append((count_booking.unapprove_count, saved))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(STEP, min_size=4, max_size=14))
def test_books_follow_the_goods(steps):
    with transaction.atomic():
        yard = Yard()
        for kind, qty, side in steps:
            before = StockBalance.objects.aggregate(n=Sum("value"))["n"]
            try:
                with transaction.atomic():
                    yard.step(kind, qty, side)
            except Refusal:
                continue
            if kind in {"send", "make", "break"}:  # nothing is gained or lost
                assert StockBalance.objects.aggregate(n=Sum("value"))["n"] == before
            assert all_differences() == []
        assert violations() == []
        transaction.set_rollback(True)
