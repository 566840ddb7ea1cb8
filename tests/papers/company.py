"""What is no document of a partner: masters, a voucher, stock documents, landed costs, lanes, an invitation, a token."""

from typing import Any

from backend.access import services as access
from backend.accounting.services.vouchers import VoucherLineInput, enter_voucher
from backend.catalog.inputs import AttributeData, PriceLineData, PriceListData, StyleData, ValueData
from backend.catalog.models import Item
from backend.catalog.services import save_price_list
from backend.catalog.services.attributes import save_attribute
from backend.catalog.services.styles import make_variants, save_style
from backend.imports.services import start_rows
from backend.inventory.services import (
    adjustments,
    assembly,
    count_booking,
    counting,
    other,
    transfer_receipts,
    transfers,
)
from backend.inventory.services.bin_moves import approve_bin_move, save_bin_move
from backend.inventory.services.bins import save_bin
from backend.inventory.services.costing_runs import run_costing
from backend.inventory.services.inputs import (
    ArrivalInput,
    BinMoveLineInput,
    ComponentInput,
    CostLineInput,
    CountedInput,
    OpeningLineInput,
    OtherIssueLineInput,
    OtherReceiptLineInput,
    TransferLineInput,
)
from backend.inventory.services.naming import name_serials
from backend.inventory.services.opening import save_opening_stock
from backend.inventory.services.warehouses import save_warehouse
from backend.kernel.actor import Actor
from backend.logistics.services import LaneData, save_lane, suspend_lane
from backend.parties.models import Party
from backend.purchasing.models import PurchaseReceiptLine
from backend.purchasing.services import landed_costs
from backend.purchasing.services.landed_costs import FeeLineInput, LandedCostData
from backend.purchasing.services.material_prices import PriceHeard, note_price
from backend.sales.services.consignments import save_consignment
from backend.sales.services.inputs import ConsignmentLineInput
from tests.papers.making import workshop_papers
from tests.scenarios.world import SYSTEM, D, World


def lanes_of(world: World, mark: str) -> None:
    """A lane in use and one that is suspended."""
    for place, region in enumerate(("North", "South")):
        data = LaneData(world.carrier.pk, f"{mark} home", f"{mark} {region}", 3, D(10), D(1), D(1))
        made = save_lane(data=data, actor=SYSTEM, at=world.at)
        if place:
            suspend_lane(lane_id=made.pk, reason="broken", actor=SYSTEM, at=world.at)


def masters(world: World, owner: Actor, item: Item, mark: str) -> None:
    """What is no document of a partner: a price list, a voucher, opening stock, an invitation, a token."""
    at = world.at
    lines = (PriceLineData(item.pk, D(160)),)
    save_price_list(data=PriceListData(name=f"{mark} list", lines=lines), actor=owner, at=at)
    colour = AttributeData(f"{mark} colour", "colour", (ValueData("RED", f"{mark} red"),))
    [red] = save_attribute(data=colour, actor=owner, at=at).values.all()
    style = save_style(data=StyleData(f"{mark} shirt", "SHIRT", (red.pk,)), actor=owner, at=at)
    make_variants(style_id=style.pk, actor=owner, at=at)
    rows = [{"code": "IMPORTED", "name": f"{mark} imported"}, {"code": "NAMELESS"}]
    start_rows(kind="items", rows=rows, name=f"{mark} list.xlsx", actor=owner, at=at)
    counted = [OpeningLineInput(item.pk, D(5), unit_cost=D(90))]
    save_opening_stock(doc_date=world.today, warehouse_id=world.warehouse.pk, lines=counted, actor=owner, at=at)
    stock_papers(world, item)
    workshop_papers(world, mark)
    cost_papers(world, owner, item)
    for price in (D(60), D(70)):  # the second one raises an alert
        note_price(data=PriceHeard(item.pk, price, note=f"{mark} market"), actor=world.buyer, at=at)
    both = [VoucherLineInput(role="admin_office", debit=D(5)), VoucherLineInput(role="paid_in_capital", credit=D(5))]
    enter_voucher(date=world.today, summary=f"{mark} capital", lines=both, actor=owner, at=at)
    access.invite_member(email="new@example.com", kind="staff", role_codes=["buyer"], actor=owner, at=at)
    assert owner.member_id
    access.issue_token(member_id=owner.member_id, name=f"{mark} token", actor=owner, at=at)


def stock_papers(world: World, item: Item) -> None:
    """Stock documents, drafts and booked ones."""
    who: Any = {"actor": world.keeper, "at": world.at}
    shop = save_warehouse(code="SHOP", name="Shop", **who)
    here = {"doc_date": world.today, "warehouse_id": world.warehouse.pk, **who}
    for approve in (False, True):
        came = other.save_other_receipt(reason="gift", lines=[OtherReceiptLineInput(item.pk, D(2))], **here)
        used = other.save_other_issue(reason="own_use", lines=[OtherIssueLineInput(item.pk, D(1))], **here)
        moved = transfers.save_transfer(
            doc_date=world.today,
            source_id=world.warehouse.pk,
            destination_id=shop.pk,
            lines=[TransferLineInput(item.pk, D(3))],
            **who,
        )
        if approve:
            other.approve_other_receipt(document_id=came.pk, **who)
            other.approve_other_issue(document_id=used.pk, **who)
            transfers.approve_transfer(document_id=moved.pk, **who)
            line = moved.lines.get()
            transfer_receipts.receive_transfer(transfer_id=moved.pk, lines=[ArrivalInput(line.pk, D(1))], **who)
    buyer = Party.objects.filter(is_customer=True).earliest("created_at")
    save_consignment(kind="back", customer_id=buyer.pk, lines=[ConsignmentLineInput(item.pk, D(1))], **here)
    drill = world.item("DRILL", "Drill", serial_tracked=True)
    for number in ("DR-1", "DR-2"):
        came = other.save_other_receipt(reason="gift", lines=[OtherReceiptLineInput(drill.pk, D(1), D(50))], **here)
        name_serials(document=came, numbers={came.lines.get().pk: [number]}, **who)
    other.approve_other_receipt(document_id=came.pk, **who)
    for code in ("DOCK", "A-01"):
        save_bin(warehouse_id=shop.pk, code=code, **who)
    put = save_bin_move(
        doc_date=world.today, warehouse_id=shop.pk, lines=[BinMoveLineInput(item.pk, D(1), "DOCK", "A-01")], **who
    )
    approve_bin_move(document_id=put.pk, **who)
    scope = {"item_ids": [item.pk], **here}
    counted = counting.save_count(**scope)
    counting.start_count(document_id=counting.save_count(**scope).pk, **who)
    counting.start_count(document_id=counted.pk, **who)
    lines = [CountedInput(line.pk, line.book_qty) for line in counted.lines.all()]
    counting.record_counts(document_id=counted.pk, counted=lines, **who)
    count_booking.approve_count(document_id=counted.pk, **who)
    counting.save_count(**scope)
    kit = world.item("KIT", "Kit")
    assembly.save_kit(kit_id=kit.pk, lines=[ComponentInput(item.pk, D(1))], **who)
    for approve in (False, True):
        made = assembly.save_assembly(item_id=kit.pk, qty=D(1), **here)
        if approve:
            assembly.approve_assembly(document_id=made.pk, **who)


def cost_papers(world: World, owner: Actor, item: Item) -> None:
    """Landed costs and cost adjustments, drafts and booked ones, and a costing run."""
    who: Any = {"actor": owner, "at": world.at}
    here = {"doc_date": world.today, "warehouse_id": world.warehouse.pk, "reason": "cogs", **who}
    row = PurchaseReceiptLine.objects.filter(document__approval="approved").select_related("document").first()
    assert row is not None
    for approve in (False, True):
        worth = adjustments.save_cost_adjustment(lines=[CostLineInput(item.pk, amount=D(3))], **here)
        data = LandedCostData(
            supplier_id=row.document.supplier_id,
            doc_date=world.today,
            fee_name="Freight",
            amount=D(20),
            lines=[FeeLineInput(row.pk)],
        )
        fee = landed_costs.save_landed_cost(data=data, **who)
        if approve:
            adjustments.approve_cost_adjustment(document_id=worth.pk, **who)
            landed_costs.approve_landed_cost(document_id=fee.pk, **who)
    run_costing(month=world.today, **who)
