"""Rubbish in forms: every address that takes a form gets its own form back with one field spoilt, and whole forms of rubbish.

Never a 5xx; what is refused has changed nothing.
"""

import json
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch

from backend.catalog.models import Item
from backend.invoicing.models import FundAccount
from backend.parties.models import Party
from tests.addresses import Address
from tests.badinput.faces import WHO, addresses_of, browser, public_addresses
from tests.badinput.forms import forms_of
from tests.badinput.garbage import GRID, VALUES, rotation, uploads
from tests.badinput.trial import Trial
from tests.objects import objects_for
from tests.papers.laying import Papers

# One spoilt field of each form; with TROIKA_SOAK=1 every value in every field of documents in every state, which takes long.
SPOILT = 400 if os.environ.get("TROIKA_SOAK") else 1
STATES = 3 if SPOILT > 1 else 1
APPLICATION = "supplier:apply"  # the form of firms that are nobody's supplier yet
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unblocked")]


@pytest.mark.parametrize("who", WHO[:3])
def test_rubbish_in_forms(who: str, papers: Papers) -> None:
    trial = Trial(browser(who, papers))
    known, dice = _forms_on_pages(trial, who), random.Random(f"rubbish {who}")
    for address in addresses_of(who):
        for values in objects_for(address)[:STATES]:
            path = address.path(**values)
            _spoil(trial, path, known.get(path, {}), papers, dice)
    assert not trial.wrong, trial.report()
    assert trial.tried > 50


def test_rubbish_from_strangers(papers: Papers) -> None:
    """Sign-in, invitations, passwords; everything else sends to the sign-in."""
    trial, dice = Trial(browser("stranger", papers)), random.Random("stranger")
    for address in addresses_of("stranger"):
        path = _any_path(address)
        if "accounts:" in address.name or address.name.startswith("ui:") or address.name == APPLICATION:
            _spoil(trial, path, {}, papers, dice)
        else:
            answer = trial.send("post", path, {"version": "\x00"})
            open_page = address.name == "api:docs"  # tells how to sign in, whatever it is asked
            assert open_page or answer.status_code in {302, 401, 403, 404, 405, 415}, path
    assert not trial.wrong, trial.report()


def test_rubbish_in_public_forms(papers: Papers) -> None:
    trial, dice = Trial(Client(SERVER_NAME="localhost")), random.Random("public")
    for address in public_addresses():
        _spoil(trial, _any_path(address), {}, papers, dice)
        for body in (b"", b"{", b"\xff\xfe", b"[]", b"null", json.dumps({"id": "\x00", "type": []}).encode()):
            trial.send("post", _any_path(address), body, content_type="application/json")
    assert not trial.wrong, trial.report()


def _any_path(address: Address) -> str:
    """The path with something in it that its parameters take and that does not exist."""
    fixed = {"key": "MQ", "token": "abc-def", "face": "staff", "number": "X-1", "doc_type": "sales.order", "code": "1"}
    uuid = "00000000-0000-0000-0000-000000000000"
    values = {name: fixed.get(name, 1 if kind == "int" else uuid) for name, kind in address.parameters}
    try:
        return address.path(**values)
    except NoReverseMatch:  # an address of the API may want a number where others want an id
        return address.path(**{name: 1 if value == uuid else value for name, value in values.items()})


def _forms_on_pages(trial: Trial, who: str) -> dict[str, dict[str, str]]:
    """What the pages of a face would send, by the address they send it to."""
    found: dict[str, dict[str, str]] = {}
    for address in addresses_of(who):
        for values in objects_for(address)[:STATES]:
            path = address.path(**values)
            answer = trial.send("get", path)
            if answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", ""):
                for form in forms_of(path, answer.content.decode()):
                    known = found.setdefault(form.action, form.values)
                    if len(form.values) > len(known):
                        found[form.action] = form.values
    return found


def _spoil(trial: Trial, path: str, form: dict[str, str], papers: Papers, dice: random.Random) -> None:
    answer, reading = trial.learn("post", path, _whole(form, papers))
    if answer.status_code == 405:
        return
    whole = _whole({**dict.fromkeys(reading.query, ""), **form}, papers)
    if deeper := set(whole) - set(form):
        _answer, further = trial.learn("post", path, whole)
        deeper = further.query - set(whole)
        reading.files |= further.files
    whole = _whole({**dict.fromkeys(deeper, ""), **whole}, papers)
    names = sorted(whole)
    for values in rotation(names, min(SPOILT, 9), start=dice.randrange(99)):
        trial.send("post", path, values)
    if any(name.startswith("lines") for name in names):
        trial.send("post", path, whole | GRID)
    for name, value in _pairs(names, dice):
        trial.send("post", path, whole | {name: value})
    for name in sorted(reading.files):
        for upload in dice.sample(list(uploads()), 7 if SPOILT > 1 else 2):
            trial.send("post", path, whole | {name: upload})


def _whole(form: dict[str, str], papers: Papers) -> dict[str, Any]:
    """The form with something likely in every field."""
    return {name: form[name] or _likely(name, papers) for name in form if name != "csrfmiddlewaretoken"}


def _pairs(names: list[str], dice: random.Random) -> Iterator[tuple[str, str]]:
    every = [(name, value) for name in names for value in VALUES]
    return iter(every if len(every) <= SPOILT else dice.sample(every, SPOILT))


def _likely(name: str, papers: Papers) -> Any:
    """A value that a person might have typed there, so that the spoilt field is reached."""
    last = name.split("-")[-1]
    rows: dict[str, Any] = {
        "item": Item,
        "item_id": Item,
        "customer": Party,
        "supplier": Party,
        "party": Party,
        "fund_account_id": FundAccount,
        "fund": FundAccount,
    }
    if last in rows:
        kind = {"customer": "is_customer", "supplier": "is_supplier"}.get(last)
        found = rows[last].objects.filter(**({kind: True} if kind else {})).first()
        return str(found.pk)
    if "date" in last or last in {"day", "from", "to", "period_from", "period_to", "valid_until"}:
        return papers.world.today.isoformat()
    if last == "touched":
        return "price,tax_rate"
    if any(word in last for word in ("qty", "price", "amount", "pct", "days", "rate", "packages", "percent")):
        return "2"
    return "x"
