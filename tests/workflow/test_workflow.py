"""Parameters, to-dos, messages and mails."""

import pytest
from django.core import mail
from django.utils import translation

from backend.access.services import actor_for
from backend.kernel.actor import Actor
from backend.kernel.errors import ValidationRefused
from backend.kernel.models import AuditEntry
from backend.kernel.outbox.relay import relay
from backend.workflow import parameters, selectors, texts
from backend.workflow.models import Notification, Setting, Task
from backend.workflow.services import complete_tasks, create_task, mark_read, notify, save_view, set_parameter
from tests.factories.parties import AT, make_customer

pytestmark = pytest.mark.usefixtures("tenant")


def test_every_parameter_is_written_at_the_foundation():
    assert set(Setting.objects.values_list("key", flat=True)) == set(parameters.PARAMETERS)
    assert parameters.get("sales.credit_policy") == "hold"
    assert parameters.get("purchasing.auto_send") is True


def test_parameters_are_cached_and_a_change_is_seen_at_once(actor, django_assert_num_queries):
    parameters.get("service.response_hours")
    with django_assert_num_queries(0):
        assert parameters.get("service.response_hours") == 24
    set_parameter(key="service.response_hours", value="8", actor=actor, at=AT)
    assert parameters.get("service.response_hours") == 8
    entry = AuditEntry.objects.latest("id")
    assert entry.changes == {"service.response_hours": ["24", "8"]}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sales.credit_policy", "maybe"),
        ("service.response_hours", "soon"),
        ("service.response_hours", 0),
        ("no.such", 1),
    ],
)
def test_a_wrong_value_is_refused(actor, key, value):
    with pytest.raises(ValidationRefused):
        set_parameter(key=key, value=value, actor=actor, at=AT)


def make_task(**values):
    values = {
        "kind": "sales.credit_hold",
        "params": {"number": "SO-1", "customer": "A"},
        "dedupe_key": "credit:1",
        "permission": "sales.credit.release",
        **values,
    }
    create_task(at=AT, **values)


def test_a_matter_is_one_open_task(actor, django_assert_num_queries):
    make_task()
    with django_assert_num_queries(1):
        make_task(params={"number": "SO-2"})
    task = Task.objects.get()
    assert task.params == {"number": "SO-2"}
    assert complete_tasks(dedupe_key="credit:1", actor=actor, at=AT) == 1
    make_task()
    assert Task.objects.count() == 2


def test_tasks_are_seen_by_those_who_may_act(member_for):
    make_task()
    finance, seller = actor_for(member_for("finance_manager")), actor_for(member_for("sales_rep"))
    make_task(dedupe_key="mine", permission="", assignee_id=seller.member_id)
    assert [t.dedupe_key for t in selectors.open_tasks(finance)] == ["credit:1"]
    assert [t.dedupe_key for t in selectors.open_tasks(seller)] == ["mine"]


def test_a_kind_without_words_is_a_mistake():
    with pytest.raises(KeyError):
        make_task(kind="no.words")


def test_words_read_in_both_languages():
    params = {"number": "XSDD-1", "line_no": 2, "new_date": "2026-12-01", "old_date": None, "cause": "late"}
    with translation.override("en"):
        title, body = texts.render("sales.promise_moved", params)
    assert title == "XSDD-1 line 2: now 1 Dec 2026, it was to be confirmed"
    assert body == "late"
    with translation.override("zh-hans"):
        assert "2026-12-01" in texts.render("sales.promise_moved", params)[0]


@pytest.mark.parametrize("kind", sorted(texts.TEXTS))
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_kind_renders(kind, language):
    with translation.override(language):
        title, _body = texts.render(kind, {})
        assert title
        assert "%(" not in title
        assert texts.button_of(kind)


def test_a_message_goes_to_bell_and_mail_once(member_for):
    agent = member_for("service_agent", email="agent@example.com")
    for _twice in range(2):
        notify(
            kind="service.ticket_opened",
            params={"number": "GD-1", "subject": "卡纸", "customer": "甲"},
            url="/service/tickets/GD-1/",
            dedupe_key="ticket:1",
            permission="service.ticket.edit",
            at=AT,
            actor=Actor.system(),
        )
        relay()
    assert Notification.objects.filter(member_id=agent.pk).count() == 1
    sent = [m for m in mail.outbox if m.to == ["agent@example.com"]]
    assert len(sent) == 1
    assert "http://alpha.localhost" in sent[0].body
    assert "/service/tickets/GD-1/" in sent[0].alternatives[0][0]
    assert mark_read(member_id=agent.pk, at=AT) == 1
    assert not selectors.notifications_of(agent.pk, unread_only=True)


def test_who_acts_is_not_told_and_partners_only_by_party(member_for):
    ours, other = make_customer(), make_customer()
    buyer, stranger = member_for("customer_buyer", party=ours), member_for("customer_buyer", party=other)
    told = notify(
        kind="customer.order_confirmed",
        params={"number": "XSDD-1", "promise_date": ""},
        url="/customer/orders/XSDD-1/",
        dedupe_key="order:1",
        party_id=ours.pk,
        permission="customer.order.view",
        members=[buyer],
        at=AT,
        actor=actor_for(stranger),
    )
    assert told == 1
    assert Notification.objects.get().member_id == buyer.pk
    assert not notify(
        kind="customer.order_confirmed",
        params={},
        url="",
        dedupe_key="o:2",
        members=[buyer],
        at=AT,
        actor=actor_for(buyer),
    )


def test_views_are_kept_by_name(actor):
    save_view(actor=actor, page="sales.order", name="迟交", query="late=1")
    save_view(actor=actor, page="sales.order", name="迟交", query="late=2")
    assert [v.query for v in selectors.saved_views(actor.member_id, "sales.order")] == ["late=2"]
