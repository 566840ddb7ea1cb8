"""Rows written in sets come back as they were, whatever their text."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backend.access.models import Role
from backend.kernel.bulk import Batch, RowGivenTwice, insert_rows, update_rows
from backend.kernel.ids import uuid7
from backend.kernel.models import AuditEntry, DocumentLink
from backend.workflow.models import Setting

WORDS = [
    "",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "{a,b}",
    " blank ",
    "line\nbreak",
    "纸箱，50个",
    "'; DROP TABLE x; --",
    "%s",
]


def _entry(word: str) -> AuditEntry:
    return AuditEntry(
        subject_type="test",
        subject_id=uuid7(),
        subject_label=word,
        verb="save",
        changes={"name": [word, None], "n": [1, 1.5]},
        reason=word,
        actor_kind="staff",
        at=datetime(2026, 11, 22, 1, 2, 3, 456, tzinfo=UTC),
    )


@pytest.mark.usefixtures("tenant")
def test_text_json_and_time_come_back_as_they_were():
    made = [_entry(word) for word in WORDS]
    batch = Batch()
    batch.insert(made)
    batch.write()
    found = {row.subject_id: row for row in AuditEntry.objects.filter(subject_type="test")}
    for row in made:
        back = found[row.subject_id]
        assert (back.subject_label, back.reason) == (row.subject_label, row.reason)
        assert back.changes == row.changes
        assert (back.at, back.actor_id) == (row.at, None)


@pytest.mark.usefixtures("tenant")
def test_numbers_and_nothing_come_back_as_they_were():
    made = [
        DocumentLink(source_type="a", source_id=uuid7(), target_type="b", target_id=uuid7(), qty=qty)
        for qty in (None, Decimal("0.0001"), Decimal("-12345678901234.5678"), Decimal("1E+2"))
    ]
    batch = Batch()
    batch.insert(made)
    batch.write()
    found = {row.source_id: row for row in DocumentLink.objects.filter(source_type="a")}
    assert [found[row.source_id].qty for row in made] == [row.qty for row in made]
    assert {found[row.source_id].source_line_id for row in made} == {None}
    rows = list(found.values())
    for place, row in enumerate(rows):
        row.target_type, row.qty = WORDS[place + 2], Decimal(place)
    assert update_rows(rows, ["target_type", "qty"]) == len(rows)
    again = {row.source_id: (row.target_type, row.qty) for row in DocumentLink.objects.filter(source_type="a")}
    assert again == {row.source_id: (row.target_type, row.qty) for row in rows}


@pytest.mark.usefixtures("tenant")
def test_lists_and_keys_of_the_database_come_back_and_known_rows_are_written_again():
    roles = [Role(code=f"r{place}", name="Many", kind="staff", permissions=WORDS[:place]) for place in (0, 1, 5, 12)]
    batch = Batch()
    batch.insert(roles)
    batch.write()
    assert {row.pk: row.permissions for row in Role.objects.filter(name="Many")} == {
        row.pk: row.permissions for row in roles
    }
    entries = [_entry(word) for word in WORDS]
    insert_rows(entries)
    stored = AuditEntry.objects.in_bulk([row.pk for row in entries])
    assert [stored[row.pk].reason for row in entries] == WORDS
    at = datetime(2026, 11, 22, tzinfo=UTC)
    for value in (1, [2]):
        batch.upsert([Setting(key="test", value=value, updated_at=at)], unique=("key",), fields=("value",))
        batch.write()
    assert Setting.objects.get(key="test").value == [2]


@pytest.mark.usefixtures("tenant")
def test_a_row_that_is_given_twice_to_one_statement_is_named_and_nothing_is_lost():
    roles = [Role(code=code, name="Twice", kind="staff") for code in ("one", "two")]
    Role.objects.bulk_create(roles)
    same = Role.objects.get(code="one")
    same.name = "Other"
    with pytest.raises(RowGivenTwice, match=f"access.Role {same.pk}"):
        update_rows([*roles, same], ["name"])
    batch = Batch()
    batch.update(roles, ["name"])
    for again in ([same], roles):
        with pytest.raises(RowGivenTwice):
            batch.update(again, ["permissions"])
    batch.write()
    roles[0].name = "Once"
    batch.update([roles[0], roles[1], roles[0]], ["name"])  # one object is one row; the batch was written in between
    batch.write()
    assert sorted(Role.objects.filter(code__in=("one", "two")).values_list("name", flat=True)) == ["Once", "Twice"]
    made = Role(code="three", name="New", kind="staff")
    batch.insert([made])
    with pytest.raises(RowGivenTwice):
        batch.update([made], ["name"])
