"""Reporting progress by a link, without an account: one line, no prices, a phone in a workshop (M-14)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.kernel import clock
from backend.kernel.errors import Refusal
from backend.purchasing.models import Node, ProgressLink
from backend.purchasing.services import progress, progress_links
from portals.supplier.frame import refused
from portals.ui import typed as reading
from tenants import throttle
from tenants.sessions import client_address


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def progress_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The line of the link: how far it is, and a form to say so. Any link that is not good is not there."""
    now = clock.now()
    if request.method == "POST":
        throttle.count_attempt("progress", email=token, address=client_address(request))
    link = progress_links.open_link(token, now)
    if request.method != "POST":
        return _draw(request, link)
    try:
        progress.report_progress(
            order_line_id=link.order_line_id,
            node=reading.words(request.POST, "node", 20),
            percent=reading.whole(request.POST, "percent", least=0, most=100),
            note=reading.words(request.POST, "note"),
            expected_ship_date=reading.day(request.POST, "expected_ship_date"),
            photo=reading.upload(request.FILES, "photo"),
            actor=progress_links.actor_of(link),
            at=now,
        )
    except Refusal as refusal:
        return _draw(request, link, refusal)
    progress_links.count_use(link, now)
    messages.success(request, _("Thank you, the buyer sees the progress now."))
    return redirect("supplier:progress_by_link", token=token)


def _draw(request: HttpRequest, link: ProgressLink, refusal: Refusal | None = None) -> HttpResponse:
    line = link.order_line
    planned = {row.node: row for row in line.nodes.all()}
    posted: Any = request.POST if refusal else {}
    context: dict[str, Any] = {
        "link": link,
        "line": line,
        "order": line.document,
        "due": line.schedule.filter(shipped_qty=0).order_by("-date").values_list("date", flat=True).first(),
        "nodes": [{"code": code, "label": label, "row": planned.get(code)} for code, label in Node.choices],
        "chosen": posted.get("node") or line.progress_node or Node.MATERIAL_READY,
        "typed": posted,
        "percent": posted.get("percent", line.progress_pct),
        "today": clock.today(),
        "reports": line.progress_reports.order_by("-at", "-id")[:5],
    }
    if refusal:
        context |= refused(refusal)
    answer = render(request, "supplier/progress_link.html", context, status=refusal.status if refusal else 200)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "same-origin"
    return answer
