"""Seeds, pinyin, the immutable trail."""

import pytest
from django.db import DatabaseError, transaction

from backend.kernel import audit, tenancy
from backend.kernel.actor import Actor
from backend.kernel.document import DOC_TYPES
from backend.kernel.models import AuditEntry, NumberingRule
from backend.kernel.numbering import next_numbers
from backend.kernel.pinyin import mnemonic_of, sort_key_of
from tests.factories.parties import AT, make_customer


def test_mnemonics_and_sort_keys():
    assert mnemonic_of("打印纸 A4") == "DYZA4"
    assert sort_key_of("打印纸 A4") == "da yin zhi a4"
    assert sorted(["纸", "笔", "Alpha"], key=sort_key_of) == ["Alpha", "笔", "纸"]


@pytest.mark.usefixtures("tenant")
def test_chinese_books_have_pinyin_prefixes():
    day = AT.date()
    assert next_numbers("sales.order", day, 2) == [f"XSDD-{day:%Y%m%d}-00001", f"XSDD-{day:%Y%m%d}-00002"]
    assert next_numbers("sales.order", day, 1) == [f"XSDD-{day:%Y%m%d}-00003"]


def test_english_books_have_initials(beta):
    with tenancy.run_in(beta):
        assert next_numbers("sales.order", AT.date(), 1) == [f"SO-{AT:%Y%m%d}-00001"]
        assert next_numbers("parties.customer", AT.date(), 1) == ["C00001"]


@pytest.mark.usefixtures("tenant")
def test_every_document_type_has_a_rule():
    ruled = set(NumberingRule.objects.values_list("doc_type", flat=True))
    assert set(DOC_TYPES) - {"accounting.voucher"} <= ruled


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_trail_is_never_changed(change):
    made = audit.record(make_customer(), "look", actor=Actor.system(), at=AT)
    row = AuditEntry.objects.filter(pk=made.pk)
    act = {"update": lambda: row.update(verb="other"), "delete": row.delete}[change]
    with transaction.atomic():
        with pytest.raises(DatabaseError):
            act()
        transaction.set_rollback(True)
