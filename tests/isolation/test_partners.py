"""Partners of one company: none reads or touches what is another's, whatever address he tries; no cost reaches a customer.

Two customers and two suppliers have the same kinds of papers. Every address of their portal is found by asking the URLconf.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import resolve

from backend.access.models import Member
from backend.kernel.models import Attachment
from backend.kernel.tenancy import run_in
from tenants.models import Tenant
from tests.addresses import COMPANY, Address, all_addresses
from tests.api.caller import Caller
from tests.badinput.trial import digest, tables
from tests.objects import KEYED, model_of
from tests.papers.laying import Papers
from tests.papers.partners import Partner
from tests.people import client_of, make_member

pytestmark = [pytest.mark.isolation, pytest.mark.slow]
AWAY = {"signout", "end_session", "sessions", "switch", "companies"}
COSTS = ("77.31", "1,005.03", "850.41")  # what a unit cost, and three shipped quantities of it
PEOPLE = (("supplier", 0), ("supplier", 1), ("customer", 0), ("customer", 1))


def _partners(papers: Papers, face: str) -> list[Partner]:
    return papers.suppliers if face == "supplier" else papers.customers


def _browser(partner: Partner) -> Client:
    client = client_of(Member.objects.get(pk=partner.person.member_id))
    client.raise_request_exception = False
    return client


def _addresses(face: str) -> list[Address]:
    return [one for one in all_addresses() if one.face == face and one.name.split(":")[-1] not in AWAY]


def _paths(address: Address, papers: list[Any]) -> Iterator[str]:
    """The address with each of these papers that fits it; one with a line gets a line of the paper."""
    first = min(address.names, key=lambda name: address.route.index(f"<{name}>"))
    model = model_of(address, first)
    for paper in papers:
        if isinstance(paper, model or ()):
            values = {first: paper.pk if first == "pk" else paper.number}
            for name in address.names:
                if name != first:
                    line = paper.lines.first()
                    values[name] = line.pk if line else UUID(int=0)
            yield address.path(**values)


def _text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace")


@pytest.mark.parametrize(("face", "place"), PEOPLE)
def test_papers_of_another_partner_are_not_there(alpha: Papers, face: str, place: int) -> None:
    """GET and POST of his numbers, ids, lines and files: not found; nothing changes."""
    mine, other = _partners(alpha, face)[place], _partners(alpha, face)[1 - place]
    client, tried, open_ones = _browser(mine), 0, []
    before = digest(tables())
    for address in (one for one in _addresses(face) if one.parameters):
        for path in _paths(address, other.papers):
            for method in ("get", "post"):
                with transaction.atomic():
                    answer = getattr(client, method)(path)
                    transaction.set_rollback(True)
                tried += 1
                if answer.status_code not in {403, 404, 405}:
                    open_ones.append((method, path, answer.status_code))
    assert open_ones == []
    assert tried > 20
    assert digest(tables()) == before


@pytest.mark.parametrize(("face", "place"), PEOPLE)
def test_pages_tell_nothing_of_others(alpha: Papers, both: dict[str, Papers], face: str, place: int) -> None:
    """Every page a partner can open, scanned for names, ids, numbers and words of everybody else, and for costs."""
    mine = _partners(alpha, face)[place]
    everybody = [*alpha.customers, *alpha.suppliers, *both["beta"].customers, *both["beta"].suppliers]
    secrets = set.union(*(other.secrets for other in everybody if other is not mine)) - mine.secrets
    numbers = set.union(*(other.numbers for other in [*alpha.customers, *alpha.suppliers] if other is not mine))
    secrets |= numbers - mine.numbers
    secrets |= {"internal word", "internal.png", "Wombat"} | (set(COSTS) if face == "customer" else set())
    client, opened, leaks, own = _browser(mine), 0, [], set()
    for address in _addresses(face):
        paths = _paths(address, mine.papers) if address.parameters and _has_model(address) else _bare(address)
        for path in paths:
            for query in ("", "?show=all", "?q=Quokka"):
                answer = client.get(path + query)
                if answer.status_code == 200:
                    opened += 1
                    text = _text(answer)
                    leaks += [(path + query, secret) for secret in secrets if secret in text]
                    own |= {number for number in mine.numbers if number in text}
                assert answer.status_code < 500, path
    assert leaks == []
    assert opened > 25
    assert len(own) > 4  # the scan does see numbers where there are some


def _has_model(address: Address) -> bool:
    return any(model_of(address, name) for name in address.names)


def _bare(address: Address) -> list[str]:
    return [] if address.parameters else [address.path()]


def test_staff_pages_tell_nothing_of_the_other_company(alpha: Papers, both: dict[str, Papers]) -> None:
    """Same codes, same numbers of documents: each company sees its own."""
    client, opened, leaks = client_of(Member.objects.get(pk=alpha.owner.member_id)), 0, []
    with run_in(Tenant.objects.get(slug="beta")):
        foreign = {str(paper.pk) for one in [*both["beta"].customers, *both["beta"].suppliers] for paper in one.papers}
    for address in all_addresses():
        if address.parameters or address.face != "staff" or address.name.split(":")[-1] in AWAY:
            continue
        answer = client.get(address.path())
        if answer.status_code == 200:
            opened += 1
            text = _text(answer)
            leaks += [(address.route, secret) for secret in {"Wombat", *foreign} if secret in text]
    assert leaks == []
    assert opened > 30


def test_no_cost_reaches_staff_who_may_not_see_it(alpha: Papers) -> None:
    """Every list, report and its export as the warehouse manager opens them: quantities, no unit cost and no worth of stock."""
    client, opened, leaks = client_of(make_member("warehouse_lead")), 0, []
    for path in (one.path() for one in _addresses("staff") if not one.parameters):
        answer = client.get(path)
        if answer.status_code == 200:
            opened += 1
            text = _text(answer)
            text += _text(client.get(f"{path}?export=csv")) if "export=csv" in text else ""
            leaks += [(path, cost) for cost in COSTS if cost in text]
    assert leaks == []
    assert opened > 40


def test_papers_of_the_other_company_are_not_there(alpha: Papers, both: dict[str, Papers]) -> None:
    """Beta's ids on alpha's host, for alpha's owner: every address with an id says that there is nothing."""
    client, tried, open_ones = client_of(Member.objects.get(pk=alpha.owner.member_id)), 0, []
    client.raise_request_exception = False
    with run_in(Tenant.objects.get(slug="beta")):
        keys = {
            label: apps.get_model(label)._default_manager.values_list("pk", flat=True).first()
            for label in set(KEYED.values())
        }
    for address in all_addresses():
        if len(address.names) != 1 or address.face in {"supplier", "customer"}:
            continue
        [(name, kind)] = address.parameters
        if name not in {"pk", "id"} and kind != "uuid":
            continue
        model = model_of(address, name)
        key = keys.get(model._meta.label) if model and name != "number" else None
        if isinstance(key, UUID) and kind in {"uuid", "str"}:
            for method in ("get", "post"):
                tried += 1
                answer = getattr(client, method)(address.path(**{name: key}))
                if answer.status_code not in {401, 403, 404, 405}:
                    open_ones.append((method, address.route, answer.status_code))
    assert open_ones == []
    assert tried > 30


def test_files_of_others_are_not_there(alpha: Papers, both: dict[str, Papers]) -> None:
    """A file is its partner's when it was shared with him; never the internal one, another's, or another company's."""
    with run_in(Tenant.objects.get(slug="beta")):
        foreign = list(Attachment.objects.all())
    for face in ("supplier", "customer"):
        for place in (0, 1):
            mine = _partners(alpha, face)[place]
            client = _browser(mine)
            shared = Attachment.objects.filter(visibility=face, party_id=mine.party.pk)
            for file in shared:
                assert client.get(f"/{face}/files/{file.pk}/").status_code == 200
            for file in [*Attachment.objects.exclude(pk__in=shared), *foreign]:
                assert client.get(f"/{face}/files/{file.pk}/").status_code == 404
                assert client.get(f"/files/{file.pk}").status_code in {302, 404}
    owner = client_of(Member.objects.get(pk=alpha.owner.member_id))
    for file in foreign:
        assert owner.get(f"/files/{file.pk}").status_code == 404


@pytest.mark.parametrize(("face", "place"), PEOPLE)
def test_a_session_is_good_for_its_face_and_host_only(alpha: Papers, face: str, place: int) -> None:
    """The cookie of a partner, replayed under every name on both hosts: only his own face opens."""
    key = _browser(_partners(alpha, face)[place]).cookies[f"troika_{face}"].value
    homes = {"staff": "/", "supplier": "/supplier/", "customer": "/customer/"}
    for host in ("alpha", "beta"):
        for other, home in homes.items():
            client = Client(SERVER_NAME=f"{host}.localhost")
            client.cookies[f"troika_{other}"] = key
            answer = client.get(home)
            own = host == "alpha" and other == face
            assert (answer.status_code == 200) == own, (host, other)
            assert own or answer.headers.get("Location", "").startswith(f"{home}signin/")


@pytest.mark.parametrize("face", ["supplier", "customer"])
def test_a_token_reads_nothing_of_others(alpha: Papers, face: str) -> None:
    """Every view of the API that is open to partners: papers of another are not there, and no answer names him."""
    mine, other = _partners(alpha, face)
    everybody = [each for each in [*alpha.customers, *alpha.suppliers] if each is not mine]
    secrets = set.union(*(each.secrets | each.numbers for each in everybody)) - mine.secrets - mine.numbers
    caller, opened, tried, wrong = Caller.of(mine.person), 0, 0, []
    for address in _addresses("api"):
        paths = list(_paths(address, other.papers))[:1] if address.parameters else _bare(address)
        for path in (each for each in paths if _answers(each, face)):
            answer = caller.call("GET", path.removeprefix("/api/v1/"))
            tried += 1
            if answer.status_code == 200:
                opened += 1
                wrong += [(path, secret) for secret in secrets if secret in _text(answer)]
                wrong += [(path, "open")] if address.parameters else []
    assert wrong == []
    assert (opened > 5, tried > 10) == (True, True)


def _answers(path: str, face: str) -> bool:
    """Whether the address is read, by partners of this kind among others."""
    view: Any = resolve(path, urlconf=COMPANY).func
    reads = getattr(getattr(view, "cls", None), "reads", {face: ""})
    return "get" in getattr(view, "actions", ()) and (face in reads if isinstance(reads, dict) else not reads)
