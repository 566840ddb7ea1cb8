"""Extraction, update, check and compilation of the translation catalogues."""

import gettext
from pathlib import Path

import polib
import pytest

from infra import i18n

TEMPLATE = """{% load i18n %}<c-card title="{% translate "Sales orders" %}">
{% blocktranslate trimmed with name=customer.name %}
  Dear {{ name }},
  (see below) 100% of it
{% endblocktranslate %}
{% blocktranslate count n=n %}{{ n }} line{% plural %}{{ n }} lines{% endblocktranslate %}
{{ _("Cancel (order)") }} {% translate "Close" context "period" %}</c-card>
"""
PYTHON = """
from django.utils import translation
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
a = _("Order is " "approved")
b = ngettext("%(n)d day", "%(n)d days", 3) % {"n": 3}
c = pgettext("period", "Close") + translation.gettext("Sales orders")
d = _(a)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    templates = tmp_path / "portals/staff/templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text(TEMPLATE)
    (tmp_path / "portals/staff/views.py").write_text(PYTHON)
    (tmp_path / "portals/staff/migrations").mkdir()
    (tmp_path / "portals/staff/migrations/0001.py").write_text('from x import _\n_("not this")')
    return tmp_path


def entries(root: Path) -> dict[tuple[str | None, str], polib.POEntry]:
    return {i18n.key_of(entry): entry for entry in i18n.open_catalogue("portals/staff", "zh_Hans", root)}


def translate_all(root: Path) -> None:
    catalogue = i18n.open_catalogue("portals/staff", "zh_Hans", root)
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: f"译{entry.msgid_plural}"}
        else:
            entry.msgstr = f"译{entry.msgid}"
    i18n._write(catalogue, i18n.catalogue_path("portals/staff", "zh_Hans", root))


def test_texts_of_templates_and_code_are_found(root: Path) -> None:
    found = i18n.extract("portals/staff", root)
    assert set(found) == {
        (None, "Sales orders"),
        (None, "Dear %(name)s, (see below) 100%% of it"),
        (None, "%(n)s line"),
        (None, "Cancel (order)"),
        ("period", "Close"),
        (None, "Order is approved"),
        (None, "%(n)d day"),
    }
    assert found[(None, "%(n)s line")].plural == "%(n)s lines"
    assert found[(None, "Sales orders")].files == ["portals/staff/templates/page.html", "portals/staff/views.py"]


def test_an_f_string_is_refused(root: Path) -> None:
    (root / "portals/staff/bad.py").write_text('from django.utils.translation import gettext as _\n_(f"Hi {x}")')
    with pytest.raises(SystemExit, match=r"portals/staff/bad\.py: line 2: an f-string cannot be translated"):
        i18n.extract("portals/staff", root)


def test_update_keeps_translations_and_the_check_lists_what_is_missing(root: Path) -> None:
    i18n.update("portals/staff", "zh_Hans", root)
    assert len(i18n.faults("portals/staff", "zh_Hans", root)) == 7
    translate_all(root)
    assert i18n.faults("portals/staff", "zh_Hans", root) == []
    (root / "portals/staff/more.py").write_text('from django.utils.translation import gettext as _\n_("New")')
    i18n.update("portals/staff", "zh_Hans", root)
    assert i18n.faults("portals/staff", "zh_Hans", root) == ["missing: 'New' (portals/staff/more.py)"]
    assert entries(root)[(None, "Sales orders")].msgstr == "译Sales orders"


def test_a_text_that_left_the_code_becomes_obsolete_and_comes_back(root: Path) -> None:
    i18n.update("portals/staff", "zh_Hans", root)
    translate_all(root)
    (root / "portals/staff/views.py").write_text("")
    i18n.update("portals/staff", "zh_Hans", root)
    assert "obsolete: 'Order is approved'" in i18n.faults("portals/staff", "zh_Hans", root)
    (root / "portals/staff/views.py").write_text(PYTHON)
    i18n.update("portals/staff", "zh_Hans", root)
    assert entries(root)[(None, "Order is approved")].msgstr == "译Order is approved"
    assert not entries(root)[(None, "Order is approved")].obsolete
    (root / "portals/staff/views.py").write_text("")
    i18n.update("portals/staff", "zh_Hans", root, prune=True)
    assert (None, "Order is approved") not in entries(root)


def test_fuzzy_and_wrong_placeholders_are_faults(root: Path) -> None:
    i18n.update("portals/staff", "zh_Hans", root)
    translate_all(root)
    catalogue = i18n.open_catalogue("portals/staff", "zh_Hans", root)
    catalogue.find("Sales orders").flags.append("fuzzy")
    catalogue.find("Dear %(name)s, (see below) 100%% of it").msgstr = "尊敬的 %(nmae)s"
    i18n._write(catalogue, i18n.catalogue_path("portals/staff", "zh_Hans", root))
    faults = i18n.faults("portals/staff", "zh_Hans", root)
    assert "fuzzy: 'Sales orders'" in faults
    assert any(fault.startswith("placeholders differ: 'Dear %(name)s") for fault in faults)
    assert len(faults) == 2


def test_a_text_that_another_area_translates_already_is_taken_from_there(root: Path) -> None:
    i18n.update("portals/staff", "zh_Hans", root)
    translate_all(root)
    (root / "backend").mkdir()
    (root / "backend/x.py").write_text('from django.utils.translation import gettext as _\n_("Sales orders")')
    i18n.update("backend", "zh_Hans", root)
    assert i18n.open_catalogue("backend", "zh_Hans", root).find("Sales orders").msgstr == "译Sales orders"


def test_compiled_catalogues_are_what_gettext_reads(root: Path) -> None:
    i18n.update("portals/staff", "zh_Hans", root)
    translate_all(root)
    assert i18n.compile_all(root) == 1
    assert i18n.compile_all(root) == 0
    path = i18n.catalogue_path("portals/staff", "zh_Hans", root).with_suffix(".mo")
    with path.open("rb") as handle:
        read = gettext.GNUTranslations(handle)
    assert read.gettext("Sales orders") == "译Sales orders"
    assert read.pgettext("period", "Close") == "译Close"
    assert read.ngettext("%(n)d day", "%(n)d days", 1) == "译%(n)d days"


def test_what_the_template_engine_looks_up_is_what_was_extracted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django doubles percent signs of templates before it looks a text up."""
    from django.template import Context, Engine
    from django.utils import translation

    looked_up: list[str] = []
    monkeypatch.setitem(translation._trans.__dict__, "gettext", lambda text: looked_up.append(text) or text)
    source = TEMPLATE.partition("{% blocktranslate count")[0].replace("customer.name", "'x'")
    Engine(libraries={"i18n": "django.templatetags.i18n"}).from_string(source).render(Context())
    assert "Dear %(name)s, (see below) 100%% of it" in looked_up
    assert set(looked_up) <= {msgid for _, msgid in i18n.extract("portals/staff", root)}
