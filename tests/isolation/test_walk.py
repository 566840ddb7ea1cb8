"""Nobody reads or changes what belongs to another company, whatever address and id he tries."""

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from backend.access import services as access
from backend.access.models import Member
from backend.kernel.document import DOC_TYPES
from backend.kernel.tenancy import run_in
from backend.parties.models import Party
from tenants.demo import companies
from tenants.models import Tenant
from tenants.schemas import tenant_apps
from tests import databases
from tests.addresses import Address as NamedAddress
from tests.addresses import all_addresses as named_addresses
from tests.isolation.addresses import Address, all_addresses
from tests.objects import KEYED
from tests.people import client_of, make_member, owner_actor

pytestmark = [pytest.mark.isolation, pytest.mark.slow]
OPEN_TO_ALL = {
    "signin/",
    "password/reset/",
    "supplier/signin/",
    "supplier/apply/",
    "supplier/password/reset/",
    "customer/signin/",
    "customer/password/reset/",
}
SECRETS = ("Evergood", "Wenlan", "Brightcolor", "Beta Trading", "beta@example.com")
MOVING = ("signout", "account/", "subscription/")


TRIED = ("Party", "Item", "Member", "SalesOrder", "Suggestion", "Warehouse", "Attachment", "Statement")


class Foreign:
    """What exists in beta: ids and numbers a member of alpha might try."""

    def __init__(self, beta: Any) -> None:
        with run_in(beta):
            self.ids = self._first(_models_named(TRIED), "pk")
            self.own = self._first({apps.get_model(label) for label in KEYED.values()}, "pk")
            self.numbers = self._first(DOC_TYPES.values(), "number")
            self.papers = self._first(DOC_TYPES.values(), "pk")
            self.digest = self.fingerprint()

    def tried_at(self, address: Address) -> Iterator[tuple[UUID, str]]:
        """An id and a number for each try: of the kind the address asks for and others; of every kind where it does not tell."""
        names, kinds = dict(address.parameters), {kind for _name, kind in address.parameters}
        if "doc_type" in names and "UUIDConverter" in kinds:
            yield from ((self.papers[model], kind) for kind, model in DOC_TYPES.items() if model in self.papers)
            return
        models, ids, numbers = address.models(), list(self.ids.values()), self.numbers_for(address.route)
        if models:
            ids = [self.own[model] for model in models if model in self.own] + ids[:2]
            numbers = [self.numbers[model] for model in models if model in self.numbers] or numbers[:2]
        yield from product(
            ids if "UUIDConverter" in kinds else ids[:1], numbers if kinds - {"UUIDConverter"} else ["-"]
        )

    def numbers_for(self, route: str) -> list[str]:
        """Numbers of the kinds of document an address speaks of; of all kinds when it names none."""
        fitting = [
            self.numbers[model]
            for kind, model in DOC_TYPES.items()
            if model in self.numbers and any(word in route for word in kind.replace(".", "_").split("_"))
        ]
        return fitting or list(self.numbers.values())

    @staticmethod
    def _first(models: Iterable[Any], field: str) -> dict[Any, Any]:
        """By model what the first of its objects has in this field; nothing for one that has none."""
        found = {model: model._default_manager.values_list(field, flat=True).first() for model in models}
        return {model: value for model, value in found.items() if value}

    @staticmethod
    def fingerprint() -> dict[str, int]:
        """Rows of every table of the company."""
        labels = set(tenant_apps())
        models = (model for model in apps.get_models() if model._meta.app_label in labels)
        return {model._meta.label: model._default_manager.count() for model in models}


def _models_named(names: Collection[str]) -> list[Any]:
    labels = set(tenant_apps())
    return [model for model in apps.get_models() if model._meta.app_label in labels and model.__name__ in names]


@pytest.fixture(scope="module")
def laid(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[Foreign]:
    """A database of its own, where beta has its sample data."""
    settings.MEDIA_ROOT = str(folder)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with django_db_blocker.unblock(), databases.own_copy():
        beta = Tenant.objects.get(slug="beta")
        companies.lay_sample_data(tenant=beta, at=timezone.now())
        yield Foreign(beta)


@pytest.fixture(scope="module")
def laid_here_too(laid: Foreign) -> None:
    """Alpha has its sample data as well."""
    companies.lay_sample_data(tenant=Tenant.objects.get(slug="alpha"), at=timezone.now())


@pytest.fixture
def foreign(laid: Foreign, tenant: Any) -> Foreign:
    """What is beta's; alpha is active, and what is done is rolled back."""
    return laid


def _paths(foreign: Foreign, prefix: str = "") -> list[str]:
    """Every address with parameters, tried with foreign ids and numbers."""
    paths = set()
    for address in all_addresses():
        if not address.route.startswith(prefix) or not address.parameters:
            continue
        paths |= {address.filled(identifier=one, number=number) for one, number in foreign.tried_at(address)}
    return sorted(paths)


def _leaks(answer: Any) -> bool:
    if answer.status_code != 200:
        return False
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = content.decode(errors="replace")
    return any(secret in text for secret in SECRETS)


def test_foreign_ids_and_numbers_are_unknown_to_staff(foreign: Foreign, beta: Any, client_for: Any) -> None:
    client = client_for(Member.objects.get(roles__code="owner"))
    broken = []
    for path in _paths(foreign):
        if path.startswith(("/supplier/", "/customer/", "/api/")):
            continue
        answer = client.get(path)
        if _leaks(answer) or answer.status_code >= 500:
            broken.append((path, answer.status_code))
    assert broken == []
    with run_in(beta):
        assert foreign.fingerprint() == foreign.digest


def test_changing_by_foreign_ids_and_numbers_changes_nothing(foreign: Foreign, beta: Any, client_for: Any) -> None:
    client = client_for(Member.objects.get(roles__code="owner"))
    broken = []
    for path in _paths(foreign):
        if path.startswith(("/supplier/", "/customer/", "/api/")) or any(word in path for word in MOVING):
            continue
        answer = client.post(path)
        if answer.status_code >= 500 or answer.status_code == 200 and _leaks(answer):
            broken.append((path, answer.status_code))
    assert broken == []
    with run_in(beta):
        assert foreign.fingerprint() == foreign.digest


@pytest.mark.parametrize(("face", "role"), [("supplier", "supplier_admin"), ("customer", "customer_buyer")])
@pytest.mark.usefixtures("laid_here_too")
def test_foreign_ids_are_unknown_in_the_portals(foreign: Foreign, face: str, role: str) -> None:
    party = Party.objects.filter(**{f"is_{face}": True}).first()
    client = client_of(make_member(role, party=party))
    broken = []
    for path in _paths(foreign, f"{face}/"):
        for answer in (client.get(path), client.post(path)) if "signout" not in path else ():
            if _leaks(answer) or answer.status_code >= 500:
                broken.append((path, answer.status_code))
    assert broken == []


def test_every_address_asks_a_stranger_to_sign_in(tenant: Any, beta: Any, client_for: Any) -> None:
    """Without a session, and with one of another company: pages lead to the sign-in, nothing shows data."""
    stolen = client_for(Member.objects.get(roles__code="owner")).cookies["troika_staff"].value
    open_pages = []
    for cookies in ({}, {"troika_staff": stolen, "troika_supplier": stolen, "troika_customer": stolen}):
        client = Client(SERVER_NAME="beta.localhost")
        for name, value in cookies.items():
            client.cookies[name] = value
        for address in all_addresses():
            path = address.filled(identifier=UUID(int=1), number="X-1")
            answer = client.get(path)
            if answer.status_code == 200 and not _may_be_open(address):
                open_pages.append((bool(cookies), path))
            assert answer.status_code < 500, path
    assert open_pages == []


def _may_be_open(address: Address | NamedAddress) -> bool:
    return (
        address.route in OPEN_TO_ALL
        or address.route.endswith(("manifest.webmanifest", "sw.js"))
        or address.route
        in {
            "api/v1/schema/",
            "api/v1/docs/",
        }
    )


def test_a_token_is_good_for_its_company_only(tenant: Any, beta: Any) -> None:
    actor = owner_actor()
    assert actor.member_id
    _token, secret = access.issue_token(member_id=actor.member_id, name="test", actor=actor, at=timezone.now())
    headers = {"Authorization": f"Bearer {secret}"}
    routes = [address for address in named_addresses() if address.face == "api"]
    plain = [address.path() for address in routes if not address.parameters and not _may_be_open(address)]
    assert len(plain) > 20
    assert Client(SERVER_NAME="alpha.localhost").get("/api/v1/access/me/", headers=headers).status_code == 200
    answers = set()
    for path in plain:
        answer = Client(SERVER_NAME="beta.localhost").get(path, headers=headers)
        answers.add(answer.status_code)
        assert "data" not in json.loads(answer.content or b"{}"), path
    assert answers <= {401, 405}
