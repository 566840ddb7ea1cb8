"""Refusals and HTTP errors as pages: what was not done, that nothing is lost, then per line where, why and the way out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from backend.kernel.errors import PermissionRefused, ReadOnlyTenant, Refusal, WayOut
from portals.ui import navigation
from portals.ui.components import Action, ErrorBlock, Problem
from portals.ui.field_names import field_name
from portals.ui.origin import came_from

PROBLEMS_ID = "tk-problems"
_LAYOUTS = {"staff": "ui/staff.html", "supplier": "ui/portal.html", "customer": "ui/portal.html"}


# fields whose value is a code of ours: the message says the state in words
_SAID_IN_WORDS = {"version", "approval", "closing", "state", "credit_state"}


def _where(problem: Refusal) -> str:
    parts = []
    if problem.document:
        parts.append(str(problem.document))
    if problem.line is not None:
        parts.append(_("Line %(line)s") % {"line": problem.line})
    if problem.field:
        parts.append(field_name(problem.field))
    if problem.value not in (None, "") and problem.field not in _SAID_IN_WORDS and len(str(problem.value)) <= 24:
        parts.append(str(problem.value))
    return " · ".join(parts) or _("Reason")


def _way(link: WayOut, first: bool) -> Action | None:
    url = link.url or navigation.document_address(link.doc_type, link.number)
    return Action(link.label, url, look="soft" if first else "") if url else None


def problem_of(problem: Refusal) -> Problem:
    """One refused line as the error block shows it."""
    ways = (_way(link, index == 0) for index, link in enumerate(problem.links))
    return Problem(_where(problem), problem.message, problem.way_out or "", tuple(way for way in ways if way))


def block_of(refusal: Refusal, *, title: Any = "", comfort: Any = "") -> ErrorBlock:
    """The error block of a refusal, for a page that keeps its form; put it above the form with `{% error_block … %}`."""
    count = len(refusal.problems)
    default = ngettext(
        "Not done: %(count)s thing needs attention first", "Not done: %(count)s things need attention first", count
    )
    return ErrorBlock(
        title or default % {"count": count},
        comfort or _("Nothing was changed."),
        tuple(problem_of(problem) for problem in refusal.problems),
    )


def cell_errors(refusal: Refusal) -> dict[int, dict[str, str]]:
    """Errors by line number and field, for the line grid."""
    found: dict[int, dict[str, str]] = {}
    for problem in refusal.problems:
        if problem.line is not None:
            words = f"{problem.message} {problem.way_out or ''}".strip()
            found.setdefault(problem.line, {})[problem.field or ""] = words
    return found


def _back(request: HttpRequest) -> tuple[Action, ...]:
    came = came_from(request)
    ways = []
    if came.netloc == request.get_host() and came.path != request.path:
        where = came.path + (f"?{came.query}" if came.query else "")
        ways.append(Action(_("Back to where you were"), where, icon="arrow-left", look="soft"))
    home = {"supplier": "/supplier/", "customer": "/customer/"}.get(getattr(request, "face", ""), "/")
    ways.append(Action(_("Back to the start"), home, icon="home"))
    return tuple(ways)


def error_page(request: HttpRequest, block: ErrorBlock, *, status: int, ways: tuple[Action, ...] = ()) -> HttpResponse:
    """The block in the layout of the face, or in the plain one for a stranger."""
    layout = "ui/plain.html"
    if getattr(request, "member", None) is not None:
        layout = _LAYOUTS.get(getattr(request, "face", ""), layout)
    context = {"block_data": block, "ways": ways or _back(request), "layout": layout}
    return render(request, "ui/error.html", context, status=status)


def _ended(refusal: Refusal) -> ErrorBlock | None:
    """A link that ran out, say: what was there is over and what to do is known, so that leads and no address is blamed."""
    if refusal.status != 404 or not refusal.way_out:
        return None
    return ErrorBlock(refusal.message, "", (Problem(pgettext("error", "Next step"), refusal.way_out),))


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal nobody caught: a page, or for htmx a fragment that goes to the problems place of the page."""
    title: Any = ""
    if isinstance(refusal, PermissionRefused):
        title = _("You do not have the right for this")
    elif isinstance(refusal, ReadOnlyTenant):
        title = _("This company is read only")
    elif refusal.status == 404:
        title = _("There is nothing at this address")
    block = _ended(refusal) or block_of(refusal, title=title)
    if getattr(request, "htmx", False):
        response = render(request, "ui/parts/error_block.html", {"it": block}, status=refusal.status)
        response["HX-Retarget"] = f"#{PROBLEMS_ID}"
        response["HX-Reswap"] = "innerHTML show:window:top"
        return response
    return error_page(request, block, status=refusal.status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    words = _("The address or the form was not complete. Go back, reload the page and try again.")
    block = ErrorBlock(_("This request could not be read"), _("Nothing was changed."), (Problem(_("Request"), words),))
    return error_page(request, block, status=400)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    words = _("Ask the owner of your company to give your role this right.")
    block = ErrorBlock(
        _("You do not have the right for this"), _("Nothing was changed."), (Problem(_("Right"), words),)
    )
    return error_page(request, block, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    words = _("Reload the page and send it again. If it happens again, allow cookies for this site.")
    comfort = _("Nothing was changed. Go back: what you typed is still in the form.")
    return error_page(
        request, ErrorBlock(_("This page was open for too long"), comfort, (Problem(_("Form"), words),)), status=403
    )


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    note = _("It may have been renamed, or it belongs to another company you are signed in to.")
    block = ErrorBlock(_("There is nothing at this address"), "", (Problem(_("Address"), request.path, note),))
    return error_page(request, block, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    words = _("It has been recorded with the time and the page. Try again in a minute.")
    comfort = _("The last change was not made; nothing is half done.")
    try:
        return error_page(
            request, ErrorBlock(_("Something broke on our side"), comfort, (Problem(_("Server"), words),)), status=500
        )
    except Exception:  # the page itself may need what broke
        return HttpResponse(
            "Something broke on our side. Try again in a minute.", status=500, content_type="text/plain"
        )
