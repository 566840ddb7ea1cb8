"""M-07, SRM-15: the partner's own list on a statement: compared, settled line by line by both, signed, locked, invoiced."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backend.accounting.models import OpenItem
from backend.invoicing.claim_sheets import ClaimInput, read_upload
from backend.invoicing.models import Statement, StatementDifference
from backend.invoicing.services import differences, purchase_invoices, statements
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.models import Attachment
from backend.processes.procure_to_pay import invoice_statement
from backend.processes.statements import (
    answer_statement_dispute,
    propose_customer_statement,
    propose_supplier_statement,
    submit_statement_list,
)
from backend.purchasing.services.inputs import ReceiptLineInput
from backend.purchasing.services.receipts import receive_order
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import lines_of, make_purchase_order, ship, supplier_actor
from tests.factories.returns import ROBOT, send_back
from tests.people import make_member
from tests.returns.test_sales_returns import sold

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal
US = ROBOT
PDF = b"%PDF-1.4 " + b"0" * 40


def came(supplier, qty, note, price="11.30", item=None):
    order = make_purchase_order((item or make_item(), qty, price), supplier=supplier)
    line = ReceiptLineInput(lines_of(order)[0].pk, D(qty))
    return receive_order(order_id=order.pk, lines=[line], supplier_note_no=note, actor=ROBOT, at=AT)


def claim(receipt, **more):
    line = receipt.lines.get()
    values = {
        "number": receipt.supplier_note_no,
        "qty": line.qty,
        "price": line.tax_incl_price,
        "line_date": receipt.doc_date,
        "item_text": line.item.code,
    }
    return ClaimInput(**{**values, **more})


@pytest.fixture
def supplier():
    return make_supplier()


@pytest.fixture
def month(supplier):
    """Four receipts, one return; the statement is with the supplier."""
    receipts = [came(supplier, qty, f"DN-{qty}") for qty in (10, 20, 30, 40)]
    send_back(receipts[3], 2)
    statement = propose_supplier_statement(
        party_id=supplier.pk, period_from=AT.date().replace(day=1), period_to=AT.date(), actor=US, at=AT
    )
    return receipts, statement


def compared(month, supplier, extra=()):
    receipts, statement = month
    first, second, third, fourth = receipts
    claims = [
        claim(first),
        claim(second, qty=D(22)),
        claim(third, price=D("11.90")),
        claim(fourth),
        claim(fourth),
        ClaimInput(number="DN-77", qty=D(5), price=D("2"), item_text="no such thing"),
        *extra,
    ]
    them = supplier_actor(supplier)
    made = submit_statement_list(statement_id=statement.pk, claims=claims, actor=them, at=AT)
    return made, {row.kind: row for row in StatementDifference.objects.filter(document=made)}, them


def test_m_07_every_difference_is_typed_with_both_numbers_and_the_gap(month, supplier):
    made, found, _them = compared(month, supplier)
    assert set(found) == {"quantity", "price", "duplicate", "not_received", "return_open"}
    assert (found["quantity"].our_qty, found["quantity"].their_qty, found["quantity"].gap) == (20, 22, D("22.60"))
    assert found["price"].gap == D("18.00")
    assert "11.3" in found["price"].why
    assert found["duplicate"].gap == D("452.00")
    assert found["not_received"].their_number == "DN-77"
    assert found["return_open"].gap == D("22.60")
    assert made.claims.count() == 6
    assert made.lines.filter(kind="receipt").exclude(their_number="").count() == 4


def test_m_07_a_line_taken_out_is_compared_no_more(month, supplier):
    """SRM-15: what was said about it would move the balance a second time."""
    made, found, them = compared(month, supplier)
    line = made.lines.get(kind="receipt", qty=20)
    about = {"statement_id": made.pk, "line_id": line.pk, "at": AT}
    statements.dispute_line(reason="not yours", actor=them, **about)
    answer_statement_dispute(answer="Next month", take_out=True, actor=US, **about)
    now = {row.kind: row for row in StatementDifference.objects.filter(document=made).exclude(our_amount=0)}
    assert "quantity" not in now
    assert not StatementDifference.objects.filter(pk=found["quantity"].pk).exists()
    theirs = StatementDifference.objects.get(document=made, their_number="DN-20")
    assert (theirs.kind, theirs.our_amount, theirs.gap) == ("not_received", 0, D("248.60"))


def test_m_07_settled_by_both_signed_locked_and_invoiced(month, supplier):
    """SRM-15, SRM-16: nothing is agreed while a difference is open; theirs becomes an adjustment; then all is locked."""
    made, found, them = compared(month, supplier)
    with pytest.raises(Conflict, match="Quantity differs"):
        statements.agree(statement_id=made.pk, side="them", actor=them, at=AT)
    where = {"statement_id": made.pk, "at": AT}
    for kind in ("quantity", "duplicate", "return_open"):
        differences.settle_difference(difference_id=found[kind].pk, holds="ours", actor=them, **where)
    with pytest.raises(Conflict, match="other side"):
        differences.settle_difference(difference_id=found["price"].pk, holds="theirs", actor=them, **where)
    with pytest.raises(ValidationRefused):
        differences.dispute_difference(difference_id=found["price"].pk, comment=" ", actor=them, **where)
    proof = SimpleUploadedFile("mail.pdf", PDF, "application/pdf")
    disputed = differences.dispute_difference(
        difference_id=found["price"].pk, comment="agreed by phone", evidence=proof, actor=them, **where
    )
    assert disputed.state == "disputed"
    assert Attachment.objects.get(subject_id=made.pk).visibility == "supplier"
    answered = differences.answer_difference(difference_id=found["price"].pk, answer="with whom?", actor=US, **where)
    assert answered.state == "proposed"
    differences.dispute_difference(difference_id=found["price"].pk, comment="with Li", actor=them, **where)
    before = made.closing_amount
    settled = differences.settle_difference(difference_id=found["price"].pk, holds="theirs", actor=US, **where)
    assert (settled.adjusted_amount, settled.closing_amount) == (D("18.00"), before + D("18.00"))
    with pytest.raises(Conflict, match="settled"):
        differences.settle_difference(difference_id=found["price"].pk, holds="ours", actor=US, **where)
    differences.settle_rest(statement_id=made.pk, actor=them, at=AT)
    statements.agree(statement_id=made.pk, side="them", actor=them, at=AT)
    agreed = statements.agree(statement_id=made.pk, side="us", actor=US, at=AT)
    assert agreed.state == "agreed"
    assert agreed.digest == statements.digest_of(agreed, list(agreed.lines.all()))
    for model, values in ((StatementDifference, {"comment": "x"}), (agreed.claims.model, {"number": "x"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(document=agreed).update(**values)
    invoice = invoice_statement(statement_id=agreed.pk, external_no="FP", actor=US, at=AT)
    invoice = purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=US, at=AT)
    owed = sum(OpenItem.objects.filter(party=supplier, kind="payable").values_list("open_amount", flat=True))
    assert owed == invoice.gross_amount == agreed.closing_amount - agreed.adjusted_amount


def test_m_07_what_is_on_its_way_explains_itself(supplier):
    order = make_purchase_order((make_item(), 9), supplier=supplier)
    from tests.factories.purchasing import confirm

    confirm(order)
    notice = ship(order)
    came(supplier, 3, "DN-3")
    statement = propose_supplier_statement(
        party_id=supplier.pk, period_from=AT.date().replace(day=1), period_to=AT.date(), actor=US, at=AT
    )
    claims = [ClaimInput(number=notice.number, qty=D(9), price=D("11.3"))]
    made = submit_statement_list(statement_id=statement.pk, claims=claims, actor=supplier_actor(supplier), at=AT)
    row = made.differences.get(kind="not_received")
    assert notice.number in row.why
    assert made.differences.get(kind="missing").our_amount == D("33.90")


def test_m_07_another_list_replaces_the_first(month, supplier):
    made, found, them = compared(month, supplier)
    differences.settle_difference(
        statement_id=made.pk, difference_id=found["price"].pk, holds="theirs", actor=US, at=AT
    )
    again = submit_statement_list(
        statement_id=made.pk, claims=[claim(receipt) for receipt in month[0]], actor=them, at=AT
    )
    assert again.adjusted_amount == 0
    assert [row.kind for row in again.differences.all()] == ["return_open"]


def test_m_07_a_stranger_finds_nothing(month, supplier):
    made, found, _them = compared(month, supplier)
    other = supplier_actor(make_supplier())
    with pytest.raises(NotFoundRefused):
        submit_statement_list(statement_id=made.pk, claims=[claim(month[0][0])], actor=other, at=AT)
    with pytest.raises(NotFoundRefused):
        differences.settle_difference(
            statement_id=made.pk, difference_id=found["price"].pk, holds="ours", actor=other, at=AT
        )


def test_m_07_a_fixed_number_of_statements(supplier):
    counts = []
    for size in (3, 15):
        receipts = [came(supplier, place + 1, f"N-{size}-{place}") for place in range(size)]
        statement = propose_supplier_statement(
            party_id=supplier.pk, period_from=AT.date() - timedelta(days=9), period_to=AT.date(), actor=US, at=AT
        )
        claims = [claim(receipt, qty=D(99)) for receipt in receipts]
        with CaptureQueriesContext(connection) as seen:
            submit_statement_list(statement_id=statement.pk, claims=claims, actor=supplier_actor(supplier), at=AT)
        counts.append(len(seen))
        statements.void_statement(statement_id=statement.pk, actor=US, at=AT)
    assert counts[0] == counts[1], counts


def test_m_07_the_same_for_a_customer():
    _item, _order, delivery = sold()
    statement = propose_customer_statement(
        party_id=delivery.customer_id, period_from=AT.date().replace(day=1), period_to=AT.date(), actor=US, at=AT
    )
    line = delivery.lines.get()
    row = ClaimInput(number=delivery.number, qty=D(9), price=line.tax_incl_price, item_text=line.item.name)
    made = submit_statement_list(statement_id=statement.pk, claims=[row], actor=US, at=AT)
    assert [(found.kind, found.gap) for found in made.differences.all()] == [("quantity", D("-22.60"))]


def test_an_excel_list_is_read(tmp_path):
    import xlsxwriter

    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for row, cells in enumerate(
        [["对账单"], ["送货单号", "日期", "商品", "数量", "单价"], ["DN-1", "2026-11-03", "A4", 5, 11.3]]
    ):
        sheet.write_row(row, 0, cells)
    book.close()
    (found,) = read_upload(SimpleUploadedFile("list.xlsx", path.read_bytes()))
    assert (found.number, found.qty, found.worth(1)) == ("DN-1", 5, D("56.50"))
    with pytest.raises(ValidationRefused, match="workbook"):
        read_upload(SimpleUploadedFile("list.xlsx", b"PK" + b"0" * 50))
    with pytest.raises(ValidationRefused, match="CSV or Excel"):
        read_upload(SimpleUploadedFile("list.pdf", PDF))


def test_m_07_through_the_pages_of_both_sides(month, supplier, client_for):
    receipts, statement = month
    them = client_for(make_member("supplier_finance", party=supplier))
    us = client_for(make_member("owner", email="o@example.com"))
    url = f"/supplier/statements/{statement.number}/"
    assert them.post(f"{url}list/", {"rows": "nothing"}).status_code == 400
    rows = "number\tqty\tprice\titem\n" + "\n".join(
        f"{receipt.supplier_note_no}\t{receipt.lines.get().qty + 1}\t11.3\t{receipt.lines.get().item.code}"
        for receipt in receipts
    )
    assert them.post(f"{url}list/", {"rows": rows}).status_code == 302
    found = list(StatementDifference.objects.order_by("no"))
    assert len(found) == 5
    text = them.get(url).content.decode()
    assert "11.30" in text
    assert them.post(f"{url}differences/{found[0].pk}/", {"verdict": "accept"}).status_code == 302
    assert them.post(f"{url}differences/{found[1].pk}/", {"verdict": "dispute"}).status_code == 400
    proof = SimpleUploadedFile("note.pdf", PDF, "application/pdf")
    insisted = {"verdict": "dispute", "comment": "we counted", "evidence": proof}
    assert them.post(f"{url}differences/{found[1].pk}/", insisted).status_code == 302
    ours = f"/purchasing/statements/{statement.number}/"
    page = us.get(ours).content.decode()
    assert "we counted" in page
    assert us.post(f"{ours}differences/{found[1].pk}/", {"how": "answer", "answer": "we too"}).status_code == 302
    assert us.post(f"{ours}differences/{found[2].pk}/", {"how": "theirs"}).status_code == 302
    assert them.post(f"{url}differences/").status_code == 302
    assert them.post(f"{url}signature/").status_code == 302
    assert us.post(f"{ours}signature/").status_code == 302
    assert Statement.objects.get(pk=statement.pk).state == "agreed"
    stranger = client_for(make_member("supplier_finance", party=make_supplier(), email="x@example.com"))
    assert stranger.post(f"{url}list/", {"rows": rows}).status_code == 404
    assert stranger.post(f"{url}differences/{found[0].pk}/", {"verdict": "accept"}).status_code == 404


def test_srm_15_a_disputed_line_shows_figures_in_their_unit_and_a_file_to_both(month, supplier, client_for):
    _receipts, statement = month
    them = client_for(make_member("supplier_finance", party=supplier))
    url = f"/supplier/statements/{statement.number}/"
    line = statement.lines.filter(kind="receipt").earliest("line_no")
    refused = them.post(f"{url}lines/{line.pk}/", {"reason": "we sent more", "their_qty": "twelve"})
    assert refused.status_code == 400
    assert all(word in refused.content.decode() for word in ("we sent more", "twelve"))
    proof = SimpleUploadedFile("note.pdf", PDF, "application/pdf")
    said = them.post(f"{url}lines/{line.pk}/", {"reason": "we sent more", "their_qty": "12", "evidence": proof})
    assert said["Location"] == f"{url}#line-{line.pk}"
    kept = Attachment.objects.get(subject_id=statement.pk)
    page = them.get(url).content.decode()
    assert f"/supplier/files/{kept.pk}/" in page
    assert f'12 <span class="t2">{line.item.unit}</span>' in page
    ours = client_for(make_member("owner", email="o@example.com")).get(f"/purchasing/statements/{statement.number}/")
    assert f"/files/{kept.pk}" in ours.content.decode()
