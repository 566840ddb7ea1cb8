"""M-14: a link without an account is good for one line and seven days, revocable, rate limited, audited, without prices."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from backend.kernel.files import Attachment
from backend.kernel.models import AuditEntry
from backend.kernel.tenancy import run_in
from backend.processes.progress_links import give_link
from backend.purchasing.models import NodeTemplate, ProgressLink, ProgressReport
from backend.purchasing.services import nodes, orders, progress_links
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.factories.purchasing import BUYER, confirm, make_purchase_order
from tests.papers.partners import PNG

pytestmark = pytest.mark.usefixtures("tenant")


def stranger(host: str = "alpha") -> Client:
    return Client(SERVER_NAME=f"{host}.localhost", headers={"accept-language": "en"})


@pytest.fixture
def order() -> Any:
    from backend.kernel import clock

    supplier = make_supplier(email="works@example.com", language="en")
    made = make_purchase_order(
        (make_item(), 100, "87.65"), (make_item(), 5), supplier=supplier, requested=clock.today() + timedelta(days=20)
    )
    orders.send_order(order_id=made.pk, actor=BUYER, at=timezone.now())
    confirm(made)
    return made


@pytest.fixture
def given(order: Any) -> Any:
    line = order.lines.get(line_no=1)
    nodes.plan_nodes(order_id=order.pk, template_id=NodeTemplate.objects.get().pk, actor=BUYER, at=timezone.now())
    return give_link(order_line_id=line.pk, mail=True, actor=BUYER, at=timezone.now())


def path(given: Any) -> str:
    return "/" + given.url.split("/", 3)[3]


def report(given: Any, client: Client | None = None, **more: Any) -> Any:
    data = {"node": "in_production", "percent": "60", "note": "second shift", **more}
    return (client or stranger()).post(path(given), data)


def test_a_worker_reports_without_signing_in(order, given):
    page = stranger().get(path(given))
    text = page.content.decode()
    assert page.status_code == 200
    assert order.number in text
    assert order.lines.get(line_no=1).item.name in text
    assert order.lines.get(line_no=2).item.name not in text, "one line only"
    assert "87.65" not in text
    assert "8,765" not in text
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    from django.core.files.uploadedfile import SimpleUploadedFile

    photo = SimpleUploadedFile("packed.png", PNG, "image/png")
    assert report(given, photo=photo).status_code == 302
    row = ProgressReport.objects.get()
    assert (row.node, row.percent, row.note, row.channel) == ("in_production", 60, "second shift", "link")
    assert Attachment.objects.get(pk=row.photo_id).visibility == "supplier"
    entry = AuditEntry.objects.get(subject_id=order.pk, verb="progress")
    assert (entry.channel, entry.actor_kind) == ("link", "supplier")
    assert "by link" in entry.actor_name
    link = ProgressLink.objects.get()
    assert (link.uses, link.used_at is not None) == (1, True)


def test_only_the_hash_is_kept_and_the_link_is_mailed(given, django_capture_on_commit_callbacks, order):
    token = path(given).split("/")[-2]
    link = ProgressLink.objects.get()
    assert token not in str(ProgressLink.objects.values().get())
    assert link.sent_to == "works@example.com"
    with django_capture_on_commit_callbacks(execute=True):
        again = give_link(order_line_id=link.order_line_id, mail=True, actor=BUYER, at=timezone.now())
    [letter] = mail.outbox
    assert again.url in letter.body
    assert stranger().get(path(given)).status_code == 404, "a new link ends the former"
    assert stranger().get(path(again)).status_code == 200


def test_seven_days_revoked_closed_and_foreign_are_not_there(order, given, beta):
    link = ProgressLink.objects.get()
    assert link.expires_at - link.created_at == timedelta(days=7)
    assert stranger("beta").get(path(given)).status_code == 404
    assert report(given, stranger("beta")).status_code == 404
    with run_in(beta):
        assert not ProgressReport.objects.exists()
    assert stranger().get("/supplier/progress/nonsense/").status_code == 404
    progress_links.revoke_link(link_id=link.pk, actor=BUYER, at=timezone.now())
    assert stranger().get(path(given)).status_code == 404
    assert report(given).status_code == 404
    other = give_link(order_line_id=link.order_line_id, mail=False, actor=BUYER, at=timezone.now())
    ProgressLink.objects.filter(pk=other.link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert stranger().get(path(other)).status_code == 404
    last = give_link(order_line_id=link.order_line_id, mail=False, actor=BUYER, at=timezone.now())
    orders.close_order(order_id=order.pk, actor=BUYER, at=timezone.now())
    assert stranger().get(path(last)).status_code == 404
    assert AuditEntry.objects.filter(subject_id=order.pk, verb="revoke_link").count() == 1


def test_wrong_input_keeps_what_was_typed_and_too_many_are_refused(given):
    answer = report(given, percent="140")
    assert answer.status_code == 400
    assert "second shift" in answer.content.decode()
    answers = {report(given, percent="x").status_code for _number in range(25)}
    assert answers == {400, 429}
    assert not ProgressReport.objects.exists()


def test_the_buyer_gives_and_ends_links_on_the_order_page(order, client_for, member_for):
    buyer, line = client_for(member_for("buyer")), order.lines.get(line_no=1)
    base = f"/purchasing/orders/{order.number}/"
    made = buyer.post(f"{base}links/", {"line": str(line.pk), "mail": "no"})
    assert made.status_code == 200
    assert "/supplier/progress/" in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    link = ProgressLink.objects.get()
    assert str(link.pk) in buyer.get(base).content.decode()
    assert buyer.post(f"{base}links/revocation/", {"link": str(link.pk)}).status_code == 302
    link.refresh_from_db()
    assert link.revoked_at is not None
    other = make_purchase_order((make_item(), 3))
    assert buyer.post(f"{base}links/", {"line": str(other.lines.get().pk)}).status_code == 404
    foreign = f"/purchasing/orders/{other.number}/links/revocation/"
    assert buyer.post(foreign, {"link": str(link.pk)}).status_code == 404
    assert client_for(member_for("analyst")).post(f"{base}links/", {"line": str(line.pk)}).status_code == 403


def test_the_buyer_plans_nodes_on_the_order_page(order, client_for, member_for):
    """SRM-12: planned and actual dates."""
    buyer, base = client_for(member_for("buyer")), f"/purchasing/orders/{order.number}/"
    template = NodeTemplate.objects.get()
    assert buyer.post(f"{base}plan/", {"template": str(template.pk)}).status_code == 302
    node = order.lines.get(line_no=1).nodes.get(node="packed")
    day = (node.planned_date + timedelta(days=1)).isoformat()
    assert buyer.post(f"{base}nodes/", {f"node-{node.pk}": day}).status_code == 302
    node.refresh_from_db()
    assert node.planned_date.isoformat() == day
    assert f'value="{day}"' in buyer.get(base).content.decode()
    assert buyer.post(f"{base}nodes/", {f"node-{node.pk}": "soon"}).status_code == 400
    assert buyer.post(f"{base}plan/", {"template": "x"}).status_code == 404
    page = "/purchasing/production-nodes/"
    assert buyer.get(page).status_code == 200
    typed = {"name": "Castings", "material_ready": "14", "packed": "1", "active": "yes"}
    assert buyer.post(page, typed).status_code == 302
    assert NodeTemplate.objects.get(name="Castings").steps.count() == 2
    assert buyer.post(page, typed | {"packed": "many", "name": "Z"}).status_code == 400
    assert buyer.post(page, typed | {"template": "nonsense"}).status_code == 404
