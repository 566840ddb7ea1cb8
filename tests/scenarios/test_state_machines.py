"""The state machines of lots, shipping notices, statements and purchase lines: every state, and every step that is forbidden.

Each table says which steps may be taken from a state and where they lead; every other step is refused and changes nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from backend.inventory.errors import CannotIssueStock
from backend.inventory.models import Lot
from backend.inventory.services import lots
from backend.invoicing.claim_sheets import ClaimInput
from backend.invoicing.models import Statement
from backend.invoicing.services import answering, money, purchase_invoices, statements
from backend.kernel.errors import Refusal
from backend.processes.procure_to_pay import invoice_receipts, invoice_statement
from backend.processes.statements import propose_supplier_statement, submit_statement_list
from backend.purchasing.models import Asn, PurchaseOrder
from backend.purchasing.selectors.receipts import lines_to_invoice
from backend.purchasing.services import asn_way, asns, confirmations, orders, progress, receipts
from backend.purchasing.services.inputs import AnswerLine, AsnData, AsnLineInput, PartInput, ReceiptLineInput
from backend.purchasing.services.taking_back import unapprove_receipt
from tests.factories.accounting import balance
from tests.factories.catalog import make_item
from tests.factories.costing import come, leave, lot_of
from tests.factories.invoicing import money_data
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import (
    BUYER,
    confirm,
    day,
    lines_of,
    make_purchase_order,
    receive,
    ship,
    supplier_actor,
)
from tests.returns.test_statement_lists import came
from tests.scenarios.world import settle

pytestmark = pytest.mark.usefixtures("tenant")
BY = {"actor": BUYER, "at": AT}
Steps = dict[str, Callable[[Any], Any]]


class _Undone(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back."""
    try:
        with transaction.atomic():
            yield
            raise _Undone
    except _Undone:
        pass


def check(
    table: dict[str, dict[str, str]], steps: Steps, at_state: Callable[[str], Any], read: Callable[[Any], str]
) -> None:
    """Take every step from every state: where the table has it, it leads there; where not, it is refused."""
    for state, allowed in table.items():
        thing = at_state(state)
        for name, step in steps.items():
            with undone():
                if name in allowed:
                    step(thing)
                else:
                    with pytest.raises(Refusal), transaction.atomic():
                        step(thing)
                assert read(thing) == allowed.get(name, state), (state, name)


# --- lots --------------------------------------------------------------------------------------
LOT = {
    "quarantine": {"hold": "held", "release": "released", "scrap": "scrapped"},
    "released": {"hold": "held", "sell": "released"},
    "held": {"release": "released", "scrap": "scrapped"},
    "expired": {"scrap": "scrapped"},
    "scrapped": {},
}
LOT_STEPS: Steps = {
    "hold": lambda lot: lots.hold_lot(lot_id=lot.pk, reason="smells", **BY),
    "release": lambda lot: lots.release_lot(lot_id=lot.pk, **BY),
    "scrap": lambda lot: lots.scrap_lot(lot_id=lot.pk, reason="rotten", **BY),
    "sell": lambda lot: leave(lot.item, 1, lot_id=lot.pk),
}


def lot_in(state: str) -> Lot:
    lot = lot_of(make_item(lot_tracked=True), "L")
    come(lot.item, 5, 50, lot_id=lot.pk)
    Lot.objects.filter(pk=lot.pk).update(state=state)
    return lot


def test_lots_go_from_quarantine_to_released_held_expired_scrapped_and_only_released_ones_leave():
    check(LOT, LOT_STEPS, lot_in, lambda lot: Lot.objects.get(pk=lot.pk).state)


def test_only_released_lots_expire_and_an_expired_one_is_not_released_again():
    rows = {state: lot_in(state) for state in LOT}
    Lot.objects.filter(pk__in=[lot.pk for lot in rows.values()]).update(expiry_date=day(-1))
    assert lots.expire_lots(**BY) == 1
    found = {state: Lot.objects.get(pk=lot.pk).state for state, lot in rows.items()}
    assert found == {state: "expired" if state == "released" else state for state in LOT}
    with pytest.raises(lots.CannotChangeLot), transaction.atomic():
        lots.release_lot(lot_id=rows["held"].pk, **BY)


@pytest.mark.parametrize("state", [state for state in LOT if state != "released"])
def test_a_lot_that_is_not_released_cannot_be_picked_in_the_database_either(state, monkeypatch):
    """INV-02: the database refuses the move where the service would let it pass."""
    lot = lot_in(state)
    monkeypatch.setattr("backend.inventory.services.picking.LotStock.may_leave", lambda *_args: True)
    with pytest.raises((CannotIssueStock, IntegrityError, InternalError)), transaction.atomic():
        leave(lot.item, 1, lot_id=lot.pk)


# --- shipping notices --------------------------------------------------------------------------
ASN = {
    "submitted": {
        "dispatch": "in_transit",
        "arrive": "arrived",
        "receive": "received",
        "withdraw": "closed",
        "move": "submitted",
    },
    "in_transit": {
        "dispatch": "in_transit",
        "arrive": "arrived",
        "receive": "received",
        "withdraw": "closed",
        "move": "in_transit",
    },
    "arrived": {"receive": "received", "withdraw": "closed", "move": "arrived"},
    "received": {"close": "closed", "take back": "submitted"},
    "closed": {"take back": "submitted"},
}
WAY: dict[str, list[str]] = {
    "submitted": [],
    "in_transit": ["dispatch"],
    "arrived": ["dispatch", "arrive"],
    "received": ["dispatch", "arrive", "receive"],
    "closed": ["dispatch", "arrive", "receive", "close"],
}


def take_back(notice: Asn) -> None:
    receipt = notice.receipts.first()
    if receipt is None:
        raise Refusal("There is no receipt.", code="test")
    unapprove_receipt(receipt_id=receipt.pk, **BY)


ASN_STEPS: Steps = {
    "dispatch": lambda asn: asn_way.dispatch_asn(asn_id=asn.pk, **BY),
    "arrive": lambda asn: asn_way.arrive_asn(asn_id=asn.pk, **BY),
    "receive": lambda asn: receipts.receive_asn(asn_id=asn.pk, **BY),
    "close": lambda asn: asn_way.close_asn(asn_id=asn.pk, **BY),
    "withdraw": lambda asn: asns.withdraw_asn(asn_id=asn.pk, **BY),
    "move": lambda asn: asn_way.move_asn(asn_id=asn.pk, expected_date=day(9), **BY),
    "take back": take_back,
}


def notice_in(state: str) -> Asn:
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    notice = ship(order, 10)
    for step in WAY[state]:
        ASN_STEPS[step](notice)
    return notice


def test_a_shipping_notice_goes_its_way_and_no_other():
    check(ASN, ASN_STEPS, notice_in, lambda asn: Asn.objects.get(pk=asn.pk).state)
    withdrawn = notice_in("submitted")
    ASN_STEPS["withdraw"](withdrawn)
    for name, step in ASN_STEPS.items():
        with pytest.raises(Refusal), transaction.atomic():
            step(withdrawn)
        assert Asn.objects.get(pk=withdrawn.pk).state == "closed", name


# --- statements --------------------------------------------------------------------------------
STATEMENT = {
    "proposed": {
        "accept": "proposed",
        "give in": "proposed",
        "dispute": "disputed",
        "sign": "half signed",
        "list": "proposed",
        "void": "voided",
    },
    "disputed": {
        "accept": "disputed",
        "give in": "proposed",
        "dispute": "disputed",
        "answer": "proposed",
        "list": "disputed",
        "void": "voided",
    },
    "half signed": {
        "accept": "half signed",
        "give in": "half signed",
        "dispute": "disputed",
        "sign": "agreed",
        "list": "proposed",
        "void": "voided",
    },
    "agreed": {"invoice": "invoiced"},
    "invoiced": {},
    "voided": {},
}


def _them(made: Statement) -> dict[str, Any]:
    return {"statement_id": made.pk, "actor": supplier_actor(made.party), "at": AT}


def _line(made: Statement) -> Any:
    return made.lines.order_by("line_no")[0].pk


STATEMENT_STEPS: Steps = {
    "propose": lambda made: statements.propose_statement(statement_id=made.pk, **BY),
    "accept": lambda made: statements.accept_lines(**_them(made)),
    "give in": lambda made: statements.accept_line(line_id=_line(made), **_them(made)),
    "dispute": lambda made: statements.dispute_line(line_id=_line(made), reason="21 sent", **_them(made)),
    "answer": lambda made: answering.answer_dispute(statement_id=made.pk, line_id=_line(made), answer="20 came", **BY),
    "sign": lambda made: sign(made),
    "list": lambda made: submit_statement_list(claims=_same_list(made), **_them(made)),
    "invoice": lambda made: invoiced(made),
    "void": lambda made: statements.void_statement(statement_id=made.pk, **BY),
}


def sign(made: Statement) -> None:
    """Theirs first, then ours."""
    made.refresh_from_db()
    if made.their_signature:
        statements.agree(statement_id=made.pk, side="us", **BY)
    else:
        statements.agree(side="them", **_them(made))


def _same_list(made: Statement) -> list[ClaimInput]:
    rows = made.lines.order_by("line_no").select_related("item")
    return [
        ClaimInput(number=row.their_number, qty=row.qty, price=row.price, item_text=row.item.code, amount=row.amount)
        for row in rows
    ]


def invoiced(made: Statement) -> None:
    draft = invoice_statement(statement_id=made.pk, external_no="FP", **BY)
    purchase_invoices.approve_invoice(invoice_id=draft.pk, **BY)


def statement_in(state: str) -> Statement:
    supplier = make_supplier()
    came(supplier, 20, "DN-20")
    first = AT.date().replace(day=1)
    made = propose_supplier_statement(party_id=supplier.pk, period_from=first, period_to=AT.date(), **BY)
    ways = {
        "disputed": ["dispute"],
        "half signed": ["sign"],
        "agreed": ["sign", "sign"],
        "invoiced": ["sign", "sign", "invoice"],
        "voided": ["void"],
    }
    for step in ways.get(state, []):
        STATEMENT_STEPS[step](made)
    return made


def statement_state(made: Statement) -> str:
    made.refresh_from_db()
    if made.approval == "voided":
        return "voided"
    return "half signed" if made.state == "proposed" and made.their_signature else made.state


def test_a_statement_is_signed_by_both_or_by_nobody_and_stays_as_it_was_signed():
    check(STATEMENT, STATEMENT_STEPS, statement_in, statement_state)


# --- purchase lines ----------------------------------------------------------------------------
def test_a_purchase_line_goes_from_draft_to_paid_and_nothing_is_skipped():
    """Draft, approved, sent, viewed, confirmed, shipped, received, stated, invoiced, paid; each early step is refused."""
    order = make_purchase_order((make_item(), 10), approve=False)
    [line] = lines_of(order)
    them = {"actor": supplier_actor(order.supplier), "at": AT}
    notice = AsnData([AsnLineInput(line.pk, D(10))], expected_date=day(6))
    steps: Steps = {
        "view": lambda _order: orders.mark_viewed(order_id=order.pk, **them),
        "confirm": lambda _order: confirmations.confirm_order_all(order_id=order.pk, **them),
        "report": lambda _order: progress.report_progress(
            order_line_id=line.pk, node="in_production", percent=60, **them
        ),
        "ship": lambda _order: asns.submit_asn(data=notice, **them),
        "receive": lambda _order: receipts.receive_order(
            order_id=order.pk, lines=[ReceiptLineInput(line.pk, D(10))], **BY
        ),
        "unapprove": lambda _order: orders.unapprove_order(order_id=order.pk, **BY),
        "void": lambda _order: orders.void_order(order_id=order.pk, **BY),
    }

    def refused(*names: str) -> None:
        for name in names:
            with pytest.raises(Refusal), transaction.atomic():
                steps[name](order)

    refused("view", "confirm", "report", "ship", "receive", "unapprove")
    orders.approve_order(order_id=order.pk, **BY)
    refused("ship", "void")
    steps["view"](order)
    steps["confirm"](order)
    assert lines_of(order)[0].state == "confirmed"
    refused("confirm", "void")
    steps["report"](order)
    steps["ship"](order)
    refused("ship", "unapprove", "void")
    receipts.receive_asn(asn_id=Asn.objects.get().pk, supplier_note_no="DN-1", **BY)
    refused("receive", "ship", "confirm", "unapprove", "void")
    row = lines_of(order)[0]
    assert (row.shipped_qty, row.received_qty, row.invoiced_qty) == (10, 10, 0)
    receipt = row.receipt_lines.get().document
    with pytest.raises(Refusal), transaction.atomic():
        invoice_statement(statement_id=statement_in("proposed").pk, external_no="X", **BY)
    invoice = invoice_receipts(receipt_ids=[receipt.pk], external_no="FP", **BY)
    purchase_invoices.approve_invoice(invoice_id=invoice.pk, **BY)
    assert not lines_to_invoice(BUYER).filter(document=receipt).exists()
    with pytest.raises(Refusal), transaction.atomic():
        invoice_receipts(receipt_ids=[receipt.pk], external_no="FP 2", **BY)
    with pytest.raises(Refusal), transaction.atomic():
        unapprove_receipt(receipt_id=receipt.pk, **BY)
    draft = money.save_payment(
        data=money_data(order.supplier, invoice.gross_amount, [(invoice, invoice.gross_amount)]), **BY
    )
    money.approve_payment(payment_id=draft.pk, **BY)
    assert balance("ap_trade", order.supplier) == 0
    settle()
    order = PurchaseOrder.objects.get(pk=order.pk)
    assert (order.confirmed, order.received, order.invoiced, order.closing) == ("full", "full", "full", "auto_closed")
    assert order.paid == "full"


def test_an_answer_is_a_revision_that_waits_is_taken_declined_or_superseded_and_never_edited():
    """Confirmed rev n | countered | rejected: a revision is a row; what is decided is not decided again."""
    order = make_purchase_order((make_item(), 10))
    [line] = lines_of(order)
    them = {"actor": supplier_actor(order.supplier), "at": AT}

    def answer(*parts: PartInput, **words: str) -> Any:
        return confirmations.answer_order(order_id=order.pk, lines=[AnswerLine(line.pk, parts, **words)], **them)

    first = answer(PartInput(D(10), line.requested_date + timedelta(days=5)))
    assert (first.state, lines_of(order)[0].state) == ("proposed", "countered")
    second = answer(reject_reason="sold out")
    first.refresh_from_db()
    assert (first.state, second.state, lines_of(order)[0].state) == ("superseded", "proposed", "rejected")
    confirmations.decide_confirmation(confirmation_id=second.pk, accept=False, **BY)
    assert lines_of(order)[0].state == "open"
    for made in (first, second):
        with pytest.raises(Refusal), transaction.atomic():
            confirmations.decide_confirmation(confirmation_id=made.pk, accept=True, **BY)
    confirm(order)
    assert lines_of(order)[0].state == "confirmed"
    assert list(order.confirmations.order_by("revision").values_list("revision", "state")) == [
        (1, "superseded"),
        (2, "declined"),
        (3, "accepted"),
    ]
    assert receive(order, 10).is_approved
