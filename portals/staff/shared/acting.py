"""Steps on documents: one service call per POST; a refusal is shown on the page it came from, with nothing typed lost."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from portals.ui.components import ErrorBlock
from portals.ui.errors import block_of
from portals.ui.typed import count_of


def who_and_when(request: HttpRequest) -> dict[str, Any]:
    """The two values every service takes."""
    return {"actor": request.actor, "at": clock.now()}  # type: ignore[attr-defined]


def version_of(request: HttpRequest) -> int | None:
    """The version of the document the page showed, so that two people do not overwrite each other."""
    return count_of(request.POST.get("version", ""))


def step(
    request: HttpRequest,
    do: Callable[[], Any],
    *,
    done: Any,
    back: str | Callable[[Any], str],
    refused: Callable[[ErrorBlock], HttpResponse],
    title: Any = "",
) -> HttpResponse:
    """Do one thing and go on; when it is refused draw the page again with the reason in its place.

    `done` is said in a toast. `back` is an address, or a function of what the service gave.
    """
    try:
        made = do()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        response = refused(_from_here(request, block_of(refusal, title=title)))
        response.status_code = refusal.status
        return response
    if words := done(made) if callable(done) else done:
        messages.success(request, words)
    return HttpResponseRedirect(back(made) if callable(back) else back)


def _from_here(request: HttpRequest, block: ErrorBlock) -> ErrorBlock:
    """On the page of a document its own number says nothing."""
    number = str(request.resolver_match.kwargs.get("number", "")) if request.resolver_match else ""
    if not number:
        return block
    problems = tuple(replace(each, where=str(each.where).removeprefix(f"{number} · ")) for each in block.problems)
    return replace(block, problems=problems)


def reason_of(request: HttpRequest, words: Any) -> str:
    """The reason that was typed; raises ValidationRefused when there is none."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise ValidationRefused(str(words), field="reason")
    return reason[:300]
