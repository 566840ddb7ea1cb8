"""Customers, search, tasks, messages, files and tickets in the staff face."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backend.access.models import Invitation
from backend.kernel.models import Attachment, Comment
from backend.parties.models import Party
from backend.sales.services import deliveries
from backend.service.models import Ticket
from backend.workflow.models import Notification, Task
from backend.workflow.services import create_task
from tests.people import client_of, make_member

pytestmark = pytest.mark.django_db

RANK = {
    "contacts-TOTAL_FORMS": "2",
    "contacts-INITIAL_FORMS": "0",
    "addresses-TOTAL_FORMS": "1",
    "addresses-INITIAL_FORMS": "0",
}


def customer_form(**changes):
    data = {"name": "绍兴启明印务有限公司", "language": "zh-hans", "payment_days": "30", "active": "on"}
    return (
        data
        | RANK
        | {"contacts-0-name": "孙工", "contacts-0-phone": "138", "addresses-0-street": "解放路 1 号"}
        | changes
    )


# --- customers ---------------------------------------------------------------------------------------------
def test_a_customer_is_made_with_pinyin_people_and_addresses(world, browser):
    client = browser()
    assert client.get("/customers/new/").status_code == 200
    answer = client.post("/customers/new/", customer_form(credit_limit="5000"))
    made = Party.objects.get(name="绍兴启明印务有限公司")
    assert answer["Location"] == f"/customers/{made.pk}/"
    assert made.mnemonic.startswith("SXQM")
    assert made.customer.credit_limit == 5000
    assert [contact.name for contact in made.contacts.all()] == ["孙工"]
    page = client.get(f"/customers/{made.pk}/edit/").content.decode()
    assert "解放路 1 号" in page


def test_a_refused_customer_keeps_what_was_typed_with_the_reason_at_its_field(world, browser):
    answer = browser().post("/customers/new/", customer_form(tax_id="123", remark="老客户"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert answer.context["forms"].form.errors["tax_id"]
    assert "老客户" in page
    assert "孙工" in page


def test_only_finance_changes_credit_limits(world, browser):
    client = browser("sales_rep")
    answer = client.post(f"/customers/{world.wenlan.pk}/edit/", customer_form(name=world.wenlan.name, credit_limit="1"))
    world.wenlan.customer.refresh_from_db()
    assert answer.status_code == 302
    assert world.wenlan.customer.credit_limit == Decimal(100000)


def test_everything_about_one_customer(world, browser, order_of, statements):
    order_of({"PA4": 10}, approved=True)
    client = browser()
    client.get(f"/customers/{world.wenlan.pk}/")
    with statements(12):
        page = client.get(f"/customers/{world.wenlan.pk}/")
    assert "1,320.00" in page.content.decode()
    assert page.status_code == 200
    assert client.get(f"/customers/{world.supplier.pk}/").status_code == 404


def test_people_of_a_customer_are_invited_and_withdrawn(world, browser):
    client = browser()
    base = f"/customers/{world.wenlan.pk}"
    refused = client.post(f"{base}/invitations/", {"email": "sun@example", "roles": ["customer_buyer"]})
    assert refused.status_code == 400
    assert "sun@example" in refused.content.decode()
    assert (
        client.post(f"{base}/invitations/", {"email": "sun@example.com", "roles": ["customer_buyer"]}).status_code
        == 302
    )
    invitation = Invitation.objects.get()
    assert invitation.party_id == world.wenlan.pk
    other = f"/customers/{world.linan.pk}/invitations/{invitation.pk}/revoke/"
    assert client.post(other).status_code == 404
    assert client.post(f"{base}/invitations/{invitation.pk}/revoke/").status_code == 302
    assert (
        browser("sales_rep")
        .post(f"{base}/invitations/", {"email": "x@example.com", "roles": ["customer_buyer"]})
        .status_code
        == 403
    )


def test_the_list_of_customers(world, browser, statements):
    client = browser()
    client.get("/customers/")
    with statements(8):
        assert client.get("/customers/").context["page"].count == 2
    assert client.get("/customers/?q=wl&view=all").context["page"].count == 1


# --- search ------------------------------------------------------------------------------------------------
def groups(client, query):
    client.cookies["troika_language"] = "en"
    answer = client.get("/search/", {"q": query}, headers={"X-Requested-With": "palette"})
    return {str(group.label): [hit.title for hit in group.items] for group in answer.context["groups"]}


def test_the_palette_finds_by_pinyin_number_and_prefix(world, browser, order_of, statements):
    order = order_of({"PA4": 1})
    client = browser()
    found = groups(client, "wl")
    assert world.wenlan.name in found["Partners"]
    assert order.number in found["Documents"]
    assert any(world.wenlan.label in title for title in found["Actions"])
    assert groups(client, f"#{order.number}") == {"Documents": [order.number]}
    assert set(groups(client, ">sales")) <= {"Actions", "Pages"}
    assert "复印纸 A4" in groups(client, "fyz").get("Items", ["复印纸 A4"])
    with statements(8):
        client.get("/search/?q=wl")


def test_search_shows_nothing_beyond_the_right(world, browser, order_of):
    order = order_of({"PA4": 1})
    assert groups(browser("sales_rep"), f"#{order.number}") == {}
    assert "Partners" not in groups(browser("picker"), "wl")


# --- tasks and notifications ---------------------------------------------------------------------------------
def test_tasks_are_ticked_off_and_foreign_ones_are_not_found(world, browser, actor, order_of):
    order = order_of({"PA4": 1})
    params = {"number": order.number, "customer": "文澜", "amount": "132"}
    create_task(
        kind="sales.order_to_approve",
        params=params,
        dedupe_key="t1",
        permission="sales.order.approve",
        subject=order,
        at=timezone.now(),
    )
    task = Task.objects.get()
    client = browser()
    assert order.number in client.get("/tasks/").content.decode()
    assert browser("picker").post(f"/tasks/{task.pk}/done/").status_code == 404
    assert client.post(f"/tasks/{task.pk}/done/").status_code == 302
    task.refresh_from_db()
    assert task.done_at


def test_what_several_are_asked_stands_once(world, browser, order_of):
    """One order to approve by either of two colleagues is one matter of everybody's list, and done for both."""
    order = order_of({"PA4": 1})
    people = [make_member("sales_manager", name=name) for name in ("罗经理", "高经理")]
    for person in people:
        create_task(
            kind="workflow.to_approve",
            params={"number": order.number, "level": "1", "amount": "132.00", "by": "张"},
            dedupe_key=f"approval:1:{person.pk}",
            assignee_id=person.pk,
            subject=order,
            at=timezone.now(),
        )
    shown = browser().get("/tasks/").content.decode()
    assert shown.count("/done/") == 1
    assert f"{order.number} 等待罗经理, 高经理审批" in shown
    assert "等待您审批" not in shown
    assert "等待您审批" in client_of(people[0]).get("/tasks/").content.decode()
    mine = client_of(people[1]).get("/tasks/?mine=1").content.decode()
    assert mine.count("/done/") == 1
    assert "罗经理" not in mine
    assert browser().post(f"/tasks/{Task.objects.first().pk}/done/").status_code == 302
    assert not Task.objects.filter(done_at=None).exists()


def test_a_notification_is_read_by_opening_it(world, browser, actor, member_for, client_for):
    member = member_for("sales_rep")
    note = Notification.objects.create(
        member_id=member.pk,
        kind="sales.delivery_signed",
        params={"number": "DN-1", "signed_by": "Liu"},
        url="/sales/orders/",
        dedupe_key="n1",
        created_at=timezone.now(),
    )
    client = client_for(member)
    assert "DN-1" in client.get("/tasks/notifications/recent/").content.decode()
    assert client.get(f"/tasks/notifications/{note.pk}/")["Location"] == "/sales/orders/"
    note.refresh_from_db()
    assert note.read_at
    assert browser().get(f"/tasks/notifications/{note.pk}/").status_code == 404
    assert client.get("/tasks/notifications/").status_code == 200


# --- messages and files --------------------------------------------------------------------------------------
def test_messages_and_files_on_a_document(world, browser, order_of):
    order = order_of({"PA4": 1})
    base = f"/discussion/sales.order/{order.pk}"
    client = browser()
    assert client.post(f"{base}/messages/", {"text": "下午到", "visibility": "customer"}).status_code == 302
    message = Comment.objects.get()
    assert (message.visibility, message.party_id) == ("customer", world.wenlan.pk)
    client.post(f"{base}/messages/", {"text": "内部", "visibility": "supplier"})
    assert Comment.objects.latest("created_at").visibility == "internal"
    upload = SimpleUploadedFile("合同.pdf", b"%PDF-1.7 x", content_type="application/pdf")
    assert client.post(f"{base}/files/", {"file": upload}).status_code == 302
    attachment = Attachment.objects.get()
    answer = client.get(f"/files/{attachment.pk}")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert "合同.pdf" in client.get(f"/sales/orders/{order.number}/").content.decode()
    stranger = browser("sales_rep")
    assert stranger.get(f"/files/{attachment.pk}").status_code == 404
    assert stranger.post(f"{base}/messages/", {"text": "x"}).status_code == 404


def test_a_file_that_is_not_what_it_says_is_refused(world, browser, order_of):
    order = order_of({"PA4": 1})
    upload = SimpleUploadedFile("x.pdf", b"MZ", content_type="application/pdf")
    answer = browser().post(f"/discussion/sales.order/{order.pk}/files/", {"file": upload})
    assert answer.status_code == 400
    assert not Attachment.objects.exists()


# --- tickets -------------------------------------------------------------------------------------------------
def test_a_ticket_from_a_delivered_line_to_its_solution(world, browser, order_of, statements):
    order = order_of({"PA4": 10}, approved=True)
    delivery = deliveries.ship_order(order_id=order.pk, actor=world.actor, at=timezone.now())
    line = delivery.lines.get()
    client = browser()
    assert client.get(f"/service/tickets/new/?delivery={delivery.number}").status_code == 200
    data = {
        "delivery_line_id": str(line.pk),
        "category": "damage",
        "priority": "normal",
        "description": "两箱压坏",
        "affected_qty": "2",
    }
    url = f"/service/tickets/new/?delivery={delivery.number}"
    refused = client.post(url, data | {"affected_qty": "2000"})
    assert refused.status_code == 400
    assert "两箱压坏" in refused.content.decode()
    assert client.post(url, data).status_code == 302
    ticket = Ticket.objects.get()
    base = f"/service/tickets/{ticket.number}"
    assert ticket.supplier_id == world.supplier.pk
    client.get(f"{base}/")
    with statements(14):
        page = client.get(f"{base}/").content.decode()
    assert world.supplier.name in page
    assert client.post(f"{base}/replies/", {"text": ""}).status_code == 400
    assert client.post(f"{base}/replies/", {"text": "马上补发"}).status_code == 302
    assert client.post(f"{base}/assignment/", {"member": str(world.actor.member_id)}).status_code == 302
    assert client.post(f"{base}/waiting/", {"waiting_for": "carrier"}).status_code == 302
    assert client.post(f"{base}/solution/", {"solution": "补发 2 箱"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.assignee_id) == ("solved", world.actor.member_id)
    assert client.post(f"{base}/confirmation/").status_code == 302
    assert client.post(f"{base}/reopening/", {"reason": "还缺一箱"}).status_code == 302


def test_the_list_of_tickets(world, browser, statements):
    client = browser()
    assert (
        client.post("/service/tickets/new/", {"category": "question", "priority": "normal", "subject": "?"}).status_code
        == 400
    )
    data = {"customer": str(world.wenlan.pk), "category": "question", "priority": "normal", "subject": "开票"}
    assert client.post("/service/tickets/new/", data).status_code == 302
    with statements(8):
        assert client.get("/service/tickets/").context["page"].count == 1
    assert browser("buyer").get("/service/tickets/").status_code == 403
