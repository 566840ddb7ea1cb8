"""Giving out a link to report progress: mailed to the supplier when there is an address, shown to the buyer in any case."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import translation

from backend.kernel import clock, tenancy
from backend.kernel.actor import Actor
from backend.processes.telling import address_of
from backend.purchasing.models import ProgressLink, PurchaseOrderLine
from backend.purchasing.services.progress_links import issue_link
from backend.workflow.services import send_mail
from backend.workflow.texts import button_of, render

KIND = "supplier.progress_link"


@dataclass(frozen=True)
class GivenLink:
    """A link as its buyer sees it once; ``mailed_to`` is empty when nobody was mailed."""

    link: ProgressLink
    url: str
    mailed_to: str


def path_of(token: str) -> str:
    """Where a link leads."""
    return f"/supplier/progress/{token}/"


def give_link(*, order_line_id: UUID, mail: bool, actor: Actor, at: datetime) -> GivenLink:
    """Make a link for a line and mail it; the mail leaves once the link is written."""
    line = PurchaseOrderLine.objects.select_related("document__supplier", "item").filter(pk=order_line_id).first()
    to = address_of(line.document.supplier) if line is not None and mail else ""
    link, token = issue_link(order_line_id=order_line_id, sent_to=to, actor=actor, at=at)
    if line is not None and to:
        tenancy.on_commit(_send, line, link, path_of(token), to)
    return GivenLink(link, tenancy.address_of(path_of(token)), to)


def _send(line: PurchaseOrderLine, link: ProgressLink, path: str, to: str) -> None:
    supplier = line.document.supplier
    params = {
        "number": line.document.number,
        "company": getattr(tenancy.current(), "name", "") or "Troika",
        "item": line.item.name,
        "line": line.line_no,
        "until_date": clock.day_of(link.expires_at).isoformat(),
    }
    with translation.override(supplier.language):
        title, body = render(KIND, params)
        button = button_of(KIND)
    send_mail(to=to, title=title, body=body, url=path, button=button, language=supplier.language)
