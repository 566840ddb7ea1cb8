"""What supplier relations do when something happened, here or below."""

from django.utils import translation

from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.parties.events import PartySaved
from backend.srm.events import OutsiderTold
from backend.srm.services.admission import put_new_supplier_up
from backend.workflow.services import send_mail
from backend.workflow.texts import button_of, render


@subscribe(OutsiderTold, when="after_commit")
def mail_the_words(event: OutsiderTold, actor: Actor) -> None:
    """Send the mail in its reader's language."""
    with translation.override(event.language):
        title, body = render(event.kind, dict(event.params))
        button = button_of(event.kind)
    send_mail(to=event.to, title=title, body=body, url=event.url, button=button, language=event.language)


@subscribe(PartySaved, when="now")
def qualify_new_suppliers(event: PartySaved, actor: Actor) -> None:
    """Where the company wants every supplier qualified, a new one waits for approval whoever entered it."""
    if event.is_new:
        put_new_supplier_up(party_id=event.aggregate_id, actor=actor)
