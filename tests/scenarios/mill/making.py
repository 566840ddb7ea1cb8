"""Ordered, confirmed, made, shipped, received and inspected."""

import pytest

from backend.catalog.models import Item
from backend.inventory.models import Lot, LotState, StockBalance
from backend.kernel.errors import NotFoundRefused
from backend.kernel.links import graph
from backend.purchasing.models import Inspection, ProductionNode, PurchaseException, PurchaseReceipt
from backend.purchasing.selectors.orders import order_for
from backend.purchasing.services import asns, confirmations, inspections, nodes, orders, progress, receipts
from backend.purchasing.services.inputs import AnswerLine, AsnData, AsnLineInput, InspectionResult, PartInput
from backend.srm.models import QualityClaim
from backend.workflow.models import Notification, Task
from tests.scenarios.mill.journey import Journey
from tests.scenarios.world import D, ledger, settle, stock_value


def send_and_confirm(story: Journey) -> None:
    """Sent by its approval, read, confirmed 60 and 40 on two days."""
    for order in (story.order, story.other_order):
        orders.approve_order(order_id=order.pk, **story.buying(1.5))
    settle()
    message = Notification.objects.get(kind="supplier.order_sent", params__number=story.order.number)
    assert (message.member_id, message.mailed_at is not None) == (story.person.member_id, True)
    with pytest.raises(NotFoundRefused):
        order_for(story.person, story.other_order.number)
    assert orders.mark_viewed(order_id=story.order.pk, **story.supplying(1.4))
    parts = [PartInput(D(60), story.world.day(1)), PartInput(D(40), story.world.day(5))]
    answer = confirmations.answer_order(
        order_id=story.order.pk, lines=[AnswerLine(story.line.pk, parts)], **story.supplying(1.4)
    )
    settle()
    assert (answer.revision, answer.state) == (1, "accepted")
    schedule = story.line.schedule.order_by("date")
    assert [(part.qty, part.date, part.confirmed) for part in schedule] == [
        (60, story.world.day(1), True),
        (40, story.world.day(5), True),
    ]
    story.order.refresh_from_db()
    assert (story.line.state, story.order.confirmed) == ("confirmed", "full")
    assert exceptions(story) == []


def exceptions(story: Journey) -> list[str]:
    rows = PurchaseException.objects.filter(order=story.order).exclude(state="solved")
    return list(rows.values_list("kind", flat=True))


def report_progress_and_a_late_node(story: Journey) -> None:
    """60 % a day ago, where production should have ended yesterday: the buyer's to-do comes and goes by itself."""
    days = {"material_ready": 7, "in_production": 6, "packed": 1}
    template = nodes.save_template(data=nodes.TemplateData("Paper", days), **story.buying(1.5))
    assert nodes.plan_nodes(order_id=story.order.pk, template_id=template.pk, **story.buying(1.4)) == 3
    report = {"order_line_id": story.line.pk, "node": "in_production"}
    progress.report_progress(percent=60, **report, **story.supplying(1))
    assert (story.line.progress_node, story.line.progress_pct) == ("in_production", 60)
    passed = ProductionNode.objects.filter(order_line=story.line).exclude(actual_date=None)
    assert list(passed.values_list("node", flat=True)) == ["material_ready"]
    settle()
    assert exceptions(story) == ["node_late"]
    late = PurchaseException.objects.get(order=story.order, kind="node_late")
    assert late.facts == {"node": "in_production", "planned": story.world.day(-1).isoformat()}
    task = Task.objects.get(kind="purchasing.exception", subject_id=story.order.pk)
    assert (task.assignee_id, task.done_at) == (story.world.buyer.member_id, None)
    progress.report_progress(percent=100, **report, **story.supplying())
    settle()
    task.refresh_from_db()
    assert (exceptions(story), task.done_at is not None) == ([], True)


def ship_and_receive(story: Journey, *lots: tuple[str, int]) -> PurchaseReceipt:
    """A notice with lots, and the receipt made of it in one call."""
    lines = [AsnLineInput(story.line.pk, D(qty), lot_no=lot) for lot, qty in lots]
    data = AsnData(lines=lines, expected_date=story.world.today, carrier_name="SF", tracking_no=f"T-{lots[0][0]}")
    notice = asns.submit_asn(data=data, **story.supplying())
    settle()
    assert Task.objects.filter(kind="purchasing.goods_coming", done_at=None, subject_id=notice.pk).exists()
    made = receipts.receive_asn(
        asn_id=notice.pk, supplier_note_no=f"DN-{lots[0][0]}", actor=story.world.keeper, at=story.world.at
    )
    settle()
    notice.refresh_from_db()
    assert (notice.state, notice.outcome) == ("received", "match")
    rows = list(made.lines.order_by("line_no"))
    assert [(row.qty, row.tax_incl_price) for row in rows] == [(qty, D("11.30")) for _lot, qty in lots]
    supplier_lots = Lot.objects.filter(pk__in=[row.lot_id for row in rows]).values_list("supplier_lot_no", flat=True)
    assert set(supplier_lots) == {lot for lot, _qty in lots}
    return made


def stock_of(item: Item) -> tuple[int, int]:
    """On hand and free to promise."""
    row = StockBalance.objects.get(item=item)
    return int(row.on_hand), int(row.available)


def inspect_45_and_5(story: Journey, receipt: PurchaseReceipt) -> None:
    """One receipt of 50: nothing is free before, 45 after; 5 lie in a held lot."""
    assert (receipt.gross_amount, stock_of(story.item)) == (D("565.00"), (50, 0))
    made = Inspection.objects.get(receipt=receipt)
    assert Task.objects.filter(kind="purchasing.inspection_to_do", done_at=None, subject_id=made.pk).exists()
    second = made.lines.get(qty=20)
    inspections.decide_inspection(
        inspection_id=made.pk,
        results=[InspectionResult(second.pk, D(5), reason="wet edges")],
        actor=story.world.keeper,
        at=story.world.at,
    )
    made.refresh_from_db()
    rows = made.lines.order_by("line_no")
    assert [(row.accepted_qty, row.rejected_qty) for row in rows] == [(30, 0), (15, 5)]
    assert (made.state, stock_of(story.item)) == ("partial", (50, 45))
    second.refresh_from_db()
    assert Lot.objects.get(pk=second.rejected_lot_id).state == LotState.HELD
    assert stock_value() == ledger("inventory") == D("500.00")


def the_claim_opens_by_itself(story: Journey) -> None:
    settle()
    claim = QualityClaim.objects.get()
    assert (claim.supplier_id, claim.qty, claim.state, claim.lot.supplier_lot_no) == (
        story.supplier.pk,
        5,
        "open",
        "MILL-B",
    )
    assert "wet edges" in claim.description
    assert claim.number in {node.document.number for node in graph(Inspection.objects.get()).nodes}
    message = Notification.objects.get(kind="supplier.claim_opened")
    assert (message.member_id, message.url) == (story.person.member_id, f"/supplier/claims/{claim.number}/")


def receive_the_rest(story: Journey) -> None:
    receipt = ship_and_receive(story, ("MILL-C", 50))
    inspections.decide_inspection(
        inspection_id=Inspection.objects.get(receipt=receipt).pk,
        results=[],
        actor=story.world.keeper,
        at=story.world.at,
    )
    settle()
    story.order.refresh_from_db()
    assert (story.order.received, story.line.received_qty, stock_of(story.item)) == ("full", 100, (100, 95))
    assert stock_value() == ledger("inventory") == D("1000.00")
    assert ledger("ap_grni") == D("-1000.00")
