"""The words and icons that pages use exist: chips for every state, icons for every name, translations for every text."""

import re
from pathlib import Path

import pytest

from portals.ui import chips, icons, navigation
from portals.ui.chips import VOCABULARY, chip

ROOT = Path(__file__).resolve().parents[3]
LOOKS = {"", "part", "ok", "need", "bad", "ghost", "acc"}


def _choices() -> list[tuple[str, type]]:
    from backend.invoicing.models.invoices import MatchState
    from backend.invoicing.models.statement import StatementState
    from backend.kernel.document import Approval, Closing, Progress
    from backend.logistics.models.shipment import MilestoneKind
    from backend.purchasing.models.asn import AsnState
    from backend.purchasing.models.order import LineState, Sending
    from backend.sales.models.order import CreditState
    from backend.sales.models.quote import QuoteState
    from backend.service.models.ticket import TicketState

    progress = [(axis, Progress) for axis in ("delivery", "receipt", "invoice", "settlement", "order")]
    return [
        ("approval", Approval),
        ("closing", Closing),
        ("credit", CreditState),
        ("quote", QuoteState),
        ("sending", Sending),
        ("confirmation", LineState),
        ("asn", AsnState),
        ("shipment", MilestoneKind),
        ("statement", StatementState),
        ("matching", MatchState),
        ("ticket", TicketState),
        *progress,
    ]


def test_every_state_has_a_look_and_words() -> None:
    for axis, states in _choices():
        for state in states:  # type: ignore[attr-defined]
            made = chip(axis, state)
            assert made.look in LOOKS
            assert str(made.label) != str(state.value), f"{axis}: {state.value} has no words"


def test_chip_words_are_short() -> None:
    from django.utils import translation

    with translation.override("zh-hans"):
        for axis, states in VOCABULARY.items():
            for state, (_look, label) in states.items():
                assert len(str(label)) <= 8, f"{axis}.{state}: {label}"


def test_a_chip_tells_its_share_and_a_note() -> None:
    assert str(chip("delivery", "partial", percent=60).label).endswith("60%")
    assert str(chip("delivery", "none", note="80 reserved").label).endswith("80 reserved")
    assert chip("nothing", "unheard_of").label == "unheard_of"
    assert chip("approval", None).look == ""


_IN_TEMPLATES = re.compile(r'{% icon "([\w-]+)"')
_IN_PYTHON = re.compile(r'icon="([\w-]+)"')


def test_every_icon_that_is_named_exists() -> None:
    known = set(icons.names())
    missing = {}
    for path in (ROOT / "portals").rglob("*"):
        if "node_modules" in path.parts or path.suffix not in {".html", ".py"}:
            continue
        pattern = _IN_TEMPLATES if path.suffix == ".html" else _IN_PYTHON
        unknown = set(pattern.findall(path.read_text())) - known
        if unknown:
            missing[str(path.relative_to(ROOT))] = unknown
    assert missing == {}


def test_navigation_icons_and_permissions_exist() -> None:
    from backend.access.permissions import catalogue

    codes = set(catalogue())
    for area in navigation.AREAS:
        assert area.icon in icons.names()
        for entry in area.entries:
            assert not entry.permission or entry.permission in codes, entry.permission
    for entry in navigation.QUICK_CREATE:
        assert not entry.permission or entry.permission in codes, entry.permission


@pytest.mark.parametrize("folder", ["portals/ui/templates"])
def test_templates_obey_the_content_security_policy(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.html"):
        text = path.read_text()
        assert " style=" not in text, path
        assert not re.search(r"\son[a-z]+=", text), path
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), path


def test_looks_of_the_vocabulary() -> None:
    for states in chips.VOCABULARY.values():
        assert {look for look, _label in states.values()} <= LOOKS
