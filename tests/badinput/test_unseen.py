"""Nobody approves or hands in what he has not seen: every document that asks for it is refused while another version stands there.

Whatever has an address for approving, on its page or in the API, is tried; a new document needs no entry here.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from backend.kernel.document import Approval, Document
from tests.addresses import COMPANY, Address, all_addresses
from tests.api.caller import Caller
from tests.badinput.faces import browser
from tests.objects import model_of, objects_for
from tests.papers.laying import Papers

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unblocked")]
DECIDED = ("approval", "submission", "authorisation", "publication")
OTHERWISE = {"sales_quote_sending", "sales_return_decision", "inventory_count_start"}
WORDS = re.compile("was changed in the meantime|在此期间已被修改")


def test_every_page_says_what_it_showed(papers: Papers) -> None:
    client = browser("staff", papers)
    client.raise_request_exception = False
    passed, kinds = [], set()
    for address, path, draft in _drafts("staff"):
        with _undone():
            _open(draft)
            answer = client.post(path, {"version": draft.version + 7})
            if answer.status_code != 409 or not WORDS.search(answer.content.decode()) or _moved(draft):
                passed.append((address.name, answer.status_code))
        kinds.add(type(draft))
    assert not passed
    assert len(kinds) > 20


def test_every_call_may_say_what_was_read(papers: Papers) -> None:
    caller = Caller.of(papers.owner)
    passed, kinds = [], set()
    for address, path, draft in _drafts("api"):
        with _undone():
            _open(draft)
            answer = caller.call("POST", f"{path.removeprefix('/api/v1/')}?version={draft.version + 7}", {})
            if answer.status_code != 409 or answer.json().get("code") != "stale_version" or _moved(draft):
                passed.append((address.name, answer.status_code, answer.content[:200]))
        kinds.add(type(draft))
    assert not passed
    assert len(kinds) > 20


def _drafts(face: str) -> Iterator[tuple[Address, str, Any]]:
    """Addresses that approve or hand in, each with one document of its kind."""
    for address in all_addresses(COMPANY):
        if address.face != face or address.names != ("number",) or not _decides(address):
            continue
        model = model_of(address, "number")
        for values in objects_for(address)[:1] if model and issubclass(model, Document) else ():
            yield address, address.path(**values), model._default_manager.get(**values)  # type: ignore[union-attr]


def _decides(address: Address) -> bool:
    last = address.route.rstrip("/$").split("/")[-1]
    return last in DECIDED or address.name.split(":")[-1] in OTHERWISE


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _open(document: Any) -> None:
    """A draft again, as far as its own row goes: the refusal comes before anything else is looked at."""
    type(document)._default_manager.filter(pk=document.pk).update(approval=Approval.DRAFT)


def _moved(document: Any) -> bool:
    now = type(document)._default_manager.get(pk=document.pk)
    return (now.approval, now.version) != (Approval.DRAFT, document.version)
