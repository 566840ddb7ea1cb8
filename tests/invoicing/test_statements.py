"""Statements: the sum, the dispute, two signatures, the lock."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from backend.invoicing import selectors
from backend.invoicing.models import Statement, StatementLine
from backend.invoicing.services import answering, statement_drafts, statements
from backend.invoicing.services.statement_drafts import StatementMovement
from backend.invoicing.services.statements import CannotAgreeStatement, CannotChangeStatement, digest_of
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.kernel.ids import uuid7
from tests.factories.accounting import D, make_party

AT = datetime(2026, 11, 30, 9, 30, 15, 123456, tzinfo=UTC)
US = Actor(kind="staff", name="Accountant", email="books@example.com")


@pytest.fixture
def supplier(tenant):
    return make_party("Supplier", supplier=True)


@pytest.fixture
def them(supplier):
    return Actor(kind="supplier", name="Seller", email="seller@example.com", party_id=supplier.pk, channel="portal")


def movement(kind="receipt", amount=100, day=5, **more):
    values = {
        "kind": kind,
        "line_date": date(2026, 11, day),
        "source_type": "purchasing.receipt",
        "source_id": uuid7(),
        "source_number": f"GRN-{day}",
        "source_line_id": uuid7(),
        "amount": D(amount),
    }
    return StatementMovement(**{**values, **more})


MOVEMENTS = [
    ("receipt", 1000, 3),
    ("receipt", 500, 9),
    ("return", 50, 12),
    ("adjustment", -10, 15),
    ("payment", 400, 20),
]


@pytest.fixture
def rows():
    return [movement(kind, amount, day) for kind, amount, day in MOVEMENTS]


def prepare(supplier, rows, **more):
    values = {"period_from": date(2026, 11, 1), "period_to": date(2026, 11, 30)}
    return statement_drafts.prepare_statement(
        kind="supplier", party_id=supplier.pk, movements=rows, actor=US, at=AT, **{**values, **more}
    )


def propose(supplier, rows, **more):
    statement = prepare(supplier, rows, **more)
    return statements.propose_statement(statement_id=statement.pk, actor=US, at=AT)


def sign(statement, side, actor):
    return statements.agree(statement_id=statement.pk, side=side, actor=actor, at=AT)


def line(statement, number=1):
    return StatementLine.objects.get(document=statement, line_no=number)


class TestPreparing:
    def test_opening_and_movements_make_the_closing(self, supplier, rows):
        statement = prepare(supplier, rows, opening=D(200))
        sums = (statement.received_amount, statement.returned_amount, statement.adjusted_amount, statement.paid_amount)
        assert sums == (1500, 50, -10, 400)
        assert statement.closing_amount == 200 + 1500 - 50 - 10 - 400
        assert [str(row.line_date) for row in statement.lines.order_by("line_no")] == sorted(
            f"2026-11-{day:02d}" for _kind, _amount, day in MOVEMENTS
        )

    def test_what_stands_in_a_statement_does_not_come_again(self, supplier, rows):
        first = prepare(supplier, rows)
        with pytest.raises(CannotChangeStatement) as refused:
            prepare(supplier, rows)
        assert first.number in refused.value.message
        statements.void_statement(statement_id=first.pk, actor=US, at=AT)
        assert prepare(supplier, rows).lines.count() == 5

    def test_the_next_one_opens_with_the_closing_and_leaves_out_what_was_agreed(self, supplier, them, rows):
        first = propose(supplier, rows)
        sign(first, "them", them)
        sign(first, "us", US)
        late = movement(amount=70, day=30)
        second = prepare(supplier, [*rows, late])
        assert (second.opening_amount, second.closing_amount) == (1040, 1110)
        assert [row.source_id for row in second.lines.all()] == [late.source_id]

    def test_nothing_to_state(self, supplier):
        with pytest.raises(CannotChangeStatement):
            prepare(supplier, [])
        with pytest.raises(ValidationRefused):
            prepare(supplier, [movement()], period_to=date(2026, 10, 1))


class TestDispute:
    def test_a_disputed_line_holds_the_signatures_until_it_is_answered(self, supplier, them, rows):
        statement = propose(supplier, rows)
        statements.dispute_line(
            statement_id=statement.pk,
            line_id=line(statement, 2).pk,
            reason="40, not 50",
            their_qty=D(40),
            actor=them,
            at=AT,
        )
        statement.refresh_from_db()
        assert statement.state == "disputed"
        for side, actor in (("us", US), ("them", them)):
            with pytest.raises(CannotAgreeStatement) as refused:
                sign(statement, side, actor)
            assert refused.value.problems[0].line == 2
        answering.answer_dispute(
            statement_id=statement.pk,
            line_id=line(statement, 2).pk,
            answer="You are right, 10 less",
            adjustment=D(-100),
            actor=US,
            at=AT,
        )
        statement.refresh_from_db()
        assert (statement.state, statement.adjusted_amount, statement.closing_amount) == ("proposed", -110, 940)
        sign(statement, "them", them)
        assert sign(statement, "us", US).state == "agreed"

    def test_a_line_taken_out_may_come_on_a_later_statement(self, supplier, them, rows):
        statement = propose(supplier, rows)
        disputed = line(statement)
        statements.dispute_line(statement_id=statement.pk, line_id=disputed.pk, reason="not ours", actor=them, at=AT)
        answering.answer_dispute(
            statement_id=statement.pk, line_id=disputed.pk, answer="Next month", take_out=True, actor=US, at=AT
        )
        sign(statement, "them", them)
        sign(statement, "us", US)
        assert [row.source_id for row in prepare(supplier, rows).lines.all()] == [disputed.source_id]

    def test_a_line_taken_out_takes_along_what_answered_it(self, supplier, them, rows):
        """SRM-15: the adjustment of a line that is not on the statement any more would be owed for nothing."""
        statement = propose(supplier, rows)
        about = {"statement_id": statement.pk, "line_id": line(statement, 2).pk, "at": AT}
        statements.dispute_line(reason="too dear", actor=them, **about)
        answering.answer_dispute(answer="10 less", adjustment=D(-10), actor=US, **about)
        statements.dispute_line(reason="never ordered", actor=them, **about)
        with pytest.raises(ValidationRefused):
            answering.answer_dispute(answer="Gone", take_out=True, adjustment=D(5), actor=US, **about)
        answering.answer_dispute(answer="Gone", take_out=True, actor=US, **about)
        statement.refresh_from_db()
        assert (statement.adjusted_amount, statement.closing_amount) == (-10, 540)
        assert statement.lines.count() == 4

    def test_a_dispute_voids_signatures(self, supplier, them, rows):
        statement = propose(supplier, rows)
        sign(statement, "us", US)
        statements.dispute_line(statement_id=statement.pk, line_id=line(statement).pk, reason="?", actor=them, at=AT)
        statement.refresh_from_db()
        assert statement.our_signature == ""

    def test_accepting_ends_the_dispute(self, supplier, them, rows):
        statement = propose(supplier, rows)
        first = line(statement)
        statements.dispute_line(statement_id=statement.pk, line_id=first.pk, reason="?", actor=them, at=AT)
        statements.accept_line(statement_id=statement.pk, line_id=first.pk, actor=them, at=AT)
        statement.refresh_from_db()
        assert statement.state == "proposed"


class TestAgreeing:
    def test_both_sign_each_for_its_side(self, supplier, them, rows):
        statement = propose(supplier, rows)
        with pytest.raises(CannotAgreeStatement):
            sign(statement, "them", US)
        with pytest.raises(CannotAgreeStatement):
            sign(statement, "us", them)
        assert sign(statement, "us", US).state == "proposed"
        agreed = sign(statement, "them", them)
        assert (agreed.state, agreed.approval) == ("agreed", "approved")
        assert agreed.their_signature == "Seller <seller@example.com>"
        stored = Statement.objects.get(pk=statement.pk)
        assert digest_of(stored, list(stored.lines.all())) == stored.digest
        assert set(stored.lines.values_list("verdict", flat=True)) == {"accepted"}

    def test_the_digest_tells_a_change(self, supplier, them, rows):
        statement = propose(supplier, rows)
        sign(statement, "us", US)
        agreed = sign(statement, "them", them)
        lines = list(agreed.lines.all())
        lines[0].amount += D("0.01")
        assert digest_of(agreed, lines) != agreed.digest

    def test_agreed_is_locked_in_the_database(self, supplier, them, rows):
        statement = propose(supplier, rows)
        sign(statement, "us", US)
        sign(statement, "them", them)
        for sql in (
            "UPDATE invoicing_statement_line SET amount = amount + 1",
            "DELETE FROM invoicing_statement_line",
            "UPDATE invoicing_statement SET state = 'open'",
            "UPDATE invoicing_statement SET closing_amount = 0, opening_amount = 0",
            "UPDATE invoicing_statement SET our_signature = 'x'",
            "DELETE FROM invoicing_statement",
        ):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
        with pytest.raises(IntegrityError), transaction.atomic():
            StatementLine.objects.create(
                document=statement,
                line_no=99,
                kind="receipt",
                line_date=AT.date(),
                source_type="x",
                source_id=uuid7(),
                source_number="x",
            )
        with pytest.raises(CannotChangeStatement):
            statements.void_statement(statement_id=statement.pk, actor=US, at=AT)

    def test_the_database_wants_two_signatures_and_the_sum(self, supplier, rows):
        statement = prepare(supplier, rows)
        with pytest.raises(IntegrityError), transaction.atomic():
            Statement.objects.filter(pk=statement.pk).update(state="agreed")
        with pytest.raises(IntegrityError), transaction.atomic():
            Statement.objects.filter(pk=statement.pk).update(closing_amount=1)
        other = Statement.objects.create(
            number="X",
            kind="supplier",
            party=supplier,
            doc_date=AT.date(),
            period_from=AT.date(),
            period_to=AT.date(),
            created_at=AT,
            updated_at=AT,
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            StatementLine.objects.filter(document=statement).update(
                document=other, active=True, source_id=rows[0].source_id, source_line_id=None
            )


class TestScope:
    def test_partners_see_proposed_ones_of_their_own(self, supplier, them, rows):
        statement = prepare(supplier, rows)
        stranger = Actor(kind="supplier", name="x", party_id=make_party(supplier=True).pk)
        assert not selectors.statements_visible_to(them).exists()
        with pytest.raises(NotFoundRefused):
            sign(statement, "them", them)
        statements.propose_statement(statement_id=statement.pk, actor=US, at=AT)
        assert list(selectors.statements_visible_to(them)) == [statement]
        assert not selectors.statements_visible_to(stranger).exists()
        with pytest.raises(NotFoundRefused):
            sign(statement, "them", stranger)
