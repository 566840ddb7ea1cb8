"""Posting and reversing vouchers.

Invariants: a voucher is balanced, has two lines or more and lies in an open month; its number has no
gap; it is never changed, only reversed by a red one (negative amounts on the same sides). Vouchers of one
company wait for each other at one lock, taken last of all locks, so posting cannot deadlock.
At most five statements, whatever the number of lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from backend.accounting.events import VoucherPosted
from backend.accounting.models import Account, Period, Voucher, VoucherLine
from backend.accounting.services.periods import ensure_period
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import AMONG, Batch, uuid_array
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.language import books_language, reads_chinese
from backend.kernel.money import ZERO, in_cents, total
from backend.kernel.tenancy import lock_key

WORDS = ("记", "JV")
LOCK = "accounting.voucher"


class CannotPostVoucher(Conflict):
    """The voucher would break a rule of the books."""

    code = "cannot_post_voucher"


class CannotReverseVoucher(Conflict):
    """The voucher is reversed already, or belongs to a document that must be taken back instead."""

    code = "cannot_reverse_voucher"


@dataclass(frozen=True)
class SourceRef:
    """The business document a voucher or an open item comes from."""

    doc_type: str
    id: UUID
    number: str

    @classmethod
    def of(cls, document: Any) -> "SourceRef":
        return cls(audit.type_of(document), document.pk, str(document))


@dataclass(frozen=True)
class VoucherLineInput:
    """One line, by the account's role or id. Red lines are negative on their side; lines of nothing are left out."""

    role: str = ""
    account_id: UUID | None = None
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    party_id: UUID | None = None
    item_id: UUID | None = None
    qty: Decimal | None = None
    summary: str = ""


def post_voucher(
    *,
    date: date,
    summary: str,
    lines: Iterable[VoucherLineInput],
    source: SourceRef | None = None,
    rule: str = "",
    actor: Actor,
    at: datetime,
    attachments: int = 0,
) -> Voucher:
    """Post a voucher; raises CannotPostVoucher. Must be called inside a transaction."""
    wanted = [line for line in lines if line.debit or line.credit]
    word = _word()
    taken, accounts = _number_and_accounts(date, word, wanted)
    _refuse_unfit(wanted, accounts, by_hand=source is None)
    period, serial = _open_month(date, taken)
    voucher = Voucher(
        period=period,
        word=word,
        serial=serial,
        voucher_date=date,
        summary=summary[:200],
        rule=rule,
        total=total(line.debit for line in wanted),
        attachments=attachments,
        created_at=at,
        created_by_id=actor.member_id,
        created_by_name=actor.name,
        **_source_fields(source),
    )
    rows = [
        VoucherLine(
            line_no=number,
            account_id=_account_of(line, accounts).pk,
            summary=(line.summary or summary)[:200],
            debit=line.debit,
            credit=line.credit,
            party_id=line.party_id,
            item_id=line.item_id,
            qty=line.qty,
        )
        for number, line in enumerate(wanted, 1)
    ]
    return _write(voucher, rows, actor)


def enter_voucher(
    *, date: date, summary: str, lines: Sequence[VoucherLineInput], attachments: int = 0, actor: Actor, at: datetime
) -> Voucher:
    """Post a voucher keyed by hand; accounts that documents keep are refused."""
    actor.require("accounting.voucher.edit")
    if not summary.strip():
        raise ValidationRefused(_("Write what the voucher is for."), field="summary", value="")
    with transaction.atomic():
        voucher = post_voucher(
            date=date, summary=summary.strip(), lines=lines, actor=actor, at=at, attachments=attachments
        )
        audit.record(voucher, "post", actor=actor, at=at)
    return voucher


def reverse_entered_voucher(*, voucher_id: UUID, reason: str = "", actor: Actor, at: datetime) -> Voucher:
    """Reverse a voucher keyed by hand; one of a document goes away with its document."""
    actor.require("accounting.voucher.unapprove")
    with transaction.atomic():
        voucher = Voucher.objects.filter(pk=voucher_id).first()
        if voucher is None:
            raise NotFoundRefused(_("There is no such voucher."), value=voucher_id)
        if voucher.source_id and not voucher.source_type.startswith("accounting."):
            raise CannotReverseVoucher(
                _("Voucher %(number)s comes from %(source)s.") % {"number": voucher, "source": voucher.source_number},
                document=str(voucher),
                way_out=_("Take back the document; its voucher is reversed with it."),
            )
        reversal = reverse_voucher(voucher_id=voucher_id, actor=actor, at=at)
        audit.record(voucher, "reverse", actor=actor, at=at, reason=reason)
    return reversal


def reverse_voucher(*, voucher_id: UUID, actor: Actor, at: datetime, date: date | None = None) -> Voucher:
    """Post the red mirror of a voucher: the same lines, negative.

    Dated like the original while that month is open, so the two cancel out in it; today otherwise.
    """
    return _reverse(Voucher.objects.filter(pk=voucher_id), actor, at, date)[0]


def reverse_source(
    *, source_id: UUID, actor: Actor, at: datetime, date: date | None = None, but_rules: str = ""
) -> list[Voucher]:
    """Reverse every voucher of a document that stands; a document without vouchers reverses nothing.

    Those by rules that begin with ``but_rules`` stay.
    """
    standing = Voucher.objects.filter(source_id=source_id, reverses=None, reversed_by=None).order_by("id")
    if but_rules:
        standing = standing.exclude(rule__startswith=but_rules)
    return _reverse(standing, actor, at, date, may_be_empty=True)


def _reverse(found: Any, actor: Actor, at: datetime, day: date | None, may_be_empty: bool = False) -> list[Voucher]:
    vouchers = list(found.select_related("period", "reversed_by").prefetch_related("lines"))
    if not vouchers and not may_be_empty:
        raise NotFoundRefused(_("There is no such voucher."))
    return [_reverse_one(voucher, actor, at, day) for voucher in vouchers]


def _reverse_one(voucher: Voucher, actor: Actor, at: datetime, day: date | None) -> Voucher:
    if voucher.reverses_id or hasattr(voucher, "reversed_by"):
        raise CannotReverseVoucher(
            _("Voucher %(number)s is reversed already, or is itself a reversal.") % {"number": voucher},
            document=str(voucher),
        )
    day = day or (voucher.voucher_date if voucher.period.is_open else clock.day_of(at))
    period, serial = _take_number(day, voucher.word)
    with books_language():
        summary = _("Reverse %(number)s: %(summary)s") % {"number": voucher, "summary": voucher.summary}
    red = Voucher(
        period=period,
        word=voucher.word,
        serial=serial,
        voucher_date=day,
        summary=summary[:200],
        source_type=voucher.source_type,
        source_id=voucher.source_id,
        source_number=voucher.source_number,
        rule=voucher.rule,
        total=-voucher.total,
        reverses=voucher,
        created_at=at,
        created_by_id=actor.member_id,
        created_by_name=actor.name,
    )
    rows = [_red(line) for line in sorted(voucher.lines.all(), key=lambda line: line.line_no)]
    return _write(red, rows, actor)


def _red(line: VoucherLine) -> VoucherLine:
    return VoucherLine(
        line_no=line.line_no,
        account_id=line.account_id,
        summary=line.summary,
        debit=-line.debit,
        credit=-line.credit,
        party_id=line.party_id,
        item_id=line.item_id,
        qty=None if line.qty is None else -line.qty,
    )


def _write(voucher: Voucher, rows: list[VoucherLine], actor: Actor) -> Voucher:
    for row in rows:
        row.voucher, row.voucher_date = voucher, voucher.voucher_date
    batch = Batch()
    batch.insert([voucher])
    batch.insert(rows)
    batch.write()
    event = VoucherPosted(
        aggregate_id=voucher.pk, number=voucher.number, source_id=voucher.source_id, rule=voucher.rule
    )
    events.publish(event, actor=actor)
    return voucher


def _source_fields(source: SourceRef | None) -> dict[str, Any]:
    if source is None:
        return {}
    return {"source_type": source.doc_type, "source_id": source.id, "source_number": source.number}


# --- accounts ----------------------------------------------------------------------------------
Accounts = dict[str | UUID | None, Account]


def _account_of(line: VoucherLineInput, accounts: Accounts) -> Account:
    return accounts[line.role or line.account_id]


def _refuse_unfit(lines: Sequence[VoucherLineInput], accounts: Accounts, *, by_hand: bool) -> None:
    problems = [
        problem
        for number, line in enumerate(lines, 1)
        if (problem := _problem_of(number, line, accounts.get(line.role or line.account_id), by_hand))
    ]
    if len(lines) < 2:
        problems.append(CannotPostVoucher(_("A voucher has two lines or more."), field="lines", value=len(lines)))
    debit, credit = total(line.debit for line in lines), total(line.credit for line in lines)
    if debit != credit:
        problems.append(
            CannotPostVoucher(
                _("Debit %(debit)s and credit %(credit)s differ by %(gap)s.")
                % {"debit": debit, "credit": credit, "gap": debit - credit},
                code="voucher_not_balanced",
                field="lines",
                value=debit - credit,
            )
        )
    if problems:
        raise CannotPostVoucher.many(problems)


def _problem_of(
    number: int, line: VoucherLineInput, account: Account | None, by_hand: bool
) -> CannotPostVoucher | None:
    name = line.role or line.account_id
    words, way_out = "", ""
    if account is None:
        words = _("Line %(line)s: no account plays the role “%(role)s”.") % {"line": number, "role": name}
        way_out = _("Give the role to an account under Settings, Chart of accounts.")
    elif not account.is_leaf:
        words = _("Line %(line)s: %(account)s has sub-accounts.") % {"line": number, "account": account}
        way_out = _("Choose one of its sub-accounts.")
    elif not account.active:
        words = _("Line %(line)s: %(account)s is not in use.") % {"line": number, "account": account}
    elif account.by_party and line.party_id is None:
        words = _("Line %(line)s: %(account)s is kept by party.") % {"line": number, "account": account}
        way_out = _("Choose the customer or supplier.")
    elif by_hand and account.control:
        words = _("Line %(line)s: %(account)s is kept by documents alone.") % {"line": number, "account": account}
        way_out = _("Make the document (invoice, receipt, payment, stock) instead; it posts by itself.")
    elif line.debit and line.credit:
        words = _("Line %(line)s has a debit and a credit.") % {"line": number}
    elif not (in_cents(line.debit) and in_cents(line.credit)):
        words = _("Line %(line)s has more than two decimals.") % {"line": number}
    if not words:
        return None
    return CannotPostVoucher(words, line=number, field="account", value=name, way_out=way_out or None)


# --- numbers -----------------------------------------------------------------------------------
def _word() -> str:
    """The voucher word: Chinese books have one word for all vouchers, English ones a journal."""
    with books_language():
        return WORDS[0] if reads_chinese() else WORDS[1]


Taken = Sequence[Any]
_ACCOUNT = [field.attname for field in Account._meta.concrete_fields]
_COLUMNS = ", ".join(f"a.{field.column}" for field in Account._meta.concrete_fields)
_TAKE = "SELECT * FROM accounting_take_number(%s, %s, %s)"
_TAKE_WITH_ACCOUNTS = f"""
SELECT t.id, t.code, t.start_date, t.end_date, t.state, t.serial, playing.*
FROM accounting_take_number(%s, %s, %s) t LEFT JOIN LATERAL (
    SELECT r.role, {_COLUMNS} FROM accounting_account_role r JOIN accounting_account a ON a.id = r.account_id
    WHERE r.role = ANY((SELECT %s::text[])::text[])
    UNION ALL SELECT NULL, {_COLUMNS} FROM accounting_account a WHERE a.id {AMONG}
) playing ON true
"""


def _number_and_accounts(day: date, word: str, lines: Sequence[VoucherLineInput]) -> tuple[Taken, Accounts]:
    """The month of a day with the next number in it, and the lines' accounts by role and by id, in one statement."""
    roles, ids = {line.role for line in lines if line.role}, {line.account_id for line in lines if line.account_id}
    rows = _take(_TAKE_WITH_ACCOUNTS, day, word, [list(roles), uuid_array(ids)])
    accounts: Accounts = {}
    for role, *columns in (row[6:] for row in rows):
        if columns[0] is not None:
            account = Account.from_db(connection.alias, _ACCOUNT, columns)
            accounts[role or account.pk] = account
    return rows[0], accounts


def _take_number(day: date, word: str) -> tuple[Period, int]:
    """The month of a day and the next number in it."""
    return _open_month(day, _take(_TAKE, day, word)[0])


def _take(sql: str, day: date, word: str, also: Sequence[Any] = ()) -> Sequence[Taken]:
    """What a statement that takes the number returns, under the company's voucher lock; the month is made when missing."""
    if not connection.in_atomic_block:
        raise RuntimeError("A voucher is posted inside a transaction.")
    values = [day, f"accounting.voucher:{word}", lock_key(LOCK), *also]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
        if not rows:
            ensure_period(day)
            cursor.execute(sql, values)
            rows = cursor.fetchall()
    return rows


def _open_month(day: date, taken: Taken) -> tuple[Period, int]:
    """The month and the number; raises CannotPostVoucher when the month is closed."""
    period, serial = (
        Period(id=taken[0], code=taken[1], start_date=taken[2], end_date=taken[3], state=taken[4]),
        taken[5],
    )
    if serial is None:
        raise CannotPostVoucher(
            _("Period %(period)s is closed.") % {"period": period.code},
            code="period_closed",
            field="date",
            value=day,
            way_out=_("Date the document in an open period, or have the period reopened."),
        )
    return period, int(serial)
