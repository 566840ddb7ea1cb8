"""Odd addresses: rubbish in every name that a page reads from its query, on every face. Never a 5xx, never a change."""

import os

import pytest
from django.test import Client

from tests.addresses import Address
from tests.badinput.faces import WHO, addresses_of, browser, public_addresses
from tests.badinput.garbage import KEYS, LONG, rotation
from tests.badinput.trial import Trial
from tests.objects import objects_for
from tests.papers.laying import Papers

# With TROIKA_SOAK=1 every name gets every value, on every object and with every odd path; that takes long.
ROUNDS = 50 if os.environ.get("TROIKA_SOAK") else 1
# A Chinese sign takes nine in an address: these make 13 kB, and most of the time of a request goes into reading them.
COMMON = {"next": "//evil.example/\x00", "q": LONG[:1500], "page": "9" * 5000}
ODD_HEADERS = {"HX-Request": "true", "HX-Current-URL": "http://[", "Referer": "http://["}
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unblocked")]


@pytest.mark.parametrize("who", WHO)
def test_odd_queries(who: str, papers: Papers) -> None:
    trial = Trial(browser(who, papers))
    for number, address in enumerate(addresses_of(who)):
        for values in objects_for(address)[:ROUNDS]:
            if who == "stranger":
                trial.send("get", address.path(**values), COMMON, headers=ODD_HEADERS)
            else:
                _try(trial, address.path(**values), number)
    assert not trial.wrong, trial.report()
    assert who == "stranger" or trial.statuses.get(200, 0) > 20


@pytest.mark.parametrize("who", WHO[:3])
def test_odd_paths(who: str, papers: Papers) -> None:
    """Numbers and ids that are none, in the address itself."""
    trial = Trial(browser(who, papers))
    for number, address in enumerate(addresses_of(who)):
        paths = _odd_paths(address)
        for path in paths[number % 5 :][:1] if ROUNDS == 1 else paths:
            trial.send("get", path)
    assert not trial.wrong, trial.report()


def test_odd_queries_of_the_public_pages(papers: Papers) -> None:
    trial = Trial(Client(SERVER_NAME="localhost"))
    for number, address in enumerate(public_addresses()):
        if not address.parameters:
            _try(trial, address.path(), number)
        for path in _odd_paths(address):
            trial.send("get", path)
    assert not trial.wrong, trial.report()


def _try(trial: Trial, path: str, start: int) -> None:
    answer, reading = trial.learn("get", path, COMMON, headers=ODD_HEADERS)
    if answer.status_code == 405:
        return
    names = sorted(reading.query | set(COMMON))
    for values in rotation(names, ROUNDS, start=start):
        trial.send("get", path, values)


def _odd_paths(address: Address) -> list[str]:
    """The path with each odd text that its parameters take."""
    kinds = dict(address.parameters)
    found = []
    for odd in ("%00", "%ED%A0%80", "9" * 300, "..", "' OR 1=1 --"):
        values = {name: {"uuid": KEYS[1], "int": "9" * 30}.get(kind, "MARK") for name, kind in kinds.items()}
        path = address.route
        for name, value in values.items():
            path = path.replace(f"<{name}>", value)
        if address.parameters:
            found.append("/" + path.replace("MARK", odd))
    return found
